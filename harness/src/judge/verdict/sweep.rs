//! Clauses that one point of a sweep can't test.
//!
//! A sweep kills or pauses a process at every operation in turn. Not every point tests every clause:
//! after the last message, for example, no kill can interrupt a message. A clause that is untried at
//! such a point is not applicable there, because other points test it.

use super::grounds::Grounds;
use crate::judge::{ClauseVerdict, Verdict};

/// The reason for the verdict of a point that tests no clause.
pub(super) const NOT_HERE: &str = "this point of the sweep tests none of the case's clauses";

/// Makes the unknown clauses of a point not applicable, and returns the verdict without them.
///
/// Returns `None` if `verdict` stays as it is: the run isn't a point of a sweep, its verdict isn't
/// unknown, or its golden is missing or differs.
pub(super) fn settle_untried(
    verdict: Verdict,
    clauses: &mut [ClauseVerdict],
    grounds: &Grounds<'_>,
) -> Option<Verdict> {
    if grounds.permutation.plan.fault.is_none() || verdict != Verdict::Unknown {
        return None;
    }
    let untried = |clause: &&mut ClauseVerdict| clause.verdict == Verdict::Unknown;
    for clause in clauses.iter_mut().filter(untried) {
        clause.verdict = Verdict::NotApplicable;
    }
    if grounds.golden.casts_doubt() {
        return None;
    }
    let verdicts = clauses.iter().map(|clause| clause.verdict);
    let worst = verdicts.filter(|verdict| *verdict != Verdict::NotApplicable);
    Some(worst.max().unwrap_or(Verdict::NotApplicable))
}
