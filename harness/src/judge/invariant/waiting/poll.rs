//! A poll tells what a receive would find, takes nothing, and changes nothing; what doesn't wait
//! returns.

use crate::backend::{End, Kind, Outcome, Wait};
use crate::history::{Ending, Operation, OperationId, OperationKind};
use crate::judge::Finding;
use crate::judge::invariant::support::tally::{Tally, seen};
use crate::judge::invariant::{Evidence, Invariant};
use crate::plan::ProcessIndex;

const IDEMPOTENT: &str = "pipe.poll.idempotent";
const NEVER_BLOCKS: &str = "pipe.poll.try-never-blocks";
const AT_END: &str = "pipe.eof.poll-ready";

pub(in crate::judge::invariant) const INVARIANT: Invariant = Invariant {
    name: "poll",
    about: "a poll tells what a receive would find and takes nothing, and what doesn't wait returns",
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
            stays(evidence, &mut tally, id, end);
            at_end(evidence, &mut tally, id, end);
        }
    }
    tally.findings()
}

/// What doesn't wait has an answer at once, and "it took too long" is none.
fn returns(evidence: &Evidence<'_>, tally: &mut Tally<'_>, id: OperationId, operation: &Operation) {
    let hung = evidence.history.ending == Ending::Stalled
        && evidence.was_ended(id.process)
        && !evidence.may_stay_pending(operation);
    let expected = "an answer at once";
    match operation.outcome {
        Some(Outcome::Timeout) => {
            tally.broken(NEVER_BLOCKS, || seen([id], expected, "a timeout"));
        }
        Some(Outcome::Refused | Outcome::Closed) => {}
        Some(_) => tally.upheld(NEVER_BLOCKS, 1),
        None if hung => tally.broken(NEVER_BLOCKS, || {
            seen([id], expected, "it blocked for as long as the run lasted")
        }),
        None => {}
    }
}

/// The process that receives from this end, if no other does.
fn only_receiver(evidence: &Evidence<'_>, end: End) -> Option<ProcessIndex> {
    let processes = evidence.permutation.plan.processes.iter().enumerate();
    let mut receivers = processes.filter(|(_, process)| {
        let mut ends = process.ends.iter();
        ends.any(|given| given.end == end && given.gets)
    });
    let (only, _) = receivers.next()?;
    receivers.next().is_none().then_some(only)
}

/// The next thing that the process does with this end.
fn next_on(evidence: &Evidence<'_>, id: OperationId, end: End) -> Option<OperationId> {
    let operations = &evidence.history.processes[id.process].operations;
    let behind = operations.iter().enumerate().skip(id.index + 1);
    let mut on_end = behind.filter(|(_, operation)| operation.end == Some(end));
    on_end.next().map(|(index, _)| OperationId { index, ..id })
}

/// What is there stays there until it is taken.
fn stays(evidence: &Evidence<'_>, tally: &mut Tally<'_>, id: OperationId, end: End) {
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
            seen([id, next], expected, outcome.word())
        }),
        _ => {}
    }
}

/// Where a receive would be told of the end at once, a poll says that it wouldn't wait.
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
            let expected = "ready, since a receive is told of the end at once";
            seen([id, receive], expected, outcome.word())
        }),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Side;
    use crate::history::Exit;
    use crate::test_support::histories::{Expect, Run, pipe};
    use rstest::rstest;

    /// A reader that polls twice.
    fn polled(first: Outcome, second: Outcome) -> Run {
        let run = pipe().process("w").put(1).ok(0, 1).process("r");
        let run = run.poll(Side::Rx).gives(first, 2, 3);
        run.poll(Side::Rx).gives(second, 4, 5)
    }

    #[rstest]
    #[case::still_there(Outcome::Ok, Outcome::Ok, Expect::Upheld(1))]
    #[case::forgotten(Outcome::Ok, Outcome::Empty, Expect::Broken(1))]
    #[case::forgotten_in_time(Outcome::Ok, Outcome::Timeout, Expect::Broken(1))]
    #[case::come_meanwhile(Outcome::Empty, Outcome::Ok, Expect::Untried)]
    fn judges_what_stays(#[case] first: Outcome, #[case] second: Outcome, #[case] expect: Expect) {
        polled(first, second).check(&INVARIANT, IDEMPOTENT, expect);
    }

    #[test]
    fn what_was_taken_between_two_polls_is_no_longer_there() {
        let run = pipe().process("w").put(1).ok(0, 1).process("r");
        let run = run.poll(Side::Rx).ok(2, 3).get(1).ok(4, 5);
        let run = run.poll(Side::Rx).gives(Outcome::Empty, 6, 7);
        run.check(&INVARIANT, IDEMPOTENT, Expect::Untried);
    }

    #[test]
    fn what_another_may_take_may_be_gone() {
        let run = polled(Outcome::Ok, Outcome::Empty);
        let run = run.process("s").get(1).ok(3, 4);
        run.check(&INVARIANT, IDEMPOTENT, Expect::Untried);
    }

    #[rstest]
    #[case::nothing_there(Outcome::Empty, Expect::Upheld(1))]
    #[case::something_there(Outcome::Ok, Expect::Upheld(1))]
    #[case::not_in_time(Outcome::Timeout, Expect::Broken(1))]
    #[case::not_offered(Outcome::Refused, Expect::Untried)]
    fn judges_what_does_not_wait(#[case] outcome: Outcome, #[case] expect: Expect) {
        let run = pipe().process("r").ask().waiting(Wait::Never);
        run.gives(outcome, 0, 1)
            .check(&INVARIANT, NEVER_BLOCKS, expect);
        let run = pipe().process("r").poll(Side::Rx).gives(outcome, 0, 1);
        run.check(&INVARIANT, NEVER_BLOCKS, expect);
    }

    #[rstest]
    #[case::as_the_run_hung(Exit::Ended, Ending::Stalled, Expect::Broken(1))]
    #[case::as_it_was_killed(Exit::Killed, Ending::Completed, Expect::Untried)]
    fn a_try_that_blocks(#[case] exit: Exit, #[case] ending: Ending, #[case] expect: Expect) {
        let run = pipe().process("r").exits(exit).ask().waiting(Wait::Never);
        run.pending(0)
            .ending(ending)
            .check(&INVARIANT, NEVER_BLOCKS, expect);
    }

    /// A reader that polls between these stamps behind a close between 2 and 3, and is then told
    /// of the end.
    fn ended(start: u64, outcome: Outcome) -> Run {
        let run = pipe().process("w").close(Side::Tx).ok(2, 3).process("r");
        let run = run.poll(Side::Rx).gives(outcome, start, start + 1);
        run.ask().gives(Outcome::End, 8, 9)
    }

    #[rstest]
    #[case::ready(4, Outcome::Ok, Expect::Upheld(1))]
    #[case::nothing_there(4, Outcome::Empty, Expect::Broken(1))]
    #[case::while_it_closes(2, Outcome::Empty, Expect::Untried)]
    #[case::some_error(4, Outcome::Error, Expect::Untried)]
    fn judges_the_poll_at_the_end(
        #[case] start: u64,
        #[case] outcome: Outcome,
        #[case] expect: Expect,
    ) {
        ended(start, outcome).check(&INVARIANT, AT_END, expect);
    }
}
