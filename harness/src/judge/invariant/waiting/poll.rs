//! A poll reports what a receive would find and removes nothing, and a receive or poll that doesn't wait
//! returns at once.

use crate::backend::{Kind, Outcome, Wait};
use crate::history::{Ending, Operation, OperationId, OperationKind};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::{BLOCKED, witness};
use crate::plan::{End, ProcessIndex};

const IDEMPOTENT: &str = "pipe.poll.idempotent";
const NEVER_BLOCKS: &str = "pipe.poll.try-never-blocks";
const AT_END: &str = "pipe.eof.poll-ready";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "poll",
    about: "a poll reports what a receive would find and removes nothing; a try returns at once",
    clauses: &[IDEMPOTENT, NEVER_BLOCKS, AT_END],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    for (id, operation) in evidence.history.operations() {
        let receives = matches!(operation.kind, OperationKind::Get | OperationKind::Poll);
        if !receives || evidence.kind(operation) != Kind::Pipe {
            continue;
        }
        if evidence.wait(operation) == Some(Wait::Never) {
            returns(evidence, &mut tally, id, operation);
        }
        let (OperationKind::Poll, Some(end)) = (operation.kind, operation.end) else {
            continue;
        };
        if only_receiver(evidence, end) == Some(id.process) {
            stays_ready(evidence, &mut tally, id, end);
            at_end(evidence, &mut tally, id, end);
        }
    }
    tally.findings()
}

/// Judges that a receive or poll that doesn't wait returns, and with another outcome than a timeout.
fn returns(evidence: &Evidence<'_>, tally: &mut Tally<'_>, id: OperationId, operation: &Operation) {
    let hung = evidence.history.ending == Ending::Stalled
        && evidence.was_ended(id.process)
        && !evidence.may_stay_pending(operation);
    let expected = "an answer at once";
    match operation.outcome {
        Some(Outcome::Timeout) => {
            tally.broken(NEVER_BLOCKS, || witness([id], expected, "a timeout"));
        }
        Some(Outcome::Refused | Outcome::Closed) => {}
        Some(_) => tally.upheld(NEVER_BLOCKS, 1),
        None if hung => tally.broken(NEVER_BLOCKS, || witness([id], expected, BLOCKED)),
        None => {}
    }
}

/// Returns the process that receives from this end, if it is the only one.
fn only_receiver(evidence: &Evidence<'_>, end: End) -> Option<ProcessIndex> {
    let processes = evidence.permutation.plan.processes.iter().enumerate();
    let mut receivers = processes.filter(|(_, process)| {
        let mut ends = process.ends.iter();
        ends.any(|given| given.end == end && given.gets)
    });
    let (only, _) = receivers.next()?;
    receivers.next().is_none().then_some(only)
}

/// Returns the next operation of the process on this end.
fn next_on(evidence: &Evidence<'_>, id: OperationId, end: End) -> Option<OperationId> {
    let operations = &evidence.history.processes[id.process].operations;
    let later = operations.iter().enumerate().skip(id.index + 1);
    let mut on_end = later.filter(|(_, operation)| operation.end == Some(end));
    on_end.next().map(|(index, _)| OperationId { index, ..id })
}

/// Judges that after a ready poll another poll is ready too.
fn stays_ready(evidence: &Evidence<'_>, tally: &mut Tally<'_>, id: OperationId, end: End) {
    let Some(next) = next_on(evidence, id, end) else {
        return;
    };
    let (poll, again) = (evidence.operation(id), evidence.operation(next));
    if again.kind != OperationKind::Poll || poll.outcome != Some(Outcome::Ok) {
        return;
    }
    match again.outcome {
        Some(Outcome::Ok) => tally.upheld(IDEMPOTENT, 1),
        Some(outcome @ (Outcome::Empty | Outcome::Timeout)) => tally.broken(IDEMPOTENT, || {
            let expected = "ready, as before, since nothing was taken";
            witness([id, next], expected, outcome.word())
        }),
        _ => {}
    }
}

/// Judges that a poll is ready when a receive would return the end at once.
fn at_end(evidence: &Evidence<'_>, tally: &mut Tally<'_>, id: OperationId, end: End) {
    let poll = evidence.operation(id);
    let sender = End {
        side: end.side.opposite(),
        ..end
    };
    let mut writers = evidence.holders().writers(sender).peekable();
    let gone = writers.peek().is_some() && writers.all(|writer| writer.gone < poll.start);
    let mut next = next_on(evidence, id, end);
    while let Some(id) = next
        && evidence.operation(id).kind == OperationKind::Poll
    {
        next = next_on(evidence, id, end);
    }
    let Some(receive) = next.filter(|id| evidence.operation(*id).outcome == Some(Outcome::End))
    else {
        return;
    };
    match poll.outcome {
        Some(Outcome::Ok) if gone => tally.upheld(AT_END, 1),
        Some(outcome @ (Outcome::Empty | Outcome::Timeout)) if gone => tally.broken(AT_END, || {
            let expected = "ready, since a receive returns the end at once";
            witness([id, receive], expected, outcome.word())
        }),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Side;
    use crate::history::Exit;
    use crate::test_support::histories::{Expect, HistoryBuilder, pipe};
    use rstest::rstest;

    /// The reader polls twice.
    fn polled(first: Outcome, second: Outcome) -> HistoryBuilder {
        let run = pipe().process("w").put(1).ok(0, 1).process("r");
        let run = run.poll(Side::Rx).gives(first, 2, 3);
        run.poll(Side::Rx).gives(second, 4, 5)
    }

    #[rstest]
    #[case::ready_again(Outcome::Ok, Outcome::Ok, Expect::Upheld(1))]
    #[case::not_ready_again(Outcome::Ok, Outcome::Empty, Expect::Broken(1))]
    #[case::timed_out_again(Outcome::Ok, Outcome::Timeout, Expect::Broken(1))]
    #[case::ready_later(Outcome::Empty, Outcome::Ok, Expect::Untried)]
    fn judges_two_polls(#[case] first: Outcome, #[case] second: Outcome, #[case] expect: Expect) {
        polled(first, second).check(&INVARIANT, IDEMPOTENT, expect);
    }

    #[test]
    fn a_message_received_between_two_polls_is_gone() {
        let run = pipe().process("w").put(1).ok(0, 1).process("r");
        let run = run.poll(Side::Rx).ok(2, 3).get(1).ok(4, 5);
        let run = run.poll(Side::Rx).gives(Outcome::Empty, 6, 7);
        run.check(&INVARIANT, IDEMPOTENT, Expect::Untried);
    }

    #[test]
    fn another_receiver_may_take_the_message_between_two_polls() {
        let run = polled(Outcome::Ok, Outcome::Empty);
        let run = run.process("s").get(1).ok(3, 4);
        run.check(&INVARIANT, IDEMPOTENT, Expect::Untried);
    }

    #[rstest]
    #[case::empty(Outcome::Empty, Expect::Upheld(1))]
    #[case::ready(Outcome::Ok, Expect::Upheld(1))]
    #[case::timeout(Outcome::Timeout, Expect::Broken(1))]
    #[case::not_offered(Outcome::Refused, Expect::Untried)]
    fn judges_calls_that_do_not_wait(#[case] outcome: Outcome, #[case] expect: Expect) {
        let run = pipe().process("r").ask().waiting(Wait::Never);
        run.gives(outcome, 0, 1)
            .check(&INVARIANT, NEVER_BLOCKS, expect);
        let run = pipe().process("r").poll(Side::Rx).gives(outcome, 0, 1);
        run.check(&INVARIANT, NEVER_BLOCKS, expect);
    }

    #[rstest]
    #[case::in_a_stalled_run(Exit::Ended, Ending::Stalled, Expect::Broken(1))]
    #[case::in_a_killed_process(Exit::Killed, Ending::Completed, Expect::Untried)]
    fn a_try_that_blocks(#[case] exit: Exit, #[case] ending: Ending, #[case] expect: Expect) {
        let run = pipe().process("r").exits(exit).ask().waiting(Wait::Never);
        run.pending(0)
            .ending(ending)
            .check(&INVARIANT, NEVER_BLOCKS, expect);
    }

    /// The writer closes between 2 and 3; the reader polls from `start` on, and then its receive
    /// returns the end.
    fn ended(start: u64, outcome: Outcome) -> HistoryBuilder {
        let run = pipe().process("w").close(Side::Tx).ok(2, 3).process("r");
        let run = run.poll(Side::Rx).gives(outcome, start, start + 1);
        run.ask().gives(Outcome::End, 8, 9)
    }

    #[rstest]
    #[case::ready(4, Outcome::Ok, Expect::Upheld(1))]
    #[case::empty(4, Outcome::Empty, Expect::Broken(1))]
    #[case::while_it_closes(2, Outcome::Empty, Expect::Untried)]
    #[case::error(4, Outcome::Error, Expect::Untried)]
    fn judges_the_poll_at_the_end(
        #[case] start: u64,
        #[case] outcome: Outcome,
        #[case] expect: Expect,
    ) {
        ended(start, outcome).check(&INVARIANT, AT_END, expect);
    }
}
