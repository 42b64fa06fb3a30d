//! A receive that waits in one thread doesn't block a send by another thread on the same end.

use std::collections::BTreeMap;

use crate::backend::{Kind, Outcome};
use crate::history::{Operation, OperationId, OperationKind};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::witness;
use crate::plan::ProcessIndex;

const BOTH_WAYS: &str = "pipe.dir.concurrent-read-write";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "concurrent",
    about: "a receive that waits in one thread doesn't block a send by another on the same end",
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
    // The last operation that each thread has started.
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

/// Whether the second operation started and returned while the first was pending.
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
    // A send may wait until some process receives.
    if hangs && let Some(other) = awaiting(evidence, operation) {
        tally.broken(BOTH_WAYS, || {
            let expected = format!(
                "{} returns, since {} waits for it",
                evidence.name(send),
                evidence.caller(other)
            );
            let beside = format!(
                "it never returned beside {}",
                evidence.name_with_caller(receive)
            );
            witness([send, receive, other], expected, beside)
        });
    }
}

/// Returns a pending receive at the other end.
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
    use crate::test_support::histories::{Expect, HistoryBuilder, duplex};
    use rstest::rstest;

    /// The client receives in one thread from 0 on; the next operations are another thread's.
    fn receiving(returned: Option<u64>) -> HistoryBuilder {
        let run = duplex().process("client").at(Side::A).thread(1);
        let run = match returned {
            Some(returned) => run.get("answer").ok(0, returned),
            None => run.ask().pending(0),
        };
        run.thread(2)
    }

    fn stalled(run: HistoryBuilder) -> HistoryBuilder {
        let run = run.exits(Exit::Ended).ending(Ending::Stalled);
        run.process("server").exits(Exit::Ended).at(Side::B)
    }

    #[rstest]
    #[case::beside(receiving(Some(9)).put("question").ok(2, 3), Expect::Upheld(1))]
    #[case::beside_one_that_never_returns(
        receiving(None).put("question").ok(2, 3), Expect::Upheld(1)
    )]
    #[case::after(receiving(Some(1)).put("question").ok(2, 3), Expect::Untried)]
    #[case::longer_than_the_receive(
        receiving(Some(3)).put("question").ok(2, 4), Expect::Untried
    )]
    #[case::on_one_thread(
        receiving(Some(9)).thread(1).put("question").ok(10, 11), Expect::Untried
    )]
    #[case::never(
        stalled(receiving(None).put("question").pending(2)).ask().pending(1),
        Expect::Broken(1)
    )]
    #[case::never_without_a_receiver(
        stalled(receiving(None).put("question").pending(2)), Expect::Untried
    )]
    #[case::killed(
        stalled(receiving(None).put("question").pending(2)).ask().pending(1)
            .process("client").exits(Exit::Killed),
        Expect::Untried
    )]
    fn judges(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        run.check(&INVARIANT, BOTH_WAYS, expect);
    }

    #[test]
    fn the_witness_names_the_threads() {
        let run = stalled(receiving(None).put("question").pending(2))
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
