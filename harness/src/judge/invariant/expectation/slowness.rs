//! Takes back findings for which a slow machine may be the cause.
//!
//! A timed call that gives up, and an operation that hasn't returned, prove little if the machine kept
//! the processes from running meanwhile. Completed exchanges prove the same at any speed.

use super::steps;
use crate::backend::Wait;
use crate::history::{Ending, Operation, OperationId};
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::TOO_SLOW_BY;
use crate::judge::{Finding, FindingState};

/// Returns the findings, in which a break that rests on elapsed time is too slow to judge if the
/// machine took a good part of this time. If the harness had to end the run for slowness, no clause
/// is upheld.
pub(crate) fn excuse(evidence: &Evidence<'_>, mut findings: Vec<Finding>) -> Vec<Finding> {
    let gave_up = evidence
        .history
        .operations()
        .filter(|(_, operation)| gave_up_by_slowness(evidence, operation))
        .min_by_key(|(_, operation)| operation.returned);
    for finding in &mut findings {
        let FindingState::Broken(witness) = &finding.state else {
            continue;
        };
        let is_slow = |id: &OperationId| is_slow(evidence, evidence.operation(*id));
        let slow = witness.operations.iter().copied().find(is_slow);
        let follows = gave_up.filter(|(_, gave_up)| {
            let deviation = witness.operations.last();
            let deviation = deviation.map(|id| evidence.operation(*id));
            finding.invariant == steps::INVARIANT.name
                && deviation.is_some_and(|operation| operation.returned >= gave_up.returned)
        });
        if let Some(slow) = slow.or(follows.map(|(id, _)| id)) {
            let operation = evidence.operation(slow);
            let until = operation.returned.unwrap_or(evidence.ended());
            let why = evidence.history.too_slow_within(operation.start, until);
            finding.state = FindingState::TooSlow { why };
        }
    }
    if evidence.history.ending == Ending::TooSlow {
        findings.retain(|finding| !matches!(finding.state, FindingState::Upheld { .. }));
        findings.extend(of_an_unfinished_run(evidence));
    }
    findings
}

fn of_an_unfinished_run(evidence: &Evidence<'_>) -> impl Iterator<Item = Finding> {
    let history = evidence.history;
    let starts = history.operations().map(|(_, operation)| operation.start);
    let why = history.too_slow_within(starts.min().unwrap_or_default(), evidence.ended());
    let clauses = evidence.permutation.clauses.iter().cloned();
    clauses.map(move |clause| Finding {
        clause,
        invariant: steps::INVARIANT.name.to_owned(),
        state: FindingState::TooSlow { why: why.clone() },
    })
}

/// Whether slowness may be why this operation hasn't returned, or gave up.
fn is_slow(evidence: &Evidence<'_>, operation: &Operation) -> bool {
    let is_unfinished = operation.is_pending() && evidence.history.ending == Ending::TooSlow;
    is_unfinished || gave_up_by_slowness(evidence, operation)
}

/// Whether this timed operation gave up, against the case's expectation, when the machine had taken a
/// good part of its time.
fn gave_up_by_slowness(evidence: &Evidence<'_>, operation: &Operation) -> bool {
    let (Some(Wait::For(time)), Some(returned)) = (evidence.wait(operation), operation.returned)
    else {
        return false;
    };
    let lost = evidence.history.lost_within(operation.start, returned);
    evidence.gave_up_early(operation) && u128::from(lost) * TOO_SLOW_BY >= time.as_nanos()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Outcome;
    use crate::history::Exit;
    use crate::judge::invariant::expectation::steps::INVARIANT;
    use crate::test_support::histories::{HistoryBuilder, queue};
    use rstest::rstest;
    use std::time::Duration;

    const SECOND: u64 = 1_000_000_000;

    /// A consumer waits for a second and gives up.
    fn gives_up(lost: u64) -> HistoryBuilder {
        let run = queue().process("p").put(1).ok(0, 1).process("c");
        let run = run.ask().waiting(Wait::For(Duration::from_secs(1)));
        run.gives(Outcome::Timeout, SECOND, 2 * SECOND)
            .expecting(Outcome::Ok)
            .delayed(SECOND, 2 * SECOND, lost)
    }

    fn states(run: &HistoryBuilder) -> Vec<FindingState> {
        let capabilities = crate::backend::Capabilities::new();
        let evidence = Evidence::new(&run.permutation, &run.history, &capabilities);
        let findings = excuse(&evidence, (INVARIANT.judge)(&evidence));
        findings.into_iter().map(|finding| finding.state).collect()
    }

    #[rstest]
    #[case::nothing_was_lost(0, false)]
    #[case::little_was_lost(SECOND / 3, false)]
    #[case::much_was_lost(SECOND / 2, true)]
    fn a_call_that_gives_up_breaks_nothing_on_a_slow_machine(
        #[case] lost: u64,
        #[case] is_excused: bool,
    ) {
        let states = states(&gives_up(lost));
        let is_slow = |state: &FindingState| matches!(state, FindingState::TooSlow { .. });
        let is_broken = |state: &FindingState| matches!(state, FindingState::Broken(_));
        assert_eq!(states.iter().any(is_slow), is_excused, "{states:?}");
        assert_eq!(states.iter().any(is_broken), !is_excused, "{states:?}");
    }

    #[test]
    fn a_run_that_was_ended_for_slowness_upholds_nothing() {
        let run = queue().process("c").exits(Exit::Ended).ask().pending(0);
        let mut run = run.ending(Ending::TooSlow);
        run.permutation.clauses = vec!["queue.get.timeout".into()];
        let states = states(&run);
        let is_slow = |state: &FindingState| matches!(state, FindingState::TooSlow { .. });
        let is_upheld = |state: &FindingState| matches!(state, FindingState::Upheld { .. });
        assert!(states.iter().any(is_slow), "{states:?}");
        assert!(!states.iter().any(is_upheld), "{states:?}");
    }
}
