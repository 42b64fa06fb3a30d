//! What one thread waits for doesn't stop another.

use std::collections::BTreeMap;

use crate::backend::{Kind, Outcome};
use crate::history::{Operation, OperationId, OperationKind};
use crate::judge::Finding;
use crate::judge::invariant::support::tally::{Tally, seen};
use crate::judge::invariant::{Evidence, Invariant};
use crate::plan::ProcessIndex;

const BOTH_WAYS: &str = "pipe.dir.concurrent-read-write";

pub(in crate::judge::invariant) const INVARIANT: Invariant = Invariant {
    name: "concurrent",
    about: "a receive that waits in one thread doesn't stop a send by another on the same end",
    clauses: &[BOTH_WAYS],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    for process in 0..evidence.history.processes.len() {
        sends_beside_receives(evidence, &mut tally, process);
    }
    tally.findings()
}

fn sends_beside_receives(evidence: &Evidence<'_>, tally: &mut Tally<'_>, process: ProcessIndex) {
    // What each thread has begun last.
    let mut threads: BTreeMap<u16, OperationId> = BTreeMap::new();
    let operations = &evidence.history.processes[process].operations;
    for (index, send) in operations.iter().enumerate() {
        let id = OperationId { process, index };
        if send.kind == OperationKind::Put && evidence.kind(send) == Kind::Pipe {
            let others = threads.iter().filter(|(thread, _)| **thread != send.thread);
            let beside = |(_, other): &(&u16, &OperationId)| {
                let receive = evidence.operation(**other);
                receive.kind == OperationKind::Get
                    && receive.end == send.end
                    && !send.is_in_turn_with(receive)
                    && outlasts(receive, send)
            };
            if let Some((_, receive)) = others.into_iter().find(beside) {
                beside_receive(evidence, tally, id, *receive);
            }
        }
        threads.insert(send.thread, id);
    }
}

/// Whether the first was under way as long as the second, which started later.
fn outlasts(first: &Operation, second: &Operation) -> bool {
    first.start < second.start
        && first
            .returned
            .is_none_or(|returned| second.returned.is_some_and(|earlier| earlier < returned))
}

fn beside_receive(
    evidence: &Evidence<'_>,
    tally: &mut Tally<'_>,
    send: OperationId,
    receive: OperationId,
) {
    let operation = evidence.operation(send);
    if operation.outcome == Some(Outcome::Ok) {
        tally.upheld(BOTH_WAYS, 1);
    }
    let hangs = operation.is_pending() && evidence.was_ended(send.process);
    // A send that nobody receives may wait for that.
    if hangs && let Some(other) = awaiting(evidence, operation) {
        tally.broken(BOTH_WAYS, || {
            let expected = format!(
                "{} returns, since {} waits for it",
                evidence.name(send),
                evidence.doer(other)
            );
            let beside = format!("it never returned beside {}", evidence.whole_name(receive));
            seen([send, receive, other], expected, beside)
        });
    }
}

/// A receive that waits for what this sends.
fn awaiting(evidence: &Evidence<'_>, send: &Operation) -> Option<OperationId> {
    let lane = send.end?.sends_on();
    let mut operations = evidence.history.operations();
    let waits = operations.find(|(_, operation)| {
        let receives = operation.end.map(|end| end.receives_from()) == Some(lane);
        operation.kind == OperationKind::Get && operation.is_pending() && receives
    });
    waits.map(|(id, _)| id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Side;
    use crate::history::{Ending, Exit};
    use crate::test_support::histories::{Expect, Run, duplex};
    use rstest::rstest;

    /// A client that listens in one thread from 0 on; what follows is another's send.
    fn listening(returned: Option<u64>) -> Run {
        let run = duplex().process("client").at(Side::A).thread(1);
        let run = match returned {
            Some(returned) => run.get("answer").ok(0, returned),
            None => run.ask().pending(0),
        };
        run.thread(2)
    }

    fn stalled(run: Run) -> Run {
        let run = run.exits(Exit::Ended).ending(Ending::Stalled);
        run.process("server").exits(Exit::Ended).at(Side::B)
    }

    #[rstest]
    #[case::beside(listening(Some(9)).put("question").ok(2, 3), Expect::Upheld(1))]
    #[case::beside_one_that_never_returned(
        listening(None).put("question").ok(2, 3), Expect::Upheld(1)
    )]
    #[case::behind(listening(Some(1)).put("question").ok(2, 3), Expect::Untried)]
    #[case::longer_than_the_receive(
        listening(Some(3)).put("question").ok(2, 4), Expect::Untried
    )]
    #[case::on_one_thread(
        listening(Some(9)).thread(1).put("question").ok(10, 11), Expect::Untried
    )]
    #[case::never(
        stalled(listening(None).put("question").pending(2)).ask().pending(1),
        Expect::Broken(1)
    )]
    #[case::never_for_nobody_receives(
        stalled(listening(None).put("question").pending(2)), Expect::Untried
    )]
    #[case::killed_meanwhile(
        stalled(listening(None).put("question").pending(2)).ask().pending(1)
            .process("client").exits(Exit::Killed),
        Expect::Untried
    )]
    fn judges(#[case] run: Run, #[case] expect: Expect) {
        run.check(&INVARIANT, BOTH_WAYS, expect);
    }

    #[test]
    fn the_witness_names_the_threads() {
        let run = stalled(listening(None).put("question").pending(2))
            .ask()
            .pending(1);
        let witness = run.witness(&INVARIANT, BOTH_WAYS);
        assert_eq!(
            witness.expected,
            "send p.a \"question\" returns, since server waits for it"
        );
        assert_eq!(
            witness.actual,
            "it never returned beside client/1: recv p.a"
        );
    }
}
