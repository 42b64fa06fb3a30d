//! A wait on several pipes reports every pipe that certainly has a message.

use std::collections::BTreeMap;

use crate::backend::{Kind, Outcome};
use crate::history::{Operation, OperationId, OperationKind};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::occupancy::Occupancy;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::witness;
use crate::plan::{Action, Lane};

const ALL: &str = "pipe.poll.wait-returns-all";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "poll-several",
    about: "a wait on several pipes reports every pipe that certainly has a message",
    clauses: &[ALL],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    let mut lanes = BTreeMap::new();
    for (id, poll) in evidence.history.operations() {
        let Some(lane) = polled_with_others(evidence, poll) else {
            continue;
        };
        let lane = lanes
            .entry(lane)
            .or_insert_with(|| FilledTimes::of(evidence, lane));
        let (Some(outcome), Some(message)) = (poll.outcome, lane.throughout(poll)) else {
            continue;
        };
        match outcome {
            Outcome::Ok => tally.upheld(ALL, 1),
            Outcome::Empty | Outcome::Timeout => tally.broken(ALL, || {
                let item = evidence.item_of(message);
                let expected = format!("ready, since {item} was inside");
                witness([message, id], expected, outcome.word())
            }),
            _ => {}
        }
    }
    tally.findings()
}

/// Returns the polled lane of a pipe, if the step polls other ends too.
fn polled_with_others(evidence: &Evidence<'_>, poll: &Operation) -> Option<Lane> {
    if poll.kind != OperationKind::Poll || evidence.kind(poll) != Kind::Pipe {
        return None;
    }
    match &evidence.step(poll.step)?.action {
        Action::Poll { ends, .. } if ends.len() > 1 => Some(poll.end?.receives_from()),
        _ => None,
    }
}

/// The times in which a lane certainly held messages.
struct FilledTimes {
    occupancy: Option<Occupancy>,
    /// From and to, both excluded.
    stretches: Vec<(u64, u64)>,
}

impl FilledTimes {
    fn of(evidence: &Evidence<'_>, lane: Lane) -> FilledTimes {
        let mut lanes = evidence.lanes();
        let found = lanes.find(|(traffic, _)| traffic.lane == lane);
        let occupancy = found.map(|(traffic, fates)| Occupancy::of(traffic, fates));
        let stretches = occupancy.as_ref().map(Occupancy::busy).unwrap_or_default();
        FilledTimes {
            occupancy,
            stretches,
        }
    }

    /// Returns the put of a message that was inside when this operation started, if the lane certainly
    /// held messages until the operation returned.
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
    use crate::test_support::histories::{Expect, HistoryBuilder, two_pipes};
    use rstest::rstest;

    /// The first of two pipes holds a message from 1 to 50.
    fn one_holds() -> HistoryBuilder {
        let sent = two_pipes().process("w").put(1).ok(0, 1);
        sent.process("r").get(1).ok(50, 51)
    }

    use Outcome::{Empty, Ok, Timeout};

    #[rstest]
    #[case::reported(one_holds().poll_both([Ok, Timeout], 10, 11), Expect::Upheld(1))]
    #[case::only_the_other_reported(one_holds().poll_both([Empty, Ok], 10, 11), Expect::Broken(1))]
    #[case::none_reported(one_holds().poll_both([Timeout, Timeout], 10, 11), Expect::Broken(1))]
    #[case::during_the_send(one_holds().poll_both([Empty, Ok], 1, 11), Expect::Untried)]
    #[case::during_the_receive(one_holds().poll_both([Empty, Ok], 10, 50), Expect::Untried)]
    #[case::before(
        two_pipes().process("w").put(1).ok(20, 21).process("r").poll_both([Empty, Ok], 10, 11),
        Expect::Untried
    )]
    #[case::never_received(
        two_pipes().process("w").put(1).ok(0, 1).process("r").poll_both([Empty, Ok], 10, 11),
        Expect::Broken(1)
    )]
    #[case::an_error_breaks_another_clause(
        one_holds().poll_both([Outcome::Error, Ok], 10, 11), Expect::Untried
    )]
    fn judges(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        run.check(&INVARIANT, ALL, expect);
    }

    #[test]
    fn the_witness_is_the_send_and_the_poll() {
        let run = one_holds().poll_both([Empty, Ok], 10, 11);
        let witness = run.witness(&INVARIANT, ALL);
        assert_eq!(witness.expected, "ready, since 1 was inside");
        assert_eq!(
            (witness.actual.as_str(), witness.operations.len()),
            ("empty", 2)
        );
    }
}
