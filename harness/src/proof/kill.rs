//! What kills a mutant.

use std::fmt;

use serde::Serialize;

use crate::judge::{Finding, FindingState, TrialReport, Verdict};
use crate::mutant::{Family, Fault};

/// The invariant that looks for runs that stall.
const PROGRESS: &str = "progress";

/// Who is to find what a fault breaks: that an item is lost must be said by a judge of loss, and not
/// only by one who wonders why a queue is empty. Anybody where nobody is named.
fn judges(fault: Fault) -> &'static [&'static str] {
    match (fault, fault.family()) {
        // What isn't sent and is said to be is too much for a bound, or missing.
        (Fault::Mute, _) => &["peer", "bound", "wake"],
        (Fault::StolenName, _) => &["name"],
        (Fault::LostClient, _) => &["accept"],
        (Fault::NonsenseWelcome, _) => &["wire"],
        (_, Family::Loss) => &["delivery", "boundary", "stream", "flush", "end"],
        (_, Family::Duplication) => &["delivery", "boundary", "stream"],
        (_, Family::Order) => &["order", "causal", "linearizable", "stream"],
        (_, Family::Content) => &["delivery", "boundary", "content", "stream"],
        (_, Family::End) => &["end"],
        (_, Family::Capacity) => &["bound", "timing", "poll", "pause", PROGRESS],
        (_, Family::Liveness) => &[PROGRESS, "waking", "wake"],
        (_, Family::Resources) => &["residue", "inheritance"],
        (_, Family::Manners | Family::Control) => &[],
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
    /// Whether somebody was promised it; it is found where nobody was all the same.
    pub is_promised: bool,
}

impl Kill {
    /// What kills the backend with this fault in this run, if anything does. Of several this one, if
    /// it is among them; else what somebody was promised before what nobody was, and what isn't just
    /// a stall before what is.
    pub(super) fn of(report: &TrialReport, fault: Fault, this: Option<&Kill>) -> Option<Kill> {
        let broken = |finding: &&Finding| matches!(finding.state, FindingState::Broken(_));
        let found = report.findings.iter().filter(broken);
        let mut kills: Vec<Kill> = found.filter_map(|one| Kill::by(one, report)).collect();
        let judges = judges(fault);
        let is_fit = |kill: &Kill| judges.is_empty() || judges.contains(&kill.invariant.as_str());
        kills.retain(|kill| is_fit(kill) && (fault.hangs() || kill.invariant != PROGRESS));
        kills.sort_by_key(|kill| {
            (
                Some(kill) != this,
                !kill.is_promised,
                kill.invariant == PROGRESS,
            )
        });
        kills.into_iter().next()
    }

    /// By this finding; none where that is no break after all, or one that is known.
    fn by(finding: &Finding, report: &TrialReport) -> Option<Kill> {
        let mut clauses = report.clauses.iter();
        let verdict = clauses.find(|one| one.clause == finding.clause)?.verdict;
        matches!(verdict, Verdict::Fail | Verdict::Unpromised).then(|| Kill {
            permutation: report.name.permutation_name(),
            clause: finding.clause.to_string(),
            invariant: finding.invariant.clone(),
            is_promised: verdict == Verdict::Fail,
        })
    }
}

/// What stands behind a kill in the table of what nobody is promised.
const NOBODYS: &str = " (nobody is promised that)";

/// As the table has it.
impl fmt::Display for Kill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Kill {
            permutation,
            clause,
            invariant,
            is_promised,
        } = self;
        let whose = if *is_promised { "" } else { NOBODYS };
        write!(f, "{permutation}: {clause} by {invariant}{whose}")
    }
}

impl Kill {
    /// Reads what `Display` writes.
    pub(super) fn parse(text: &str) -> Option<Kill> {
        let promised = text.strip_suffix(NOBODYS);
        let (rest, invariant) = promised.unwrap_or(text).rsplit_once(" by ")?;
        let (permutation, clause) = rest.rsplit_once(": ")?;
        Some(Kill {
            permutation: permutation.to_owned(),
            clause: clause.to_owned(),
            invariant: invariant.to_owned(),
            is_promised: promised.is_none(),
        })
    }
}
