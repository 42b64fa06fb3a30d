//! A join succeeds only after its process has exited, and one with a time limit otherwise gives up at that and
//! not before.

use std::time::Duration;

use crate::backend::{Capability, Outcome};
use crate::history::rest::LATENESS;
use crate::history::step_turns::StepTurns;
use crate::history::{Operation, OperationId};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::{BLOCKED, RESOLUTION, witness};
use crate::judge::untried;
use crate::plan::{Action, ProcessIndex};

const BOUNDED: &str = "proc.join.bounded";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "join",
    about: "a join succeeds only after the exit, and otherwise gives up at its timeout and not before",
    clauses: &[BOUNDED],
    judge,
};

/// One join of one process.
struct Join<'a> {
    id: OperationId,
    operation: &'a Operation,
    joined: ProcessIndex,
    /// The limit of a join that doesn't wait is zero, and one without a limit has none.
    limit: Option<Duration>,
}

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    if !evidence.capabilities.has(Capability::TimedJoin) {
        tally.untried(BOUNDED, untried::not_declared(Capability::TimedJoin));
        return tally.findings();
    }
    for join in joins(evidence) {
        match (join.operation.outcome, join.limit) {
            (Some(Outcome::Ok), limit) => succeeded(evidence, &mut tally, &join, limit.is_some()),
            (Some(Outcome::Timeout), Some(limit)) => gave_up(evidence, &mut tally, &join, limit),
            (None, Some(limit)) if is_overdue(evidence, &join, limit) => {
                let expected = format!("it returns after {limit:?}");
                tally.broken(BOUNDED, || witness([join.id], expected, BLOCKED));
            }
            _ => {}
        }
    }
    tally.findings()
}

/// Returns all joins. A step makes one for each of its processes, in their order.
fn joins<'a>(evidence: &Evidence<'a>) -> Vec<Join<'a>> {
    let mut turns = StepTurns::default();
    let operations = evidence.history.operations();
    let joins = operations.filter_map(|(id, operation)| {
        let Action::Join { processes, wait } = &evidence.step(operation.step)?.action else {
            return None;
        };
        Some(Join {
            id,
            operation,
            joined: turns.next(id.process, operation.step, processes)?,
            limit: wait.limit(),
        })
    });
    joins.collect()
}

fn succeeded(evidence: &Evidence<'_>, tally: &mut Tally<'_>, join: &Join<'_>, is_limited: bool) {
    let Some(returned) = join.operation.returned else {
        return;
    };
    let mut operations = evidence.history.processes[join.joined].operations.iter();
    let later = operations.position(|operation| operation.start > returned);
    if let Some(index) = later {
        let process = join.joined;
        let name = evidence.process(process);
        tally.broken(BOUNDED, || {
            let expected = format!("it returns after {name} has exited");
            let shown = [join.id, OperationId { process, index }];
            witness(shown, expected, format!("{name} lives on"))
        });
    } else if is_limited {
        tally.upheld(BOUNDED, 1);
    }
}

fn gave_up(evidence: &Evidence<'_>, tally: &mut Tally<'_>, join: &Join<'_>, limit: Duration) {
    let start = join.operation.start;
    let returned = join.operation.returned.unwrap_or(start);
    let waited = Duration::from_nanos(returned.saturating_sub(start));
    let gone = evidence.holders().life(join.joined).gone;
    let late = LATENESS + evidence.history.lost_within(gone, returned);
    if waited + RESOLUTION < limit {
        let expected = format!("a timeout after {limit:?}");
        tally.broken(BOUNDED, || {
            witness([join.id], expected, format!("a timeout after {waited:?}"))
        });
    } else if gone.saturating_add(late) < returned {
        let name = evidence.process(join.joined);
        let expected = format!("ok, because {name} had exited");
        tally.broken(BOUNDED, || {
            witness([join.id], expected, Outcome::Timeout.word())
        });
    } else {
        tally.upheld(BOUNDED, 1);
    }
}

/// Whether the join was still pending long after its limit, when the harness ended the run.
fn is_overdue(evidence: &Evidence<'_>, join: &Join<'_>, limit: Duration) -> bool {
    let limit = u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX);
    let until = join.operation.start.saturating_add(limit);
    evidence.hangs(join.id)
        && evidence.ended() > until.saturating_add(LATENESS)
        && !evidence.is_stopped(join.id.process)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Wait;
    use crate::history::{Ending, Exit};
    use crate::test_support::histories::{Expect, HistoryBuilder, pipe};
    use rstest::rstest;

    const MS: u64 = 1_000_000;
    const TIMED: Wait = Wait::For(Duration::from_millis(200));

    /// The child idles until this stamp, and another process sees its exit one millisecond later.
    fn child(exit: u64) -> HistoryBuilder {
        let run = pipe().declares(Capability::TimedJoin);
        let run = run.process("child").idle().ok(0, exit);
        run.process("other").await_exited("child").ok(0, exit + MS)
    }

    fn join(exit: u64, wait: Wait) -> HistoryBuilder {
        child(exit).process("main").join("child").waiting(wait)
    }

    #[rstest]
    #[case::it_gives_up(join(900 * MS, TIMED).gives(Outcome::Timeout, 0, 201 * MS), Expect::Upheld(1))]
    #[case::too_early(join(900 * MS, TIMED).gives(Outcome::Timeout, 0, 100 * MS), Expect::Broken(1))]
    #[case::at_once(
        join(900 * MS, Wait::Never).gives(Outcome::Timeout, 0, MS), Expect::Upheld(1)
    )]
    #[case::it_succeeds(join(100 * MS, TIMED).ok(0, 101 * MS), Expect::Upheld(1))]
    #[case::just_before_the_exit_is_seen(
        join(MS, Wait::Never).gives(Outcome::Timeout, 3 * MS, 4 * MS), Expect::Upheld(1)
    )]
    #[case::long_after_the_exit(
        join(MS, Wait::Never).gives(Outcome::Timeout, 2000 * MS, 2001 * MS), Expect::Broken(1)
    )]
    #[case::long_after_the_exit_on_a_slow_machine(
        join(MS, Wait::Never).gives(Outcome::Timeout, 2000 * MS, 2001 * MS)
            .delayed(MS, 2000 * MS, 1900 * MS),
        Expect::Upheld(1)
    )]
    #[case::without_a_limit(join(MS, Wait::Deadline).ok(0, 3 * MS), Expect::Untried)]
    #[case::of_a_living_process(
        join(900 * MS, TIMED).ok(0, MS).process("child").idle().ok(901 * MS, 902 * MS),
        Expect::Broken(1)
    )]
    #[case::of_a_living_process_without_a_limit(
        join(900 * MS, Wait::Deadline).ok(0, MS).process("child").idle().ok(901 * MS, 902 * MS),
        Expect::Broken(1)
    )]
    #[case::for_ever(
        join(900 * MS, TIMED).pending(0).exits(Exit::Ended).ending(Ending::Stalled),
        Expect::Broken(1)
    )]
    #[case::for_ever_without_a_limit(
        join(900 * MS, Wait::Deadline).pending(0).exits(Exit::Ended).ending(Ending::Stalled),
        Expect::Untried
    )]
    #[case::ended_before_its_limit(
        join(900 * MS, TIMED).pending(0).exits(Exit::Ended).ending(Ending::Stalled)
            .ended_at(150 * MS),
        Expect::Untried
    )]
    #[case::while_it_is_stopped(
        join(900 * MS, TIMED).pending(0).exits(Exit::Ended).stopped(MS, None)
            .ending(Ending::Stalled),
        Expect::Untried
    )]
    #[case::not_declared(
        join(900 * MS, TIMED).declares_nothing().gives(Outcome::Timeout, 0, MS), Expect::Untried
    )]
    fn judges(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        run.check(&INVARIANT, BOUNDED, expect);
    }
}
