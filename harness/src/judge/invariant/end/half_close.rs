//! Who has closed one direction only still hears in the other.

use crate::backend::{End, Kind, Outcome};
use crate::history::pairing::{Entry, Traffic};
use crate::history::{Operation, OperationId, OperationKind};
use crate::judge::Finding;
use crate::judge::invariant::support::tally::{Tally, seen};
use crate::judge::invariant::{Evidence, Invariant};

const PIPE: &str = "pipe.dir.half-close";
const STREAM: &str = "stream.end.half-close";

pub(in crate::judge::invariant) const INVARIANT: Invariant = Invariant {
    name: "half-close",
    about: "behind a half-close the other side is told of the end, and its answers still come",
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
            let half = HalfClose { id, end, returned };
            half.judge(evidence, &mut tally);
        }
    }
    tally.findings()
}

struct HalfClose {
    id: OperationId,
    end: End,
    returned: u64,
}

impl HalfClose {
    fn judge(&self, evidence: &Evidence<'_>, tally: &mut Tally<'_>) {
        let lane = |sought| {
            let mut lanes = evidence.lanes().map(|(traffic, _)| traffic);
            lanes.find(|traffic| traffic.lane == sought)
        };
        let (Some(said), Some(heard)) = (lane(self.end.sends_on()), lane(self.end.receives_from()))
        else {
            return;
        };
        let clause = match said.kind {
            Kind::Stream => STREAM,
            _ => PIPE,
        };
        for answer in heard.puts.iter().chain(&heard.refused) {
            let operation = evidence.operation(answer.id());
            if operation.outcome == Some(Outcome::Gone) && self.still_holds(evidence, operation) {
                tally.broken(clause, || {
                    let expected = "ok, since only the other direction was closed";
                    seen([self.id, answer.id()], expected, "gone")
                });
            }
        }
        // The other side may hear of it before the half-close has returned.
        let began = evidence.operation(self.id).start;
        let told = said.ends.iter().find(|end| began < end.returned);
        match told {
            Some(end) if self.hears(heard, end) => tally.upheld(clause, 1),
            Some(_) => tally.untried(clause, "no answer came behind the end"),
            None => tally.untried(clause, "nobody was told of the end"),
        }
    }

    /// Whether an answer that was given behind this end arrived.
    fn hears(&self, heard: &Traffic, end: &Entry) -> bool {
        let own = |get: &&Entry| get.process() == self.id.process && end.returned < get.returned;
        heard.gets.iter().any(|get| own(&get))
    }

    /// Whether the process surely held its end for as long as this answer was under way.
    fn still_holds(&self, evidence: &Evidence<'_>, answer: &Operation) -> bool {
        let closes = |operation: &&Operation| {
            operation.kind == OperationKind::Close && operation.end == Some(self.end)
        };
        let operations = &evidence.history.processes[self.id.process].operations;
        let close = operations.iter().find(closes);
        let life = evidence.holders().life(self.id.process);
        let until = close.map_or(life.until, |close| close.start);
        self.returned < answer.start && answer.returned.is_some_and(|returned| returned < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Side;
    use crate::test_support::histories::{Expect, Run, duplex};
    use rstest::rstest;

    /// A asks and closes its sending direction; b hears the end.
    fn asked() -> Run {
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

    fn answered(outcome: Outcome) -> Run {
        asked()
            .put("answer")
            .gives(outcome, 8, 9)
            .process("a")
            .at(Side::A)
    }

    #[test]
    fn the_end_may_be_heard_before_the_half_close_has_returned() {
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
    #[case::an_answer_came(answered(Outcome::Ok).get("answer").ok(10, 11), Expect::Upheld(1))]
    #[case::none_was_given(asked(), Expect::Untried)]
    #[case::both_directions_went(
        answered(Outcome::Gone).ask().gives(Outcome::End, 10, 11),
        Expect::Broken(1)
    )]
    #[case::it_had_closed_the_rest(
        answered(Outcome::Gone).close(Side::A).ok(5, 6),
        Expect::Untried
    )]
    fn judges(#[case] run: Run, #[case] expect: Expect) {
        run.check(&INVARIANT, PIPE, expect);
    }

    #[test]
    fn who_has_closed_the_other_direction_is_still_there_to_receive() {
        let run = asked().put("answer").ok(8, 9).put("more").ok(10, 11);
        let told = "pipe.peer.send-after-close";
        run.check(
            &crate::judge::invariant::process::peer_gone::INVARIANT,
            told,
            Expect::Untried,
        );
    }
}
