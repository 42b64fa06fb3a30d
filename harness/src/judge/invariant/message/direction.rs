//! A one-way pipe goes one way; what one end of a duplex pipe sends arrives at the other.

use crate::backend::{Kind, Lane, Outcome, Side};
use crate::history::pairing::Traffic;
use crate::history::{Operation, OperationId, OperationKind};
use crate::judge::Finding;
use crate::judge::invariant::support::tally::{Tally, seen};
use crate::judge::invariant::{Evidence, Invariant};

const ROLES: &str = "pipe.dir.simplex-roles";
const ENDPOINTS: &str = "pipe.dir.two-endpoints";

pub(in crate::judge::invariant) const INVARIANT: Invariant = Invariant {
    name: "direction",
    about: "a one-way pipe goes one way, and what one end of a duplex pipe sends arrives at the other",
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

/// Whether the operation goes against the one way that its end goes.
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
        // Of an end that is closed, or an operation that never returned, this says nothing.
        Some(Outcome::Closed) | None => {}
        Some(other) => tally.broken(ROLES, || {
            seen(
                [id],
                "an error, since this end goes the other way",
                other.word(),
            )
        }),
    }
}

/// What goes the other way on the same channel, where something does.
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

/// Nobody receives what was sent from the end that it was received at.
fn echoes(evidence: &Evidence<'_>, tally: &mut Tally<'_>, traffic: &Traffic, back: &Traffic) {
    let alone = traffic.groups().filter(|group| group.puts.is_empty());
    for group in alone {
        if let ([put, ..], Some(get)) = (back.equal_puts(group.content), group.gets.first()) {
            tally.broken(ENDPOINTS, || {
                let item = evidence.item_of(put.id());
                let other = evidence.end_name(back.lane.receiver());
                seen(
                    [put.id(), get.id()],
                    format!("{item} at {other}"),
                    format!("{item} at the end that it was sent from"),
                )
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::histories::{Expect, Run, pipe};
    use rstest::rstest;

    #[rstest]
    #[case::refused(Outcome::Refused, Expect::Upheld(1))]
    #[case::an_error_of_the_system(Outcome::Error, Expect::Upheld(1))]
    #[case::done(Outcome::Ok, Expect::Broken(1))]
    #[case::nobody_there(Outcome::Gone, Expect::Broken(1))]
    #[case::closed_before(Outcome::Closed, Expect::Untried)]
    fn judges_sending_on_the_receiving_end(#[case] outcome: Outcome, #[case] expect: Expect) {
        let run = pipe().process("r").put_on(Side::Rx, 1).gives(outcome, 0, 1);
        run.check(&INVARIANT, ROLES, expect);
    }

    #[rstest]
    #[case::refused(Outcome::Refused, Expect::Upheld(1))]
    #[case::nothing_there(Outcome::Timeout, Expect::Broken(1))]
    #[case::the_end(Outcome::End, Expect::Broken(1))]
    fn judges_receiving_on_the_sending_end(#[case] outcome: Outcome, #[case] expect: Expect) {
        let run = pipe().process("w").ask_on(Side::Tx).gives(outcome, 0, 1);
        run.check(&INVARIANT, ROLES, expect);
        let run = pipe().process("w").poll(Side::Tx).gives(outcome, 0, 1);
        run.check(&INVARIANT, ROLES, expect);
    }

    #[test]
    fn the_right_way_tries_nothing() {
        let run = pipe().process("w").put(1).ok(0, 1);
        run.check(&INVARIANT, ROLES, Expect::Untried);
    }

    /// Each end sends one, and the one at `a` receives this.
    fn both_ways(received: i64) -> Run {
        let run = pipe().duplex().process("a").put_on(Side::A, 1).ok(0, 1);
        let run = run.process("b").put_on(Side::B, 2).ok(0, 1);
        run.process("a").get_on(Side::A, received).ok(2, 3)
    }

    #[rstest]
    #[case::what_the_other_sent(2, Expect::Upheld(1))]
    #[case::what_it_sent_itself(1, Expect::Broken(1))]
    #[case::what_nobody_sent(3, Expect::Untried)]
    fn judges_where_messages_arrive(#[case] received: i64, #[case] expect: Expect) {
        both_ways(received).check(&INVARIANT, ENDPOINTS, expect);
    }
}
