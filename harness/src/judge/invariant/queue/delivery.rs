//! Every item of a queue is received exactly once, and no other item is received; an item that a killed
//! consumer may have taken is received at most once.

use crate::backend::Kind;
use crate::history::fate::Fates;
use crate::history::pairing::Traffic;
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::end_markers::end_markers;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::misdelivery;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::witness;
use crate::judge::untried;

const ONCE: &str = "queue.mpmc.exactly-once";
const END_MARKER: &str = "queue.sentinel.one-per-consumer";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "delivery",
    about: "every item of a queue is received exactly once, and no other item is received",
    clauses: &[ONCE, END_MARKER],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    let queues = evidence
        .lanes()
        .filter(|(traffic, _)| traffic.kind == Kind::Queue);
    for (traffic, fates) in queues {
        tally.upheld(ONCE, fates.delivered);
        if fates.ambiguous > 0 {
            tally.untried(ONCE, untried::EQUAL_ITEMS);
        }
        for witness in misdelivery::all(evidence, fates) {
            tally.broken(ONCE, witness);
        }
        judge_markers(evidence, &mut tally, traffic, fates);
    }
    tally.findings()
}

/// Judges that each end marker stops exactly one consumer.
fn judge_markers(evidence: &Evidence<'_>, tally: &mut Tally<'_>, traffic: &Traffic, fates: &Fates) {
    let markers = end_markers(evidence, traffic.lane.receiver());
    for group in traffic.groups() {
        if markers.contains(&group.content) {
            tally.upheld(END_MARKER, group.paired() as u64);
        }
    }
    for (first, extra) in &fates.doubled {
        if markers.contains(&extra.content) {
            tally.broken(END_MARKER, || {
                let item = evidence.item_of(extra.id());
                witness(
                    [first.id(), extra.id()],
                    format!("one {item} stops one consumer"),
                    format!("one {item} stopped two"),
                )
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Capability, Outcome, Wait};
    use crate::history::Exit;
    use crate::plan::Item;
    use crate::test_support::histories::{Expect, HistoryBuilder, queue};
    use rstest::rstest;

    fn two_put() -> HistoryBuilder {
        queue().process("p").put(1).ok(0, 1).put(2).ok(2, 3)
    }

    #[rstest]
    #[case::all_received(two_put().process("c").get(1).ok(4, 5).get(2).ok(6, 7), Expect::Upheld(2))]
    #[case::none_received(two_put(), Expect::Untried)]
    #[case::the_last_is_still_inside(two_put().process("c").get(1).ok(4, 5), Expect::Upheld(1))]
    #[case::the_first_is_lost(two_put().process("c").get(2).ok(4, 5), Expect::Broken(1))]
    #[case::the_first_may_be_in_the_buffer_of_another_consumer(
        two_put().declares_nothing()
            .process("d").ask().waiting(Wait::Never).gives(Outcome::Empty, 2, 3)
            .process("c").get(2).ok(4, 5),
        Expect::Upheld(1)
    )]
    #[case::doubled(
        two_put().process("c").get(1).ok(4, 5).get(1).ok(6, 7),
        Expect::Broken(1)
    )]
    #[case::put_twice_and_received_twice(
        queue().process("p").put(1).ok(0, 1).put(1).ok(2, 3)
            .process("c").get(1).ok(4, 5).get(1).ok(6, 7)
            .ask().waiting(Wait::Never).gives(Outcome::Empty, 8, 9),
        Expect::Upheld(2)
    )]
    #[case::equal_items_of_which_one_may_be_a_copy(
        queue().process("p").put(1).ok(0, 1).put(1).ok(2, 3)
            .process("c").get(1).ok(4, 5).get(1).ok(6, 7),
        Expect::Untried
    )]
    #[case::equal_items_before_another(
        queue().process("p").put(1).ok(0, 1).put(1).ok(2, 3).put(2).ok(3, 4)
            .process("c").get(1).ok(4, 5).get(1).ok(6, 7).get(2).ok(8, 9),
        Expect::Upheld(3)
    )]
    #[case::invented(queue().process("c").get(9).ok(0, 1), Expect::Broken(1))]
    #[case::changed(two_put().process("c").get(9).ok(4, 5).get(2).ok(6, 7), Expect::Broken(1))]
    #[case::before_it_was_put(
        queue().process("c").get(1).ok(0, 1).process("p").put(1).ok(2, 3),
        Expect::Broken(1)
    )]
    #[case::while_it_is_put(
        queue().process("c").get(1).ok(0, 2).process("p").put(1).ok(2, 3),
        Expect::Upheld(1)
    )]
    #[case::refused_and_received(
        queue().process("p").put(1).gives(Outcome::Full, 0, 1).process("c").get(1).ok(2, 3),
        Expect::Broken(1)
    )]
    #[case::failed_uncertainly_and_received(
        queue().process("p").put(1).gives(Outcome::Error, 0, 1).process("c").get(1).ok(2, 3),
        Expect::Upheld(1)
    )]
    #[case::failed_uncertainly_and_not_received(
        queue().process("p").put(1).gives(Outcome::Error, 0, 1).put(2).ok(2, 3)
            .process("c").get(2).ok(4, 5),
        Expect::Upheld(1)
    )]
    #[case::a_pending_put_arrives(
        queue().process("p").exits(Exit::Killed).put(1).pending(0).process("c").get(1).ok(2, 3),
        Expect::Upheld(1)
    )]
    #[case::a_pending_put_does_not_arrive(
        queue().process("p").exits(Exit::Killed).put(1).ok(0, 1).put(2).pending(2)
            .process("c").get(1).ok(2, 3),
        Expect::Upheld(1)
    )]
    #[case::lost_with_a_killed_consumer(
        two_put().process("k").exits(Exit::Killed).ask().pending(2)
            .process("c").get(2).ok(4, 5),
        Expect::Upheld(1)
    )]
    #[case::two_lost_with_one_killed_consumer(
        two_put().put(3).ok(4, 5).process("k").exits(Exit::Killed).ask().pending(2)
            .process("c").get(3).ok(6, 7),
        Expect::Broken(1)
    )]
    #[case::lost_before_the_killed_consumer_started_its_get(
        two_put().process("c").get(2).ok(4, 5)
            .process("k").exits(Exit::Killed).ask().pending(6),
        Expect::Broken(1)
    )]
    fn judges_delivery(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        run.check(&INVARIANT, ONCE, expect);
    }

    #[rstest]
    #[case::if_linearizable(true, Expect::Broken(1))]
    #[case::unless_linearizable(false, Expect::Upheld(1))]
    fn a_later_item_of_another_producer_shows_a_loss(
        #[case] linearizable: bool,
        #[case] expect: Expect,
    ) {
        let run = queue()
            .process("p")
            .put(1)
            .ok(0, 1)
            .process("o")
            .put(2)
            .ok(2, 3);
        let mut run = run.process("c").get(2).ok(4, 5);
        if linearizable {
            run = run.declares(Capability::Linearizable);
        }
        run.check(&INVARIANT, ONCE, expect);
    }

    #[rstest]
    #[case::of_the_same_thread(1, Expect::Broken(1))]
    #[case::of_another_thread(2, Expect::Upheld(1))]
    fn a_later_item_of_the_same_producer_shows_a_loss(#[case] thread: u16, #[case] expect: Expect) {
        let run = queue().process("p").thread(1).put(1).ok(0, 1);
        let run = run.thread(thread).put(2).ok(2, 3);
        let run = run.process("c").get(2).ok(4, 5);
        run.check(&INVARIANT, ONCE, expect);
    }

    #[rstest]
    #[case::one_each(2, Expect::Upheld(2))]
    #[case::one_for_two(1, Expect::Broken(1))]
    fn an_end_marker_stops_one_consumer(#[case] markers: u64, #[case] expect: Expect) {
        let mut run = queue().process("p");
        for n in 0..markers {
            run = run.put(Item::None).ok(2 * n, 2 * n + 1);
        }
        run.process("c")
            .get_until(Item::None)
            .ok(10, 11)
            .process("d")
            .get_until(Item::None)
            .ok(10, 12)
            .check(&INVARIANT, END_MARKER, expect);
    }

    #[test]
    fn no_more_than_three_witnesses_are_shown() {
        let mut run = queue().process("c");
        for n in 0..10 {
            run = run.get(n).ok(2 * n as u64, 2 * n as u64 + 1);
        }
        run.check(&INVARIANT, ONCE, Expect::Broken(3));
    }
}
