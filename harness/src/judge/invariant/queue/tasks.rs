//! A join of a queue returns exactly after every item is marked as done, and no item is marked twice.

use crate::backend::{Kind, Outcome, Side};
use crate::history::tasks::Tasks;
use crate::history::{Exit, OperationId, OperationKind};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::{BLOCKED, witness};
use crate::plan::End;

const BALANCE: &str = "queue.join.balance";
const DEAD: &str = "queue.join.dead-consumer";
const TOO_MANY: &str = "queue.join.too-many";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "tasks",
    about: "a join of a queue returns when every item is marked as done, and an item is marked once",
    clauses: &[BALANCE, DEAD, TOO_MANY],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    let channels = evidence.permutation.plan.channels.iter().enumerate();
    for (channel, _) in channels.filter(|(_, channel)| channel.kind == Kind::Queue) {
        let side = Side::Queue;
        let queue = End { channel, side };
        let tasks = Tasks::of(evidence.history, queue);
        for (id, operation) in evidence.history.operations() {
            match operation.kind {
                _ if operation.end != Some(queue) => {}
                OperationKind::JoinQueue => joined(evidence, &mut tally, &tasks, id),
                OperationKind::TaskDone => marked(evidence, &mut tally, &tasks, id),
                _ => {}
            }
        }
    }
    tally.findings()
}

fn joined(evidence: &Evidence<'_>, tally: &mut Tally<'_>, tasks: &Tasks, id: OperationId) {
    let join = evidence.operation(id);
    let died = a_consumer_died(evidence, join.end);
    let until = join.returned.unwrap_or(evidence.ended());
    let unfinished = tasks.fewest_unfinished(join.start, until);
    match (join.outcome, unfinished) {
        (Some(Outcome::Ok), 0) => {
            tally.upheld(BALANCE, u64::from(tasks.put_before(until) > 0));
        }
        (Some(Outcome::Ok), unfinished) => {
            let clause = if died { DEAD } else { BALANCE };
            tally.broken(clause, || {
                witness(
                    [id],
                    "it returns only after every item is marked as done",
                    format!("it returned with {unfinished} unmarked"),
                )
            });
        }
        (None, 0) if evidence.hangs(id) && tasks.are_all_done(until) => {
            tally.broken(BALANCE, || {
                witness([id], "it returns, since every item is marked", BLOCKED)
            });
        }
        (None, 1..) if died && evidence.may_stay_pending(join) => {
            tally.upheld(DEAD, u64::from(evidence.was_ended(id.process)));
        }
        _ => {}
    }
}

/// Whether a process that had got an item from this queue died without an orderly exit.
fn a_consumer_died(evidence: &Evidence<'_>, queue: Option<End>) -> bool {
    let mut operations = evidence.history.operations();
    operations.any(|(id, operation)| {
        let is_dead = !evidence.was_ended(id.process)
            && !matches!(evidence.exit(id.process), None | Some(Exit::Code(0)));
        is_dead
            && operation.end == queue
            && (operation.kind, operation.outcome) == (OperationKind::Get, Some(Outcome::Ok))
    })
}

fn marked(evidence: &Evidence<'_>, tally: &mut Tally<'_>, tasks: &Tasks, id: OperationId) {
    let mark = evidence.operation(id);
    let Some(returned) = mark.returned else {
        return;
    };
    let expected = &evidence.permutation.expected(mark.step).outcomes;
    match mark.outcome {
        Some(Outcome::Ok) if tasks.are_overdone(returned) => tally.broken(TOO_MANY, || {
            let expected = "an error, since every item is marked as done already";
            witness([id], expected, "it succeeded")
        }),
        Some(Outcome::Refused) if tasks.had_one_to_mark(mark) => tally.broken(TOO_MANY, || {
            let expected = "it succeeds, since an item isn't marked as done";
            witness([id], expected, "it was refused")
        }),
        Some(Outcome::Refused) if expected.contains(&Outcome::Refused) => {
            tally.upheld(TOO_MANY, 1);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::histories::{Expect, HistoryBuilder, queue};
    use rstest::rstest;

    /// A producer has put an item between 0 and 1, and joins at 10.
    fn join() -> HistoryBuilder {
        queue().process("p").put(1).ok(0, 1).join_queue()
    }

    fn consumer(run: HistoryBuilder) -> HistoryBuilder {
        run.process("c").get(1).ok(5, 6)
    }

    #[rstest]
    #[case::returned_after_the_mark(
        consumer(join().ok(10, 20)).task_done().ok(15, 16), BALANCE, Expect::Upheld(1)
    )]
    #[case::returned_during_the_mark(
        consumer(join().ok(10, 20)).task_done().ok(15, 25), BALANCE, Expect::Upheld(1)
    )]
    #[case::returned_before_the_mark(
        consumer(join().ok(10, 20)).task_done().ok(21, 22), BALANCE, Expect::Broken(1)
    )]
    #[case::returned_at_a_moment_without_items(
        consumer(join().ok(10, 20)).task_done().ok(15, 16).process("p2").put(2).ok(17, 18),
        BALANCE,
        Expect::Upheld(1)
    )]
    #[case::never_returned(
        consumer(join().pending(10)).task_done().ok(15, 16)
            .process("p").exits(Exit::Ended).ending(crate::history::Ending::Stalled),
        BALANCE,
        Expect::Broken(1)
    )]
    #[case::one_mark(
        consumer(join().ok(10, 20)).task_done().ok(15, 16), TOO_MANY, Expect::Untried
    )]
    #[case::one_mark_too_many(
        consumer(join().ok(10, 20)).task_done().ok(15, 16).task_done().ok(17, 18),
        TOO_MANY,
        Expect::Broken(1)
    )]
    #[case::one_mark_too_many_is_refused(
        consumer(join().ok(10, 20)).task_done().ok(15, 16)
            .task_done().gives(Outcome::Refused, 17, 18).expecting(Outcome::Refused),
        TOO_MANY,
        Expect::Upheld(1)
    )]
    #[case::a_right_mark_is_refused(
        consumer(join().pending(10)).task_done().gives(Outcome::Refused, 17, 18), TOO_MANY, Expect::Broken(1)
    )]
    #[case::waits_for_a_dead_consumer(
        consumer(join().pending(10).expecting(Outcome::Pending)).exits(Exit::Killed)
            .process("p").exits(Exit::Ended).ending(crate::history::Ending::Stalled),
        DEAD,
        Expect::Upheld(1)
    )]
    #[case::returned_without_a_dead_consumer(
        consumer(join().ok(10, 20)).exits(Exit::Killed), DEAD, Expect::Broken(1)
    )]
    fn judges(#[case] run: HistoryBuilder, #[case] clause: &str, #[case] expect: Expect) {
        run.check(&INVARIANT, clause, expect);
    }
}
