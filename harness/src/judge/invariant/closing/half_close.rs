//! After one end closes its sending direction, the other end sees end of stream and its replies still
//! arrive.

use crate::backend::{Kind, Outcome};
use crate::history::pairing::{Entry, Traffic};
use crate::history::{Operation, OperationId, OperationKind};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::witness;
use crate::judge::untried;
use crate::plan::End;

const PIPE: &str = "pipe.dir.half-close";
const STREAM: &str = "stream.end.half-close";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "half-close",
    about: "after a half-close the other end sees end of stream, and its replies still arrive",
    clauses: &[PIPE, STREAM],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    for (id, operation) in evidence.history.operations() {
        if let (OperationKind::HalfClose, Some(Outcome::Ok), Some(end), Some(returned)) = (
            operation.kind,
            operation.outcome,
            operation.end,
            operation.returned,
        ) {
            let half = HalfClosed { id, end, returned };
            half.judge(evidence, &mut tally);
        }
    }
    tally.findings()
}

/// A half-close that succeeded.
struct HalfClosed {
    id: OperationId,
    end: End,
    returned: u64,
}

impl HalfClosed {
    fn judge(&self, evidence: &Evidence<'_>, tally: &mut Tally<'_>) {
        let lane = |sought| {
            let mut lanes = evidence.lanes().map(|(traffic, _)| traffic);
            lanes.find(|traffic| traffic.lane == sought)
        };
        let (Some(sent), Some(received)) =
            (lane(self.end.sends_on()), lane(self.end.receives_from()))
        else {
            return;
        };
        let clause = match sent.kind {
            Kind::Stream => STREAM,
            _ => PIPE,
        };
        for reply in received.puts.iter().chain(&received.refused) {
            let operation = evidence.operation(reply.id());
            if operation.outcome == Some(Outcome::Gone) && self.still_holds(evidence, operation) {
                tally.broken(clause, || {
                    let expected = "ok, since only the other direction was closed";
                    witness([self.id, reply.id()], expected, "gone")
                });
            }
        }
        // The other end may see the end before the half-close has returned.
        let start = evidence.operation(self.id).start;
        let end = sent.ends.iter().find(|end| start < end.returned);
        match end {
            Some(end) if self.receives_reply(received, end) => tally.upheld(clause, 1),
            Some(_) => tally.untried(clause, untried::NO_REPLY),
            None => {}
        }
    }

    /// Whether a reply arrived that may have been sent after this end.
    fn receives_reply(&self, received: &Traffic, end: &Entry) -> bool {
        let own = |get: &&Entry| get.process() == self.id.process && end.returned < get.returned;
        received.gets.iter().any(|get| own(&get))
    }

    /// Whether the process certainly held its end until this reply had returned.
    fn still_holds(&self, evidence: &Evidence<'_>, reply: &Operation) -> bool {
        let closes = |operation: &&Operation| {
            operation.kind == OperationKind::Close && operation.end == Some(self.end)
        };
        let operations = &evidence.history.processes[self.id.process].operations;
        let close = operations.iter().find(closes);
        let life = evidence.holders().life(self.id.process);
        let until = close.map_or(life.until, |close| close.start);
        self.returned < reply.start && reply.returned.is_some_and(|returned| returned < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Side;
    use crate::test_support::histories::{Expect, HistoryBuilder, duplex};
    use rstest::rstest;

    /// `a` sends a question and closes its sending direction; `b` sees the end.
    fn asked() -> HistoryBuilder {
        duplex()
            .process("a")
            .at(Side::A)
            .put("question")
            .ok(0, 1)
            .half_close(Side::A)
            .ok(2, 3)
            .process("b")
            .at(Side::B)
            .get("question")
            .ok(4, 5)
            .ask()
            .gives(Outcome::End, 6, 7)
    }

    fn answered(outcome: Outcome) -> HistoryBuilder {
        asked()
            .put("answer")
            .gives(outcome, 8, 9)
            .process("a")
            .at(Side::A)
    }

    #[test]
    fn the_end_may_arrive_before_the_half_close_has_returned() {
        let run = duplex()
            .process("a")
            .at(Side::A)
            .half_close(Side::A)
            .ok(2, 8)
            .process("b")
            .at(Side::B)
            .ask()
            .gives(Outcome::End, 1, 5)
            .put("answer")
            .ok(6, 7)
            .process("a")
            .at(Side::A)
            .get("answer")
            .ok(9, 10);
        run.check(&INVARIANT, PIPE, Expect::Upheld(1));
    }

    #[rstest]
    #[case::a_reply_arrived(answered(Outcome::Ok).get("answer").ok(10, 11), Expect::Upheld(1))]
    #[case::no_reply_was_sent(asked(), Expect::Untried)]
    #[case::both_directions_were_closed(
        answered(Outcome::Gone).ask().gives(Outcome::End, 10, 11),
        Expect::Broken(1)
    )]
    #[case::the_other_direction_was_closed_too(
        answered(Outcome::Gone).close(Side::A).ok(5, 6),
        Expect::Untried
    )]
    fn judges(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        run.check(&INVARIANT, PIPE, expect);
    }

    #[test]
    fn a_half_closed_end_still_counts_as_a_reader() {
        let run = asked().put("answer").ok(8, 9).put("more").ok(10, 11);
        let clause = "pipe.peer.send-after-close";
        run.check(
            &crate::judge::invariant::closing::use_after_close::INVARIANT,
            clause,
            Expect::Untried,
        );
    }
}
