//! Sending after the last reader is gone is an error, at the latest the second time, and so is using an
//! end that the process itself has closed.
//!
//! This is the invariant `peer`.

use std::collections::BTreeMap;

use crate::backend::{Kind, Outcome};
use crate::history::{Exit, Operation, OperationId, OperationKind};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::witness;
use crate::plan::{End, ProcessIndex};

const AFTER_CLOSE: &str = "pipe.peer.send-after-close";
const AFTER_CLOSE_OF_STREAM: &str = "stream.peer.write-after-reader-gone";
const SURVIVES: &str = "pipe.peer.no-sigpipe-death";
const OWN_END: &str = "pipe.peer.own-end-closed";
const OWN_QUEUE: &str = "queue.close.then-use";
const LOCAL: &str = "queue.close.local";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "peer",
    about: "sending after the last reader is gone is an error, and so is using an end after its close",
    clauses: &[
        AFTER_CLOSE,
        AFTER_CLOSE_OF_STREAM,
        SURVIVES,
        OWN_END,
        OWN_QUEUE,
        LOCAL,
    ],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    let closes = first_closes(evidence);
    for process in 0..evidence.history.processes.len() {
        for kind in [Kind::Pipe, Kind::Stream] {
            sends_without_reader(evidence, &mut tally, process, kind);
        }
        for (kind, own_end) in [(Kind::Pipe, OWN_END), (Kind::Queue, OWN_QUEUE)] {
            let on_ends: Vec<_> = on_ends(evidence, process, kind).collect();
            uses_of_closed_ends(&mut tally, own_end, &on_ends);
            if kind == Kind::Queue {
                uses_of_ends_closed_by_others(evidence, &closes, &mut tally, &on_ends);
            }
        }
    }
    tally.findings()
}

/// Returns the operations of this process on channels of this kind, each with its end.
fn on_ends<'a>(
    evidence: &'a Evidence<'_>,
    process: ProcessIndex,
    kind: Kind,
) -> impl Iterator<Item = (OperationId, &'a Operation, End)> {
    let operations = evidence.history.processes[process].operations.iter();
    operations.enumerate().filter_map(move |(index, op)| {
        let end = op.end?;
        let id = OperationId { process, index };
        (evidence.kind(op) == kind).then_some((id, op, end))
    })
}

fn sends_without_reader(
    evidence: &Evidence<'_>,
    tally: &mut Tally<'_>,
    process: ProcessIndex,
    kind: Kind,
) {
    let clause = match kind {
        Kind::Stream => AFTER_CLOSE_OF_STREAM,
        _ => AFTER_CLOSE,
    };
    let mut unnoticed = None;
    let mut closed = Vec::new();
    for (id, send, end) in on_ends(evidence, process, kind) {
        if send.kind == OperationKind::Close {
            closed.push(end);
        }
        if send.kind != OperationKind::Put || closed.contains(&end) {
            continue;
        }
        let receivers = evidence.holders().of_end(end.sends_on().receiver());
        if receivers.is_empty() {
            continue;
        }
        let are_gone = receivers.iter().all(|reader| reader.deaf < send.start);
        let holder = send
            .returned
            .and_then(|returned| receivers.iter().find(|reader| reader.until > returned));
        match (send.outcome, holder) {
            (Some(Outcome::Gone), Some(reader)) => tally.broken(clause, || {
                let name = evidence.process(reader.process);
                let expected = format!("no such error while {name} holds the other end");
                witness([id], expected, "gone")
            }),
            (Some(Outcome::Gone), None) => {
                tally.upheld(clause, 1);
                tally.upheld(SURVIVES, u64::from(lived_on(evidence, id)));
            }
            (None, _) if are_gone && died_of_it(evidence, id) => tally.broken(SURVIVES, || {
                let expected = "an error, since no process can receive it";
                witness([id], expected, "the process died of it")
            }),
            (Some(outcome), _) if are_gone => match unnoticed {
                // The first send may leave before the library can notice.
                None => unnoticed = Some(id),
                Some(first) if !evidence.history.is_before(first, id) => {}
                Some(first) => tally.broken(clause, || {
                    let expected = "gone, since no process can receive it";
                    witness([first, id], expected, outcome.word())
                }),
            },
            _ => {}
        }
    }
}

/// Whether the process did anything after this operation.
fn lived_on(evidence: &Evidence<'_>, id: OperationId) -> bool {
    let operations = &evidence.history.processes[id.process].operations;
    id.index + 1 < operations.len()
}

/// Whether the process ended during this operation, and neither a kill nor the harness ended it.
fn died_of_it(evidence: &Evidence<'_>, id: OperationId) -> bool {
    let by_itself = matches!(
        evidence.exit(id.process),
        Some(Exit::Signal(_) | Exit::Code(_))
    );
    by_itself && !lived_on(evidence, id)
}

fn uses_of_closed_ends(
    tally: &mut Tally<'_>,
    clause: &str,
    on_ends: &[(OperationId, &Operation, End)],
) {
    let mut closed: Vec<(End, OperationId)> = Vec::new();
    for (id, operation, end) in on_ends.iter().copied() {
        let close = closed.iter().find(|(known, _)| *known == end);
        match (operation.kind, close, operation.outcome) {
            (OperationKind::Close, None, Some(Outcome::Ok)) => closed.push((end, id)),
            // A call that the library's types don't allow shows nothing.
            (_, Some(_), Some(Outcome::Refused) | None) | (_, None, _) => {}
            (_, Some(_), Some(Outcome::Closed)) => tally.upheld(clause, 1),
            (OperationKind::Close, Some(_), _) => {}
            (_, Some((_, close)), Some(outcome)) => tally.broken(clause, || {
                let expected = "closed, since this process closed its end";
                witness([*close, id], expected, outcome.word())
            }),
        }
    }
}

fn uses_of_ends_closed_by_others(
    evidence: &Evidence<'_>,
    closes: &BTreeMap<End, u64>,
    tally: &mut Tally<'_>,
    on_ends: &[(OperationId, &Operation, End)],
) {
    let mut closed = Vec::new();
    for (id, operation, end) in on_ends.iter().copied() {
        let was_closed_before = || {
            let first = closes.get(&end);
            first.is_some_and(|returned| *returned < operation.start)
        };
        if operation.kind == OperationKind::Close {
            closed.push(end);
        } else if closed.contains(&end) {
            continue;
        } else if operation.outcome == Some(Outcome::Closed) {
            tally.broken(LOCAL, || {
                let name = evidence.process(id.process);
                let expected = format!("{name} may use it, since it hasn't closed it");
                witness([id], expected, "closed")
            });
        } else if operation.outcome == Some(Outcome::Ok) && was_closed_before() {
            tally.upheld(LOCAL, 1);
        }
    }
}

/// Returns when the first close of each end returned, whichever process did it.
fn first_closes(evidence: &Evidence<'_>) -> BTreeMap<End, u64> {
    let mut first: BTreeMap<End, u64> = BTreeMap::new();
    for (_, close) in evidence.history.operations() {
        if let (OperationKind::Close, Some(end), Some(returned)) =
            (close.kind, close.end, close.returned)
        {
            let earliest = first.entry(end).or_insert(returned);
            *earliest = returned.min(*earliest);
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Side;
    use crate::plan::Item;
    use crate::test_support::histories::{Expect, HistoryBuilder, pipe, queue, stream};
    use rstest::rstest;

    /// The reader closes between 2 and 3; the next operations are the writer's.
    fn without_reader() -> HistoryBuilder {
        pipe().process("r").close(Side::Rx).ok(2, 3).process("w")
    }

    #[rstest]
    #[case::gone_at_once(without_reader().put(1).gives(Outcome::Gone, 4, 5), Expect::Upheld(1))]
    #[case::gone_the_second_time(
        without_reader().put(1).ok(4, 5).put(2).gives(Outcome::Gone, 6, 7), Expect::Upheld(1)
    )]
    #[case::never_noticed(without_reader().put(1).ok(4, 5).put(2).ok(6, 7), Expect::Broken(1))]
    #[case::another_error(
        without_reader().put(1).ok(4, 5).put(2).gives(Outcome::Error, 6, 7), Expect::Broken(1)
    )]
    #[case::by_two_threads_at_once(
        without_reader().thread(1).put(1).ok(4, 7).thread(2).put(2).ok(5, 6), Expect::Untried
    )]
    #[case::sent_once(without_reader().put(1).ok(4, 5), Expect::Untried)]
    #[case::sent_during_the_close(without_reader().put(1).ok(2, 5).put(2).ok(3, 7), Expect::Untried)]
    #[case::gone_during_the_close(without_reader().put(1).gives(Outcome::Gone, 1, 2), Expect::Upheld(1))]
    #[case::gone_before_the_close(without_reader().put(1).gives(Outcome::Gone, 0, 1), Expect::Broken(1))]
    fn judges_sending_without_a_reader(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        run.check(&INVARIANT, AFTER_CLOSE, expect);
    }

    #[rstest]
    #[case::reports_closed(Outcome::Closed, Expect::Upheld(1))]
    #[case::succeeds(Outcome::Ok, Expect::Broken(1))]
    #[case::reports_gone(Outcome::Gone, Expect::Broken(1))]
    #[case::is_not_offered(Outcome::Refused, Expect::Untried)]
    fn judges_use_of_its_own_closed_end(#[case] outcome: Outcome, #[case] expect: Expect) {
        let run = pipe().process("w").close(Side::Tx).ok(0, 1);
        let run = run.put(1).gives(outcome, 2, 3);
        run.check(&INVARIANT, OWN_END, expect);
    }

    #[rstest]
    #[case::gone_the_second_time(Outcome::Gone, Expect::Upheld(1))]
    #[case::never_noticed(Outcome::Ok, Expect::Broken(1))]
    fn judges_writing_without_a_reader(#[case] outcome: Outcome, #[case] expect: Expect) {
        let bytes = || Item::Bytes(b"ab".to_vec());
        let run = stream().process("r").close(Side::Rx).ok(2, 3).process("w");
        let run = run.put(bytes()).ok(4, 5).put(bytes()).gives(outcome, 6, 7);
        run.check(&INVARIANT, AFTER_CLOSE_OF_STREAM, expect);
    }

    #[rstest]
    #[case::lives_on(
        without_reader().put(1).gives(Outcome::Gone, 4, 5).exit().ok(6, 7), Expect::Upheld(1)
    )]
    #[case::dies_of_a_signal(
        without_reader().exits(Exit::Signal(13)).put(1).pending(4), Expect::Broken(1)
    )]
    #[case::dies_by_an_exit_code(
        without_reader().exits(Exit::Code(3)).put(1).pending(4), Expect::Broken(1)
    )]
    #[case::is_killed(without_reader().exits(Exit::Killed).put(1).pending(4), Expect::Untried)]
    #[case::dies_before_the_reader_has_gone(
        without_reader().exits(Exit::Signal(6)).put(1).pending(1), Expect::Untried
    )]
    fn judges_whether_the_writer_survives(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        run.check(&INVARIANT, SURVIVES, expect);
    }

    #[rstest]
    #[case::reports_closed(Outcome::Closed, Expect::Upheld(1))]
    #[case::succeeds(Outcome::Ok, Expect::Broken(1))]
    #[case::is_not_offered(Outcome::Refused, Expect::Untried)]
    fn judges_use_of_a_closed_queue(#[case] outcome: Outcome, #[case] expect: Expect) {
        let run = queue().process("p").close(Side::Queue).ok(0, 1);
        let run = run.put(1).gives(outcome, 2, 3);
        run.check(&INVARIANT, OWN_QUEUE, expect);
    }

    #[rstest]
    #[case::succeeds_after(Outcome::Ok, 4, Expect::Upheld(1))]
    #[case::fails_after(Outcome::Closed, 4, Expect::Broken(1))]
    #[case::succeeds_before(Outcome::Ok, 0, Expect::Untried)]
    fn judges_use_of_a_queue_that_another_closed(
        #[case] outcome: Outcome,
        #[case] start: u64,
        #[case] expect: Expect,
    ) {
        let run = queue().process("p").close(Side::Queue).ok(2, 3);
        let run = run.process("o").put(1).gives(outcome, start, start + 1);
        run.check(&INVARIANT, LOCAL, expect);
    }

    #[test]
    fn use_of_an_open_end_tries_nothing() {
        let run = pipe().process("w").put(1).ok(2, 3);
        run.check(&INVARIANT, OWN_END, Expect::Untried);
    }
}
