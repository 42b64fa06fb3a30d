//! Sending to nobody, and using an end that one has closed, are errors.

use super::tally::{Tally, seen};
use super::{Evidence, Invariant};
use crate::channel::Kind;
use crate::finding::Finding;
use crate::history::{Operation, OperationId, OperationKind};
use crate::outcome::Outcome;
use crate::plan::ProcessIndex;

const AFTER_CLOSE: &str = "pipe.peer.send-after-close";
const OWN_END: &str = "pipe.peer.own-end-closed";

pub(super) const INVARIANT: Invariant = Invariant {
    name: "peer",
    about: "sending to nobody is an error, at the latest the second time; so is using a closed end",
    clauses: &[AFTER_CLOSE, OWN_END],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    let channels = &evidence.permutation.plan.channels;
    if channels.iter().any(|channel| channel.kind == Kind::Pipe) {
        for process in 0..evidence.history.processes.len() {
            sends_to_nobody(evidence, &mut tally, process);
            uses_of_closed_ends(evidence, &mut tally, process);
        }
    }
    tally.findings()
}

/// The operations of this process on pipes, each with its end.
fn on_pipes<'a>(
    evidence: &'a Evidence<'_>,
    process: ProcessIndex,
) -> impl Iterator<Item = (OperationId, &'a Operation, crate::channel::End)> {
    let operations = evidence.history.processes[process].operations.iter();
    operations.enumerate().filter_map(move |(index, op)| {
        let end = op.end?;
        let id = OperationId { process, index };
        (evidence.kind(op) == Kind::Pipe).then_some((id, op, end))
    })
}

fn sends_to_nobody(evidence: &Evidence<'_>, tally: &mut Tally<'_>, process: ProcessIndex) {
    let mut deaf = None;
    let mut closed = Vec::new();
    for (id, send, end) in on_pipes(evidence, process) {
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
        let nobody = receivers.iter().all(|reader| reader.gone < send.start);
        let somebody = send
            .returned
            .and_then(|returned| receivers.iter().find(|reader| reader.until > returned));
        match (send.outcome, somebody) {
            (Some(Outcome::Gone), Some(reader)) => tally.broken(AFTER_CLOSE, || {
                let name = evidence.process(reader.process);
                let expected = format!("no such error while {name} holds the other end");
                seen([id], expected, "gone")
            }),
            (Some(Outcome::Gone), None) => tally.upheld(AFTER_CLOSE, 1),
            (Some(outcome), _) if nobody => match deaf {
                // The first may be on its way before anybody notices.
                None => deaf = Some(id),
                Some(first) if !evidence.history.is_before(first, id) => {}
                Some(first) => tally.broken(AFTER_CLOSE, || {
                    let expected = "gone, since nobody can receive it";
                    seen([first, id], expected, outcome.word())
                }),
            },
            _ => {}
        }
    }
}

fn uses_of_closed_ends(evidence: &Evidence<'_>, tally: &mut Tally<'_>, process: ProcessIndex) {
    let mut closed: Vec<(crate::channel::End, OperationId)> = Vec::new();
    for (id, operation, end) in on_pipes(evidence, process) {
        let close = closed.iter().find(|(known, _)| *known == end);
        match (operation.kind, close, operation.outcome) {
            (OperationKind::Close, None, Some(Outcome::Ok)) => closed.push((end, id)),
            // A closed end that its type makes unusable proves nothing either way.
            (_, Some(_), Some(Outcome::Refused) | None) | (_, None, _) => {}
            (_, Some(_), Some(Outcome::Closed)) => tally.upheld(OWN_END, 1),
            (OperationKind::Close, Some(_), _) => {}
            (_, Some((_, close)), Some(outcome)) => tally.broken(OWN_END, || {
                let expected = "closed, since this process closed its end";
                seen([*close, id], expected, outcome.word())
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::Side;
    use crate::testing::histories::{Expect, Run, pipe};
    use rstest::rstest;

    /// A reader that closes between 2 and 3; what follows is about the writer.
    fn deaf() -> Run {
        pipe().process("r").close(Side::Rx).ok(2, 3).process("w")
    }

    #[rstest]
    #[case::gone_at_once(deaf().put(1).gives(Outcome::Gone, 4, 5), Expect::Upheld(1))]
    #[case::gone_the_second_time(
        deaf().put(1).ok(4, 5).put(2).gives(Outcome::Gone, 6, 7), Expect::Upheld(1)
    )]
    #[case::never_noticed(deaf().put(1).ok(4, 5).put(2).ok(6, 7), Expect::Broken(1))]
    #[case::another_error(
        deaf().put(1).ok(4, 5).put(2).gives(Outcome::Error, 6, 7), Expect::Broken(1)
    )]
    #[case::sent_once(deaf().put(1).ok(4, 5), Expect::Untried)]
    #[case::sent_during_the_close(deaf().put(1).ok(2, 5).put(2).ok(3, 7), Expect::Untried)]
    #[case::gone_during_the_close(deaf().put(1).gives(Outcome::Gone, 1, 2), Expect::Upheld(1))]
    #[case::gone_before_the_close(deaf().put(1).gives(Outcome::Gone, 0, 1), Expect::Broken(1))]
    fn judges_sending_to_nobody(#[case] run: Run, #[case] expect: Expect) {
        run.check(&INVARIANT, AFTER_CLOSE, expect);
    }

    #[rstest]
    #[case::says_so(Outcome::Closed, Expect::Upheld(1))]
    #[case::pretends(Outcome::Ok, Expect::Broken(1))]
    #[case::blames_the_other(Outcome::Gone, Expect::Broken(1))]
    #[case::is_impossible_by_type(Outcome::Refused, Expect::Untried)]
    fn judges_use_of_an_own_closed_end(#[case] outcome: Outcome, #[case] expect: Expect) {
        let run = pipe().process("w").close(Side::Tx).ok(0, 1);
        let run = run.put(1).gives(outcome, 2, 3);
        run.check(&INVARIANT, OWN_END, expect);
    }

    #[test]
    fn an_open_end_tries_nothing() {
        let run = pipe().process("w").put(1).ok(2, 3);
        run.check(&INVARIANT, OWN_END, Expect::Untried);
    }
}
