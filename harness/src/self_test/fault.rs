//! A verdict that is the harness's own fault.

use crate::backend::Key;
use crate::clause::ClauseId;
use crate::judge::{TrialReport, Verdict};

/// A verdict that is the harness's own fault, and the smallest case that was found to show it.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// The number of the drawn case.
    pub(crate) number: u64,
    /// The trial, as in `random/17[kill=before-1]@queue:broker`.
    pub(crate) trial: String,
    pub(crate) mistake: Mistake,
    /// The reasons, for people.
    pub(crate) reasons: Vec<String>,
    /// The text of the smallest case.
    pub(crate) text: String,
}

/// What makes two faults the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mistake {
    pub(crate) backend: Key,
    pub(crate) verdict: Verdict,
    /// The broken clauses.
    pub(crate) clauses: Vec<ClauseId>,
}

impl Mistake {
    /// Returns the mistake that a report of a sound backend shows, if it shows one.
    pub(super) fn of(report: &TrialReport) -> Option<Mistake> {
        let is_right = report.verdict.is_as_expected()
            || report.verdict == Verdict::Unavailable
            || report.too_slow;
        (!is_right).then(|| {
            let clauses = report.clauses.iter();
            let broken = clauses.filter(|one| one.verdict == Verdict::Fail);
            Mistake {
                backend: report.name.backend.clone(),
                verdict: report.verdict,
                clauses: broken.map(|one| one.clause.clone()).collect(),
            }
        })
    }

    /// Whether this is the same mistake as another one: the same backend and verdict, and at least one
    /// clause in common.
    pub(super) fn is_like(&self, other: &Mistake) -> bool {
        let shares = self.clauses.iter().any(|one| other.clauses.contains(one));
        (&self.backend, self.verdict) == (&other.backend, other.verdict)
            && (shares || self.clauses == other.clauses)
    }
}

/// Returns the reasons of a verdict, one for each page.
pub(super) fn reasons(report: &TrialReport) -> Vec<String> {
    let pages = report.failures.iter().map(|page| {
        let clause = page.clause.as_ref();
        let clause = clause.map_or("transcript", |clause| clause.as_str());
        format!(
            "{clause} by {}: expected {}; {}",
            page.invariant, page.expected, page.actual
        )
    });
    pages.chain(report.why.clone()).collect()
}
