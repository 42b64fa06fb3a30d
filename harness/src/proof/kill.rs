//! What counts as a kill of a mutant.

use std::fmt;

use serde::Serialize;

use crate::judge::{Finding, FindingState, TrialReport, Verdict};
use crate::mutant::{Family, Fault};

/// The invariant that detects runs that stall.
const PROGRESS: &str = "progress";

/// Returns the invariants that must detect a fault; an empty list allows any. For example, an invariant
/// about loss must report a lost item; it isn't enough that another finds the queue empty.
fn judges(fault: Fault) -> &'static [&'static str] {
    match (fault, fault.family()) {
        // An item that is reported as sent and isn't is missing, or exceeds a bound.
        (Fault::Mute, _) => &["peer", "bound", "wake"],
        (Fault::StolenName, _) => &["name"],
        (Fault::EarlyJoin | Fault::DoneTooOften, _) => &["tasks"],
        (Fault::Miscounted, _) => &["hints"],
        (Fault::Interrupted, _) => &["interruption"],
        (Fault::DeafAtFirst, _) => &["readiness"],
        (Fault::LostClient, _) => &["accept"],
        (Fault::NonsenseWelcome | Fault::OneReadOnly, _) => &["wire"],
        (_, Family::Loss) => &["delivery", "boundary", "stream", "flush", "end"],
        (_, Family::Duplication) => &["delivery", "boundary", "stream"],
        (_, Family::Order) => &["order", "causal", "linearizable", "stream"],
        (_, Family::Content) => &["delivery", "boundary", "content", "stream"],
        (_, Family::End) => &["end"],
        (_, Family::Capacity) => &["bound", "timing", "poll", "pause", PROGRESS],
        // A receive that isn't woken at the end of the stream breaks the promise about the end.
        (_, Family::Liveness) => &[PROGRESS, "waking", "wake", "end"],
        (_, Family::Resources) => &["residue", "inheritance"],
        (_, Family::Manners | Family::Control) => &[],
    }
}

/// A permutation in which an invariant found a promise broken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Kill {
    /// The permutation, as in `queue/bounded[capacity=1]`.
    pub permutation: String,
    /// The broken clause.
    pub clause: String,
    /// The invariant that found it broken.
    pub invariant: String,
    /// Whether the backend promises this clause. An invariant can find a clause broken that the backend
    /// doesn't promise.
    pub is_promised: bool,
}

impl Kill {
    /// Returns the finding of this run that kills the backend with this fault, if there is one. It
    /// prefers the kill `this`, then promised clauses, then findings that aren't stalls.
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

    /// Returns the kill by this finding; `None` if its clause didn't fail, or fails as documented.
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

/// The note in the table after a kill by a clause that the backend doesn't promise.
const UNPROMISED: &str = " (not promised)";

/// The line of the table.
impl fmt::Display for Kill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Kill {
            permutation,
            clause,
            invariant,
            is_promised,
        } = self;
        let note = if *is_promised { "" } else { UNPROMISED };
        write!(f, "{permutation}: {clause} by {invariant}{note}")
    }
}

impl Kill {
    /// Parses what `Display` writes.
    pub(super) fn parse(text: &str) -> Option<Kill> {
        let promised = text.strip_suffix(UNPROMISED);
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
