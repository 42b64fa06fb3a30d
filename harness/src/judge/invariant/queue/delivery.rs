//! Each item of a queue is got once; under kills at most once.

use std::collections::BTreeSet;

use crate::backend::{End, Kind};
use crate::history::fate::{Because, Fates, Lost};
use crate::history::pairing::{Entry, Traffic};
use crate::judge::invariant::support::tally::{Tally, seen};
use crate::judge::invariant::{Evidence, Invariant};
use crate::judge::{Finding, Witness};
use crate::plan::content::{Content, of_item};
use crate::plan::{Action, Limit, Value};

const ONCE: &str = "queue.mpmc.exactly-once";
const SENTINEL: &str = "queue.sentinel.one-per-consumer";

pub(in crate::judge::invariant) const INVARIANT: Invariant = Invariant {
    name: "delivery",
    about: "each item of a queue is got once: none lost, none twice, none that nobody put",
    clauses: &[ONCE, SENTINEL],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    let queues = evidence
        .lanes()
        .filter(|(traffic, _)| traffic.kind == Kind::Queue);
    for (traffic, fates) in queues {
        tally.upheld(ONCE, fates.delivered);
        for witness in breaks(evidence, fates) {
            tally.broken(ONCE, witness);
        }
        sentinels(evidence, &mut tally, traffic, fates);
    }
    tally.findings()
}

type MakeWitness<'a> = Box<dyn FnOnce() -> Witness + 'a>;

/// Every way in which these items weren't delivered once.
pub(in crate::judge::invariant) fn breaks<'a>(
    evidence: &'a Evidence<'_>,
    fates: &'a Fates,
) -> impl Iterator<Item = MakeWitness<'a>> {
    let make = move |make: fn(&Evidence<'_>, &Entry, &Entry) -> Witness| {
        move |(put, get): &'a (Entry, Entry)| -> MakeWitness<'a> {
            Box::new(move || make(evidence, put, get))
        }
    };
    let invented = fates
        .invented
        .iter()
        .map(move |get| -> MakeWitness<'a> { Box::new(move || invented(evidence, get)) });
    let lost = fates
        .lost
        .iter()
        .map(move |item| -> MakeWitness<'a> { Box::new(move || lost(evidence, item)) });
    fates
        .doubled
        .iter()
        .map(make(doubled))
        .chain(fates.changed.iter().map(make(changed)))
        .chain(fates.resurrected.iter().map(make(resurrected)))
        .chain(fates.early.iter().map(make(early)))
        .chain(invented)
        .chain(lost)
}

/// An item was got once more than it was put.
pub(in crate::judge::invariant) fn doubled(
    evidence: &Evidence<'_>,
    first: &Entry,
    extra: &Entry,
) -> Witness {
    let item = evidence.item_of(extra.id());
    seen(
        [first.id(), extra.id()],
        format!("{item} once"),
        format!("{item} again"),
    )
}

/// Something else came in an item's place.
pub(in crate::judge::invariant) fn changed(
    evidence: &Evidence<'_>,
    put: &Entry,
    get: &Entry,
) -> Witness {
    seen(
        [put.id(), get.id()],
        evidence.item_of(put.id()),
        format!(
            "{}, which nobody {}",
            evidence.item_of(get.id()),
            evidence.put_of(get.id())
        ),
    )
}

/// An item was got though its put had been refused.
pub(in crate::judge::invariant) fn resurrected(
    evidence: &Evidence<'_>,
    put: &Entry,
    get: &Entry,
) -> Witness {
    let item = evidence.item_of(put.id());
    seen(
        [put.id(), get.id()],
        format!("no {item}, since it was refused"),
        format!("{item} all the same"),
    )
}

/// An item was got before anyone put it.
pub(in crate::judge::invariant) fn early(
    evidence: &Evidence<'_>,
    put: &Entry,
    get: &Entry,
) -> Witness {
    let item = evidence.item_of(get.id());
    let put_it = evidence.put_of(put.id());
    seen(
        [get.id(), put.id()],
        format!("{item} only after somebody {put_it} it"),
        format!("{item} before that"),
    )
}

/// An item was got that nobody ever put.
pub(in crate::judge::invariant) fn invented(evidence: &Evidence<'_>, get: &Entry) -> Witness {
    let put = evidence.put_of(get.id());
    seen(
        [get.id()],
        format!("what somebody {put}"),
        format!("{}, which nobody {put}", evidence.item_of(get.id())),
    )
}

/// An item will never be got.
pub(in crate::judge::invariant) fn lost(evidence: &Evidence<'_>, lost: &Lost) -> Witness {
    let item = evidence.item_of(lost.put.id());
    match lost.because {
        Because::Overtaken { put, got } => {
            let behind = evidence.item_of(put);
            seen(
                [lost.put.id(), put, got],
                format!("{item}, {} before {behind}", evidence.put_of(put)),
                format!("{behind}, and never {item}"),
            )
        }
        Because::Ended(end) => seen(
            [lost.put.id(), end],
            format!("{item} before the end"),
            format!("the end, and never {item}"),
        ),
    }
}

/// Items that a get of this queue stops at: each stops one consumer, and no other.
fn sentinels(evidence: &Evidence<'_>, tally: &mut Tally<'_>, traffic: &Traffic, fates: &Fates) {
    let sentinels = stops(evidence, traffic.lane.receiver());
    for group in traffic.groups() {
        if sentinels.contains(&group.content) {
            tally.upheld(SENTINEL, group.paired() as u64);
        }
    }
    for (first, extra) in &fates.doubled {
        if sentinels.contains(&extra.content) {
            tally.broken(SENTINEL, || {
                let item = evidence.item_of(extra.id());
                seen(
                    [first.id(), extra.id()],
                    format!("one {item} stops one consumer"),
                    format!("one {item} stopped two"),
                )
            });
        }
    }
}

/// The contents that gets from this end stop at.
pub(in crate::judge::invariant) fn stops(evidence: &Evidence<'_>, from: End) -> BTreeSet<Content> {
    let plan = &evidence.permutation.plan;
    let codec = plan.channels[from.channel].codec;
    let mut stops = BTreeSet::new();
    for (_, step) in plan.steps() {
        if let Action::Get {
            end,
            limit: Limit::Until(values),
            ..
        } = &step.action
            && *end == from
        {
            stops.extend(values.iter().filter_map(|value| match value {
                Value::Literal(item) => of_item(item, codec).ok(),
                _ => None,
            }));
        }
    }
    stops
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Capability, Outcome};
    use crate::history::Exit;
    use crate::plan::Item;
    use crate::test_support::histories::{Expect, Run, queue};
    use rstest::rstest;

    fn two_put() -> Run {
        queue().process("p").put(1).ok(0, 1).put(2).ok(2, 3)
    }

    #[rstest]
    #[case::all_got(two_put().process("c").get(1).ok(4, 5).get(2).ok(6, 7), Expect::Upheld(2))]
    #[case::none_got(two_put(), Expect::Untried)]
    #[case::the_last_stays_inside(two_put().process("c").get(1).ok(4, 5), Expect::Upheld(1))]
    #[case::the_first_is_lost(two_put().process("c").get(2).ok(4, 5), Expect::Broken(1))]
    #[case::doubled(
        two_put().process("c").get(1).ok(4, 5).get(1).ok(6, 7),
        Expect::Broken(1)
    )]
    #[case::put_twice_and_got_twice(
        queue().process("p").put(1).ok(0, 1).put(1).ok(2, 3)
            .process("c").get(1).ok(4, 5).get(1).ok(6, 7),
        Expect::Upheld(2)
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
    #[case::refused_and_got(
        queue().process("p").put(1).gives(Outcome::Full, 0, 1).process("c").get(1).ok(2, 3),
        Expect::Broken(1)
    )]
    #[case::failed_indefinitely_and_got(
        queue().process("p").put(1).gives(Outcome::Error, 0, 1).process("c").get(1).ok(2, 3),
        Expect::Upheld(1)
    )]
    #[case::failed_indefinitely_and_not_got(
        queue().process("p").put(1).gives(Outcome::Error, 0, 1).put(2).ok(2, 3)
            .process("c").get(2).ok(4, 5),
        Expect::Upheld(1)
    )]
    #[case::a_pending_put_surfaces(
        queue().process("p").exits(Exit::Killed).put(1).pending(0).process("c").get(1).ok(2, 3),
        Expect::Upheld(1)
    )]
    #[case::a_pending_put_does_not_surface(
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
    #[case::lost_before_the_killed_consumer_asked(
        two_put().process("c").get(2).ok(4, 5)
            .process("k").exits(Exit::Killed).ask().pending(6),
        Expect::Broken(1)
    )]
    fn judges_delivery(#[case] run: Run, #[case] expect: Expect) {
        run.check(&INVARIANT, ONCE, expect);
    }

    #[rstest]
    #[case::by_one_queue(true, Expect::Broken(1))]
    #[case::by_lanes_that_may_overtake(false, Expect::Upheld(1))]
    fn an_item_of_another_producer_shows_a_loss(
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
    #[case::of_its_own_thread(1, Expect::Broken(1))]
    #[case::of_another(2, Expect::Upheld(1))]
    fn a_later_item_of_the_same_thread_shows_a_loss(#[case] thread: u16, #[case] expect: Expect) {
        let run = queue().process("p").thread(1).put(1).ok(0, 1);
        let run = run.thread(thread).put(2).ok(2, 3);
        let run = run.process("c").get(2).ok(4, 5);
        run.check(&INVARIANT, ONCE, expect);
    }

    #[rstest]
    #[case::one_each(2, Expect::Upheld(2))]
    #[case::one_for_two(1, Expect::Broken(1))]
    fn one_sentinel_stops_one_consumer(#[case] sentinels: u64, #[case] expect: Expect) {
        let mut run = queue().process("p");
        for n in 0..sentinels {
            run = run.put(Item::None).ok(2 * n, 2 * n + 1);
        }
        run.process("c")
            .get_until(Item::None)
            .ok(10, 11)
            .process("d")
            .get_until(Item::None)
            .ok(10, 12)
            .check(&INVARIANT, SENTINEL, expect);
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
