//! How long a run did nothing but wait for time limits that its case sets.

use crate::backend::{Outcome, Wait};
use crate::history::{History, Operation, OperationKind};
use crate::plan::{Action, Permutation, StepId};

/// The time, in nanoseconds, in which an operation waited for its time to be up, a process idled, a
/// stopped process was left so until nothing else moved, or nothing moved at all before the harness
/// ended the run. Times that overlap count once.
pub(super) fn waited(permutation: &Permutation, history: &History) -> u64 {
    let mut times: Vec<(u64, u64)> = history
        .operations()
        .filter(|(_, operation)| waits(permutation, operation))
        .filter_map(|(_, operation)| Some((operation.start, operation.returned?)))
        .collect();
    let still_until = |end: u64| (last_move(history, end), end);
    times.extend(history.ended.map(still_until));
    if permutation.plan.fault.is_some() {
        let resumed = history.stops.iter().filter_map(|stop| stop.until);
        times.extend(resumed.map(still_until));
    }
    union(times)
}

/// Whether the operation took the time that its case gives it.
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
                }
            )
    })
}

/// The last moment before this one at which an operation started or returned.
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
    use crate::test_support::histories::{Run, queue};
    use rstest::rstest;

    const TIMED: Wait = Wait::For(Duration::from_millis(200));

    fn get() -> Run {
        queue().process("c").ask().waiting(TIMED)
    }

    #[rstest]
    #[case::in_vain(get().gives(Outcome::Timeout, 10, 210), 200)]
    #[case::and_got_something(get().get(1).ok(10, 210), 0)]
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
    fn is_the_time_in_which_nothing_was_done(#[case] run: Run, #[case] expected: u64) {
        assert_eq!(waited(&run.permutation, &run.history), expected);
    }
}
