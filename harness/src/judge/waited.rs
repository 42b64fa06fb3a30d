//! How long a run only waited for time limits of its case.

use crate::backend::{Outcome, Wait};
use crate::history::{History, Operation, OperationKind};
use crate::plan::{Action, Permutation, StepId};

/// Returns the time, in nanoseconds, in which an operation waited until its time limit, a process
/// idled, a stopped process stayed stopped until nothing else moved, or nothing moved before the
/// harness ended the run. Times that overlap count once.
pub(super) fn waited(permutation: &Permutation, history: &History) -> u64 {
    let mut times: Vec<(u64, u64)> = history
        .operations()
        .filter(|(_, operation)| waits(permutation, operation))
        .filter_map(|(_, operation)| Some((operation.start, operation.returned?)))
        .collect();
    let standstill_before = |end: u64| (last_move(history, end), end);
    times.extend(history.ended.map(standstill_before));
    if permutation.plan.fault.is_some() {
        let resumed = history.stops.iter().filter_map(|stop| stop.until);
        times.extend(resumed.map(standstill_before));
    }
    union(times)
}

/// Whether the operation lasted as long as its time limit.
fn waits(permutation: &Permutation, operation: &Operation) -> bool {
    match operation.kind {
        OperationKind::Idle => true,
        _ => operation.outcome == Some(Outcome::Timeout) && is_timed(permutation, operation.step),
    }
}

fn is_timed(permutation: &Permutation, step: StepId) -> bool {
    let mut steps = permutation.plan.steps();
    steps.any(|(_, one)| {
        one.id == step
            && matches!(
                one.action,
                Action::Put {
                    wait: Wait::For(_),
                    ..
                } | Action::Get {
                    wait: Wait::For(_),
                    ..
                } | Action::Poll {
                    wait: Wait::For(_),
                    ..
                } | Action::Join {
                    wait: Wait::For(_),
                    ..
                }
            )
    })
}

/// The last time up to `end` at which an operation started or returned.
fn last_move(history: &History, end: u64) -> u64 {
    let stamps = history.operations().flat_map(|(_, operation)| {
        [Some(operation.start), operation.returned]
            .into_iter()
            .flatten()
    });
    stamps.filter(|stamp| *stamp <= end).max().unwrap_or(end)
}

fn union(mut times: Vec<(u64, u64)>) -> u64 {
    times.sort_unstable();
    let (mut sum, mut until) = (0, 0);
    for (from, to) in times {
        sum += to.saturating_sub(from.max(until));
        until = until.max(to);
    }
    sum
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::history::{Ending, Exit};
    use crate::test_support::histories::{HistoryBuilder, queue};
    use rstest::rstest;

    const TIMED: Wait = Wait::For(Duration::from_millis(200));

    fn get() -> HistoryBuilder {
        queue().process("c").ask().waiting(TIMED)
    }

    #[rstest]
    #[case::a_timeout(get().gives(Outcome::Timeout, 10, 210), 200)]
    #[case::an_item_before_the_timeout(get().get(1).ok(10, 210), 0)]
    #[case::an_idle(queue().process("c").idle().ok(10, 30), 20)]
    #[case::both_at_once(
        get().gives(Outcome::Timeout, 10, 210).process("d").idle().ok(200, 220), 210
    )]
    #[case::one_after_the_other(
        get().gives(Outcome::Timeout, 10, 20).idle().ok(30, 35), 15
    )]
    #[case::until_it_stalled(
        get().pending(10).exits(Exit::Ended).ending(Ending::Stalled).ended_at(400), 390
    )]
    fn the_time_spent_waiting_is_counted_once(#[case] run: HistoryBuilder, #[case] expected: u64) {
        assert_eq!(waited(&run.permutation, &run.history), expected);
    }
}
