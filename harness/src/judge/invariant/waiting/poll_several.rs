//! A wait for several pipes tells of every one that has a message.

use std::collections::BTreeMap;

use crate::backend::{Kind, Lane, Outcome};
use crate::history::{Operation, OperationId, OperationKind};
use crate::judge::Finding;
use crate::judge::invariant::support::occupancy::Occupancy;
use crate::judge::invariant::support::tally::{Tally, seen};
use crate::judge::invariant::{Evidence, Invariant};
use crate::plan::Action;

const ALL: &str = "pipe.poll.wait-returns-all";

pub(in crate::judge::invariant) const INVARIANT: Invariant = Invariant {
    name: "poll-several",
    about: "a wait for several pipes tells of every one that certainly has a message",
    clauses: &[ALL],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    let mut lanes = BTreeMap::new();
    for (id, poll) in evidence.history.operations() {
        let Some(lane) = asked_among_others(evidence, poll) else {
            continue;
        };
        let lane = lanes
            .entry(lane)
            .or_insert_with(|| Held::of(evidence, lane));
        let (Some(outcome), Some(message)) = (poll.outcome, lane.throughout(poll)) else {
            continue;
        };
        match outcome {
            Outcome::Ok => tally.upheld(ALL, 1),
            Outcome::Empty | Outcome::Timeout => tally.broken(ALL, || {
                let item = evidence.item_of(message);
                let expected = format!("ready, since {item} was inside");
                seen([message, id], expected, outcome.word())
            }),
            _ => {}
        }
    }
    tally.findings()
}

/// The lane of a pipe that this asks of, if its step asks of others too.
fn asked_among_others(evidence: &Evidence<'_>, poll: &Operation) -> Option<Lane> {
    if poll.kind != OperationKind::Poll || evidence.kind(poll) != Kind::Pipe {
        return None;
    }
    match &evidence.step(poll.step)?.action {
        Action::Poll { ends, .. } if ends.len() > 1 => Some(poll.end?.receives_from()),
        _ => None,
    }
}

/// When a lane certainly held messages.
struct Held {
    occupancy: Option<Occupancy>,
    /// Both ends excluded.
    stretches: Vec<(u64, u64)>,
}

impl Held {
    fn of(evidence: &Evidence<'_>, lane: Lane) -> Held {
        let mut lanes = evidence.lanes();
        let found = lanes.find(|(traffic, _)| traffic.lane == lane);
        let occupancy = found.map(|(traffic, fates)| Occupancy::of(traffic, fates));
        let stretches = occupancy.as_ref().map(Occupancy::busy).unwrap_or_default();
        Held {
            occupancy,
            stretches,
        }
    }

    /// The put of a message that was inside when this operation started, if something certainly was
    /// from then until it returned.
    fn throughout(&self, operation: &Operation) -> Option<OperationId> {
        let returned = operation.returned?;
        let before = self
            .stretches
            .partition_point(|(from, _)| *from < operation.start);
        let (_, to) = self.stretches[..before].last()?;
        let stays = &self.occupancy.as_ref()?.stays;
        let mut inside = stays
            .iter()
            .filter(|stay| stay.from < operation.start && operation.start < stay.to);
        (returned < *to).then(|| inside.next().map(|stay| stay.put))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::histories::{Expect, Run, two_pipes};
    use rstest::rstest;

    /// Of two pipes the first holds a message from 1 to 50.
    fn one_holds() -> Run {
        let sent = two_pipes().process("w").put(1).ok(0, 1);
        sent.process("r").get(1).ok(50, 51)
    }

    use Outcome::{Empty, Ok, Timeout};

    #[rstest]
    #[case::told(one_holds().poll_both([Ok, Timeout], 10, 11), Expect::Upheld(1))]
    #[case::told_of_the_other_only(one_holds().poll_both([Empty, Ok], 10, 11), Expect::Broken(1))]
    #[case::told_of_none(one_holds().poll_both([Timeout, Timeout], 10, 11), Expect::Broken(1))]
    #[case::while_it_is_sent(one_holds().poll_both([Empty, Ok], 1, 11), Expect::Untried)]
    #[case::while_it_is_taken(one_holds().poll_both([Empty, Ok], 10, 50), Expect::Untried)]
    #[case::before(
        two_pipes().process("w").put(1).ok(20, 21).process("r").poll_both([Empty, Ok], 10, 11),
        Expect::Untried
    )]
    #[case::that_nobody_ever_takes(
        two_pipes().process("w").put(1).ok(0, 1).process("r").poll_both([Empty, Ok], 10, 11),
        Expect::Broken(1)
    )]
    #[case::an_error_is_not_for_this_judge(
        one_holds().poll_both([Outcome::Error, Ok], 10, 11), Expect::Untried
    )]
    fn judges(#[case] run: Run, #[case] expect: Expect) {
        run.check(&INVARIANT, ALL, expect);
    }

    #[test]
    fn the_witness_is_the_message_and_the_answer() {
        let run = one_holds().poll_both([Empty, Ok], 10, 11);
        let witness = run.witness(&INVARIANT, ALL);
        assert_eq!(witness.expected, "ready, since 1 was inside");
        assert_eq!(
            (witness.actual.as_str(), witness.operations.len()),
            ("empty", 2)
        );
    }
}
