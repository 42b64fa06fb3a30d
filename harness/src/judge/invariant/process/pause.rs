//! While a process is stopped, timed calls of other processes return in time; after it resumes, nothing
//! is lost.

use std::time::Duration;

use crate::backend::Wait;
use crate::history::pairing::NEVER;
use crate::history::rest::LATENESS;
use crate::history::{Operation, OperationId, OperationKind, Stop};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::misdelivery;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::{BLOCKED, witness};
use crate::plan::ProcessIndex;

const STOP: &str = "fault.stop.timeouts-hold";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "pause",
    about: "while a process is stopped, timed calls of others return in time; then nothing is lost",
    clauses: &[STOP],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    for stop in &evidence.history.stops {
        for (id, operation) in evidence.history.operations() {
            let time = match evidence.wait(operation) {
                Some(Wait::For(time)) => time,
                Some(Wait::Never) => Duration::ZERO,
                Some(Wait::Deadline) | None => continue,
            };
            if during(stop, operation) && !is_stopped_too(evidence, id.process, operation) {
                in_time(evidence, &mut tally, stop, id, time);
            }
        }
        nothing_lost(evidence, &mut tally, stop);
    }
    tally.findings()
}

fn during(stop: &Stop, operation: &Operation) -> bool {
    let returned = operation.returned.unwrap_or(NEVER);
    operation.start < stop.until.unwrap_or(NEVER) && returned > stop.from
}

/// Whether the caller itself was stopped during the operation. Then its duration shows nothing.
fn is_stopped_too(evidence: &Evidence<'_>, process: ProcessIndex, operation: &Operation) -> bool {
    let mut stops = evidence.history.stops.iter();
    stops.any(|stop| stop.process == process && during(stop, operation))
}

fn in_time(
    evidence: &Evidence<'_>,
    tally: &mut Tally<'_>,
    stop: &Stop,
    id: OperationId,
    time: Duration,
) {
    let operation = evidence.operation(id);
    let limit = time + Duration::from_nanos(LATENESS);
    let expected = || {
        let name = evidence.process(stop.process);
        format!("it returns after {time:?}, though {name} is stopped")
    };
    let Some(returned) = operation.returned else {
        if evidence.hangs(id) {
            tally.broken(STOP, || {
                let shown = paused_by(evidence, stop).into_iter().chain([id]);
                witness(shown, expected(), BLOCKED)
            });
        }
        return;
    };
    let took = Duration::from_nanos(returned.saturating_sub(operation.start));
    let lost = evidence.history.lost_within(operation.start, returned);
    if took <= limit {
        tally.upheld(STOP, 1);
    } else if took <= limit + Duration::from_nanos(lost) {
        tally.too_slow(STOP, operation.start, returned);
    } else {
        tally.broken(STOP, || {
            let shown = paused_by(evidence, stop).into_iter().chain([id]);
            witness(shown, expected(), format!("it took more than {limit:?}"))
        });
    }
}

/// Returns the pause step that stopped the process. A sweep stops a process without a step.
fn paused_by(evidence: &Evidence<'_>, stop: &Stop) -> Option<OperationId> {
    let mut operations = evidence.history.operations();
    let is_it = |operation: &Operation| {
        let returned = operation.returned.unwrap_or(NEVER);
        operation.kind == OperationKind::Pause
            && operation.start <= stop.from
            && stop.from <= returned
    };
    operations
        .find(|(_, operation)| is_it(operation))
        .map(|(id, _)| id)
}

/// Judges that no item is lost on the lanes of a process that was stopped and has resumed.
fn nothing_lost(evidence: &Evidence<'_>, tally: &mut Tally<'_>, stop: &Stop) {
    if stop.until.is_none() {
        return;
    }
    let ends = &evidence.permutation.plan.processes[stop.process].ends;
    for (traffic, fates) in evidence.lanes() {
        let takes_part = ends.iter().any(|given| {
            given.puts && given.end.sends_on() == traffic.lane
                || given.gets && given.end.receives_from() == traffic.lane
        });
        for lost in fates.lost.iter().filter(|_| takes_part) {
            tally.broken(STOP, || misdelivery::lost(evidence, lost));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Outcome;
    use crate::history::{Ending, Exit};
    use crate::test_support::histories::{Expect, HistoryBuilder, queue};
    use rstest::rstest;

    const SECOND: u64 = 1_000_000_000;
    const TIMED: Wait = Wait::For(Duration::from_secs(1));

    /// The producer is stopped from 10 to 20; the consumer waits for a second.
    fn stopped() -> HistoryBuilder {
        let run = queue().process("p").put(1).ok(SECOND, 2 * SECOND);
        let run = run.stopped(10 * SECOND, Some(20 * SECOND));
        run.process("c").ask().waiting(TIMED)
    }

    #[rstest]
    #[case::in_time(stopped().gives(Outcome::Timeout, 11 * SECOND, 12 * SECOND), Expect::Upheld(1))]
    #[case::late(stopped().gives(Outcome::Timeout, 11 * SECOND, 14 * SECOND), Expect::Broken(1))]
    #[case::only_after_it_resumed(
        stopped().gives(Outcome::Ok, 11 * SECOND, 21 * SECOND), Expect::Broken(1)
    )]
    #[case::late_on_a_slow_machine(
        stopped().delayed(12 * SECOND, 14 * SECOND, 2 * SECOND)
            .gives(Outcome::Timeout, 11 * SECOND, 14 * SECOND),
        Expect::TooSlow
    )]
    #[case::before_it(stopped().gives(Outcome::Timeout, 5 * SECOND, 9 * SECOND), Expect::Untried)]
    #[case::after_it(stopped().gives(Outcome::Timeout, 21 * SECOND, 29 * SECOND), Expect::Untried)]
    #[case::never(
        stopped().pending(11 * SECOND).exits(Exit::Ended).ending(Ending::Stalled),
        Expect::Broken(1)
    )]
    #[case::of_the_stopped_process(
        stopped().gives(Outcome::Timeout, 11 * SECOND, 14 * SECOND)
            .stopped(11 * SECOND, Some(13 * SECOND)),
        Expect::Untried
    )]
    fn judges_timed_calls(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        run.check(&INVARIANT, STOP, expect);
    }

    #[test]
    fn a_lost_item_is_reported() {
        let run = queue().process("p").put(1).ok(1, 2).put(2).ok(30, 31);
        let run = run.stopped(10, Some(20)).process("c").get(2).ok(32, 33);
        run.check(&INVARIANT, STOP, Expect::Broken(1));
    }
}
