//! The verdict of a whole trial.

use super::grounds::Grounds;
use crate::history::{Ending, OperationId};
use crate::judge::golden::compare::GoldenComparison;
use crate::judge::{ClauseVerdict, Finding, FindingState, Verdict};

/// Returns the worst of the clauses' verdicts, or `None` without clauses. Unknown clauses that are
/// part of a reviewed divergence don't count.
pub(crate) fn of_clauses(clauses: &[ClauseVerdict]) -> Option<Verdict> {
    let is_excused =
        |clause: &ClauseVerdict| clause.verdict == Verdict::Unknown && clause.divergence.is_some();
    let verdicts = || {
        let clauses = clauses.iter().filter(|clause| !is_excused(clause));
        clauses.map(|clause| clause.verdict)
    };
    verdicts()
        .filter(|verdict| !matches!(verdict, Verdict::NotApplicable | Verdict::Unpromised))
        .max()
        // No clause binds this backend.
        .or_else(|| verdicts().max())
}

/// Returns the worst of the clauses' verdicts, or unknown if that is a good one and the golden
/// differs in a way that no break explains.
pub(super) fn verdict(clauses: &[ClauseVerdict], grounds: &Grounds<'_>) -> Verdict {
    // Without a clause, nothing was judged.
    let worst = of_clauses(clauses).unwrap_or(Verdict::Unknown);
    // What explains the hang may bind no library, but a run that didn't end never passes.
    let worst = match worst < Verdict::Unpromised && hangs(grounds) {
        true => Verdict::Unpromised,
        false => worst,
    };
    if worst < Verdict::Unknown && is_unexplained(clauses, grounds) {
        Verdict::Unknown
    } else {
        worst
    }
}

/// Whether the harness ended the run although an operation was expected to return.
fn hangs(grounds: &Grounds<'_>) -> bool {
    let is_upheld = |finding: &Finding| {
        let is_it = finding.clause.as_str() == "live.deadline";
        is_it && matches!(finding.state, FindingState::Upheld { .. })
    };
    let mut findings = grounds.findings.iter();
    grounds.history.ending != Ending::Completed && !findings.any(is_upheld)
}

/// Whether the golden is missing or differs in a place that no broken clause explains, which points
/// to a gap in the invariants.
fn is_unexplained(clauses: &[ClauseVerdict], grounds: &Grounds<'_>) -> bool {
    let places = match grounds.golden {
        GoldenComparison::Same | GoldenComparison::NotCompared => return false,
        GoldenComparison::Missing => return true,
        GoldenComparison::Differs(difference) => &difference.places,
    };
    let in_a_witness = |id: &OperationId| {
        let mut broken = grounds.broken.iter();
        broken.any(|broken| broken.witness.operations.contains(id))
    };
    let first = clauses
        .iter()
        .filter(|clause| clause.verdict.is_reviewed())
        .flat_map(|clause| &clause.breaks)
        .filter_map(|one| Some(grounds.history.operation(one.operation?)))
        .min_by_key(|operation| operation.start);
    // After the first reviewed break, the processes may have taken other paths.
    let follows = |id: &OperationId| {
        first.is_some_and(|first| !grounds.history.operation(*id).precedes(first))
    };
    let is_explained = |place: &Vec<OperationId>| match first {
        // One line can be about operations before the break and after it.
        Some(_) => place.iter().any(|id| in_a_witness(id) || follows(id)),
        None => !place.is_empty() && place.iter().all(in_a_witness),
    };
    !places.iter().all(is_explained)
}
