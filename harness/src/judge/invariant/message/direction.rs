//! A one-way pipe carries messages one way only, and a message that one end of a duplex pipe sends
//! arrives at the other end.

use crate::backend::{Kind, Outcome, Side};
use crate::history::pairing::Traffic;
use crate::history::{Operation, OperationId, OperationKind};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::witness;
use crate::plan::Lane;

const ROLES: &str = "pipe.dir.simplex-roles";
const ENDPOINTS: &str = "pipe.dir.two-endpoints";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "direction",
    about: "a one-way pipe goes one way, and what an end of a duplex pipe sends arrives at the other",
    clauses: &[ROLES, ENDPOINTS],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    for (id, operation) in evidence.history.operations() {
        if evidence.kind(operation) == Kind::Pipe && is_wrong_way(operation) {
            refused(&mut tally, id, operation);
        }
    }
    for (traffic, fates) in evidence.lanes() {
        if traffic.kind == Kind::Pipe
            && let Some(back) = opposite(evidence, traffic)
        {
            tally.upheld(ENDPOINTS, fates.delivered);
            echoes(evidence, &mut tally, traffic, back);
        }
    }
    tally.findings()
}

/// Whether the operation sends on a receiving end, or receives on a sending end.
fn is_wrong_way(operation: &Operation) -> bool {
    let side = operation.end.map(|end| end.side);
    match operation.kind {
        OperationKind::Put => side == Some(Side::Rx),
        OperationKind::Get | OperationKind::Poll => side == Some(Side::Tx),
        _ => false,
    }
}

fn refused(tally: &mut Tally<'_>, id: OperationId, operation: &Operation) {
    match operation.outcome {
        Some(Outcome::Refused | Outcome::Denied | Outcome::Error) => tally.upheld(ROLES, 1),
        // A closed end, or an operation that never returned, shows nothing.
        Some(Outcome::Closed) | None => {}
        Some(other) => tally.broken(ROLES, || {
            witness(
                [id],
                "an error, since this end goes the other way",
                other.word(),
            )
        }),
    }
}

/// Returns the traffic in the other direction of a duplex channel, if there is any.
fn opposite<'a>(evidence: &'a Evidence<'_>, traffic: &Traffic) -> Option<&'a Traffic> {
    let lane = Lane {
        sender: traffic.lane.sender.opposite(),
        ..traffic.lane
    };
    let duplex = evidence.permutation.plan.channels[lane.channel].duplex;
    let mut lanes = evidence.lanes().map(|(traffic, _)| traffic);
    let back = lanes.find(|traffic| duplex && traffic.lane == lane)?;
    (!back.puts.is_empty()).then_some(back)
}

/// Judges that no message is received at the end from which it was sent.
fn echoes(evidence: &Evidence<'_>, tally: &mut Tally<'_>, traffic: &Traffic, back: &Traffic) {
    let alone = traffic.groups().filter(|group| group.puts.is_empty());
    for group in alone {
        if let ([put, ..], Some(get)) = (back.equal_puts(group.content), group.gets.first()) {
            tally.broken(ENDPOINTS, || {
                let item = evidence.item_of(put.id());
                let other = evidence.end_name(back.lane.receiver());
                witness(
                    [put.id(), get.id()],
                    format!("{item} at {other}"),
                    format!("{item} at the end from which it was sent"),
                )
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::histories::{Expect, HistoryBuilder, pipe};
    use rstest::rstest;

    #[rstest]
    #[case::refused(Outcome::Refused, Expect::Upheld(1))]
    #[case::an_error_of_the_system(Outcome::Error, Expect::Upheld(1))]
    #[case::done(Outcome::Ok, Expect::Broken(1))]
    #[case::gone(Outcome::Gone, Expect::Broken(1))]
    #[case::closed_before(Outcome::Closed, Expect::Untried)]
    fn judges_sending_on_the_receiving_end(#[case] outcome: Outcome, #[case] expect: Expect) {
        let run = pipe().process("r").put_on(Side::Rx, 1).gives(outcome, 0, 1);
        run.check(&INVARIANT, ROLES, expect);
    }

    #[rstest]
    #[case::refused(Outcome::Refused, Expect::Upheld(1))]
    #[case::timeout(Outcome::Timeout, Expect::Broken(1))]
    #[case::the_end(Outcome::End, Expect::Broken(1))]
    fn judges_receiving_on_the_sending_end(#[case] outcome: Outcome, #[case] expect: Expect) {
        let run = pipe().process("w").ask_on(Side::Tx).gives(outcome, 0, 1);
        run.check(&INVARIANT, ROLES, expect);
        let run = pipe().process("w").poll(Side::Tx).gives(outcome, 0, 1);
        run.check(&INVARIANT, ROLES, expect);
    }

    #[test]
    fn sending_on_the_sending_end_tries_nothing() {
        let run = pipe().process("w").put(1).ok(0, 1);
        run.check(&INVARIANT, ROLES, Expect::Untried);
    }

    /// Each end sends a message, and the end `a` receives `received`.
    fn both_ways(received: i64) -> HistoryBuilder {
        let run = pipe().duplex().process("a").put_on(Side::A, 1).ok(0, 1);
        let run = run.process("b").put_on(Side::B, 2).ok(0, 1);
        run.process("a").get_on(Side::A, received).ok(2, 3)
    }

    #[rstest]
    #[case::from_the_other_end(2, Expect::Upheld(1))]
    #[case::from_the_same_end(1, Expect::Broken(1))]
    #[case::from_no_end(3, Expect::Untried)]
    fn judges_where_messages_arrive(#[case] received: i64, #[case] expect: Expect) {
        both_ways(received).check(&INVARIANT, ENDPOINTS, expect);
    }
}
