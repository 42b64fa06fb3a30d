//! What kills a mutant.

use std::fmt;

use serde::Serialize;

use crate::mutant::{Family, Fault};
use crate::trial::{FailurePage, TrialReport, Verdict};

/// The invariant that looks for runs that stall.
const PROGRESS: &str = "progress";

/// Who is to find what a fault breaks, by what the fault is about: that an item is lost must be said
/// by a judge of loss, and not only by one who wonders why a queue is empty. Anybody where nobody is
/// named.
const fn judges(family: Family) -> &'static [&'static str] {
    match family {
        Family::Loss | Family::Duplication => &["delivery", "boundary", "stream", "flush", "kill"],
        Family::Order => &["order", "causal", "stream"],
        Family::Content => &["delivery", "boundary", "content", "stream"],
        Family::End => &["end", "peer"],
        Family::Capacity => &["bound", "timing", "poll", "pause"],
        Family::Liveness => &[PROGRESS, "waking", "wake"],
        Family::Resources => &["residue", "inheritance"],
        Family::Manners | Family::Control => &[],
    }
}

/// A case in which a promise was found broken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Kill {
    /// The permutation, as in `queue/bounded[capacity=1]`.
    pub permutation: String,
    /// The promise.
    pub clause: String,
    /// Who found it broken.
    pub invariant: String,
}

impl Kill {
    /// What kills the backend with this fault in this run, if anything does. Of several this one, if
    /// it is among them; else the first that isn't just about a stall.
    pub(super) fn of(report: &TrialReport, fault: Fault, this: Option<&Kill>) -> Option<Kill> {
        let mut kills = Kill::all_of(report, Verdict::Fail);
        let judges = judges(fault.family());
        let is_fit = |kill: &Kill| {
            judges.is_empty() || judges.contains(&kill.invariant.as_str())
        };
        kills.retain(|kill| is_fit(kill) && (fault.hangs() || kill.invariant != PROGRESS));
        kills.sort_by_key(|kill| kill.invariant == PROGRESS);
        let place = kills.iter().position(|kill| Some(kill) == this);
        let place = place.unwrap_or(0);
        (place < kills.len()).then(|| kills.swap_remove(place))
    }

    /// The same where nobody is promised what was broken: it is found all the same.
    pub(super) fn of_nobodys(report: &TrialReport) -> Option<Kill> {
        Kill::all_of(report, Verdict::Unpromised).into_iter().next()
    }

    fn all_of(report: &TrialReport, verdict: Verdict) -> Vec<Kill> {
        let permutation = permutation(report);
        let has_verdict = |page: &&FailurePage| {
            let mut clauses = report.clauses.iter();
            clauses.any(|one| Some(&one.clause) == page.clause.as_ref() && one.verdict == verdict)
        };
        let pages = report.failures.iter().filter(has_verdict);
        let kill = |page: &FailurePage| {
            Some(Kill {
                permutation: permutation.clone(),
                clause: page.clause.as_ref()?.to_string(),
                invariant: page.invariant.clone(),
            })
        };
        pages.filter_map(kill).collect()
    }
}

/// The trial's name without its backend.
fn permutation(report: &TrialReport) -> String {
    let name = report.name.to_string();
    let backend = format!("@{}", report.name.backend);
    name.strip_suffix(&backend).unwrap_or(&name).to_owned()
}

/// As the table has it.
impl fmt::Display for Kill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Kill {
            permutation,
            clause,
            invariant,
        } = self;
        write!(f, "{permutation}: {clause} by {invariant}")
    }
}

impl Kill {
    /// Reads what `Display` writes.
    pub(super) fn parse(text: &str) -> Option<Kill> {
        let (rest, invariant) = text.rsplit_once(" by ")?;
        let (permutation, clause) = rest.rsplit_once(": ")?;
        Some(Kill {
            permutation: permutation.to_owned(),
            clause: clause.to_owned(),
            invariant: invariant.to_owned(),
        })
    }
}
