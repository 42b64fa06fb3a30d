//! Items or messages of one producer are received in the order in which it put them.

use std::collections::BTreeSet;

use crate::backend::Kind;
use crate::history::OperationId;
use crate::history::pairing::{Entry, Group, Traffic};
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::witness;
use crate::judge::untried;
use crate::judge::{Finding, Witness};

const QUEUE: &str = "queue.order.fifo-per-producer";
const PIPE: &str = "pipe.order.single-writer";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "order",
    about: "items of one producer are received in the order in which it put them",
    clauses: &[QUEUE, PIPE],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    for (traffic, fates) in evidence.lanes() {
        let (clause, one) = match traffic.kind {
            Kind::Queue => (QUEUE, untried::ONE_ITEM),
            Kind::Pipe => (PIPE, untried::ONE_MESSAGE),
            Kind::Stream | Kind::Endpoint | Kind::Process => continue,
        };
        if traffic.gets.len() == 1 {
            tally.untried(clause, one);
        } else if fates.ambiguous > 0 {
            tally.untried(clause, untried::EQUAL_ITEMS);
        }
        let mut items = timed(traffic);
        let shared = traffic.kind != Kind::Queue || evidence.shares_items(traffic.lane);
        if !shared {
            items.retain(|item| item.get_from.process == item.get_to.process);
        }
        // Consumers with buffers of their own keep the order only for themselves.
        let group = |item: &TimedItem| {
            let consumer = if shared { 0 } else { item.get_from.process };
            (item.put.process(), consumer)
        };
        items.sort_unstable_by_key(|item| (group(item), item.put.id().index));
        for process in items.chunk_by(|a, b| group(a) == group(b)) {
            // Items put outside `threads` belong to every thread; one pair is reported once.
            let mut reported = BTreeSet::new();
            for producer in producers(process) {
                let overtaken = overtaken(&producer);
                tally.upheld(clause, producer.len() as u64 - 1);
                for (first, second) in overtaken {
                    if reported.insert((first.put.id(), second.put.id())) {
                        tally.broken(clause, || out_of_order(evidence, first, second));
                    }
                }
            }
        }
    }
    tally.findings()
}

/// Splits the items of one process by thread. Items that it put outside `threads` are in every part.
/// Within a part, each item was put after the one before it.
fn producers(process: &[TimedItem]) -> Vec<Vec<&TimedItem>> {
    let mut threads: Vec<u16> = process.iter().map(|item| item.put.thread()).collect();
    threads.sort_unstable();
    threads.dedup();
    if threads.len() > 1 {
        threads.retain(|thread| *thread != 0);
    }
    let of_thread = |thread: u16| {
        let items = process
            .iter()
            .filter(move |item| [0, thread].contains(&item.put.thread()));
        items.collect()
    };
    threads.into_iter().map(of_thread).collect()
}

/// An item whose get certainly took effect between `from` and `to`.
struct TimedItem {
    put: Entry,
    from: u64,
    to: u64,
    get_from: OperationId,
    get_to: OperationId,
}

/// Returns the items that were received and whose producer is certain.
fn timed(traffic: &Traffic) -> Vec<TimedItem> {
    // The operations of one consumer are in order even if the clock can't tell them apart.
    let single = Traffic::are_in_turn(&traffic.gets);
    let from = |get: &Entry| {
        if single {
            get.id().index as u64
        } else {
            get.start
        }
    };
    let to = |get: &Entry| {
        if single {
            get.id().index as u64
        } else {
            get.returned
        }
    };
    let mut timed = Vec::with_capacity(traffic.gets.len().min(traffic.puts.len()));
    for group in traffic.groups() {
        let Group { puts, gets, .. } = group;
        match (puts, gets) {
            ([put], [first, .., last]) => timed.push(TimedItem {
                put: *put,
                from: from(first),
                to: gets.iter().map(to).max().unwrap_or(0),
                get_from: first.id(),
                get_to: last.id(),
            }),
            ([], _) | (_, []) => {}
            _ if is_certain(&group) => {
                let by_return = Group::by_return(gets);
                let pairs = puts.iter().zip(gets.iter().zip(&*by_return));
                timed.extend(pairs.map(|(put, (start, end))| TimedItem {
                    put: *put,
                    from: from(start),
                    to: to(end),
                    get_from: start.id(),
                    get_to: end.id(),
                }));
            }
            _ => {}
        }
    }
    timed
}

/// Whether it is certain which of these equal items were received: one producer put them all, and
/// every item was received except pending ones at the end.
fn is_certain(group: &Group<'_>) -> bool {
    let one_producer = Traffic::are_in_turn(group.puts);
    let rest = group.puts.get(group.gets.len()..).unwrap_or_default();
    one_producer && group.gets.len() <= group.puts.len() && rest.iter().all(|put| !put.certain)
}

/// Returns pairs of items in which the second was received before the get of the first started.
fn overtaken<'a>(items: &[&'a TimedItem]) -> Vec<(&'a TimedItem, &'a TimedItem)> {
    let mut overtaken = Vec::new();
    let mut earliest: Option<&TimedItem> = None;
    for item in items.iter().rev().copied() {
        match earliest {
            Some(later) if later.to < item.from => overtaken.push((item, later)),
            Some(later) if later.to <= item.to => {}
            _ => earliest = Some(item),
        }
    }
    overtaken.reverse();
    overtaken
}

fn out_of_order(evidence: &Evidence<'_>, first: &TimedItem, second: &TimedItem) -> Witness {
    let (put, later) = (first.put.id(), second.put.id());
    let (a, b) = (evidence.item_of(put), evidence.item_of(later));
    let producer = evidence.caller(put);
    let verb = evidence.put_of(put);
    witness(
        [put, later, second.get_to, first.get_from],
        format!("{a} before {b}, as {producer} {verb} them"),
        format!("{b} before {a}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::histories::{Expect, HistoryBuilder, pipe, queue};
    use rstest::rstest;

    fn two_consumers(first: (u64, u64), second: (u64, u64)) -> HistoryBuilder {
        queue()
            .process("p")
            .put(1)
            .ok(0, 1)
            .put(2)
            .ok(2, 3)
            .process("c")
            .get(1)
            .ok(first.0, first.1)
            .process("d")
            .get(2)
            .ok(second.0, second.1)
    }

    #[rstest]
    #[case::in_order(
        queue().process("p").put(1).ok(0, 1).put(2).ok(2, 3)
            .process("c").get(1).ok(4, 5).get(2).ok(6, 7),
        QUEUE, Expect::Upheld(1)
    )]
    #[case::swapped(
        queue().process("p").put(1).ok(0, 1).put(2).ok(2, 3)
            .process("c").get(2).ok(4, 5).get(1).ok(6, 7),
        QUEUE, Expect::Broken(1)
    )]
    #[case::swapped_on_a_coarse_clock(
        queue().process("p").put(1).ok(0, 0).put(2).ok(0, 0)
            .process("c").get(2).ok(0, 0).get(1).ok(0, 0),
        QUEUE, Expect::Broken(1)
    )]
    #[case::of_two_producers(
        queue().process("p").put(1).ok(0, 1).process("o").put(2).ok(2, 3)
            .process("c").get(2).ok(4, 5).get(1).ok(6, 7),
        QUEUE, Expect::Untried
    )]
    #[case::one_item(
        queue().process("p").put(1).ok(0, 1).process("c").get(1).ok(4, 5),
        QUEUE, Expect::Untried
    )]
    #[case::wholly_before_at_another_consumer(
        two_consumers((8, 9), (4, 5)), QUEUE, Expect::Broken(1)
    )]
    #[case::overlapping_at_another_consumer(
        two_consumers((4, 9), (4, 5)), QUEUE, Expect::Upheld(1)
    )]
    #[case::touching_at_another_consumer(
        two_consumers((5, 9), (4, 5)), QUEUE, Expect::Upheld(1)
    )]
    #[case::equal_items_of_one_producer(
        queue().process("p").put(7).ok(0, 1).put(8).ok(2, 3).put(7).ok(4, 5)
            .process("c").get(7).ok(0, 100)
            .process("d").get(7).ok(10, 20).get(8).ok(30, 40),
        QUEUE, Expect::Upheld(2)
    )]
    #[case::equal_items_of_two_producers(
        queue().process("p").put(7).ok(2, 3).put(8).ok(4, 5)
            .process("o").put(7).ok(0, 1)
            .process("c").get(7).ok(10, 11).get(8).ok(12, 13).get(7).ok(14, 15),
        QUEUE, Expect::Untried
    )]
    #[case::equal_items_overtook_the_item_between_them(
        queue().process("p").put(7).ok(0, 1).put(8).ok(2, 3).put(7).ok(4, 5)
            .process("c").get(7).ok(10, 11).get(7).ok(12, 13).get(8).ok(14, 15),
        QUEUE, Expect::Broken(1)
    )]
    #[case::of_a_pipe(
        pipe().process("w").put(1).ok(0, 1).put(2).ok(2, 3)
            .process("r").get(2).ok(4, 5).get(1).ok(6, 7),
        PIPE, Expect::Broken(1)
    )]
    fn judges(#[case] run: HistoryBuilder, #[case] clause: &str, #[case] expect: Expect) {
        run.check(&INVARIANT, clause, expect);
    }

    /// Two consumers have buffers of their own. One gets 2 before the other gets 1.
    fn two_buffers() -> HistoryBuilder {
        let run = queue().declares_nothing().process("p");
        let run = run.put(1).ok(0, 1).put(2).ok(2, 3).put(3).ok(4, 5);
        run.process("d")
            .get(2)
            .ok(6, 7)
            .process("c")
            .get(1)
            .ok(8, 9)
    }

    #[rstest]
    #[case::over_two_consumers(two_buffers(), Expect::Untried)]
    #[case::for_one_consumer(two_buffers().get(3).ok(10, 11), Expect::Upheld(1))]
    #[case::swapped_for_one_consumer(
        two_buffers().process("p").put(4).ok(6, 7)
            .process("d").get(4).ok(10, 11).get(3).ok(12, 13),
        Expect::Broken(1)
    )]
    fn consumers_with_buffers_keep_the_order_for_themselves(
        #[case] run: HistoryBuilder,
        #[case] expect: Expect,
    ) {
        run.check(&INVARIANT, QUEUE, expect);
    }

    /// A process puts 1, then 2 and 3 in one thread and 4 in another, then 5.
    fn threads() -> HistoryBuilder {
        let run = queue().process("p").put(1).ok(0, 1);
        let run = run.thread(1).put(2).ok(2, 5).thread(2).put(4).ok(3, 4);
        let run = run.thread(1).put(3).ok(6, 7);
        run.thread(0).put(5).ok(8, 9).process("c")
    }

    fn got(mut run: HistoryBuilder, items: [i64; 5]) -> HistoryBuilder {
        for (n, item) in (10..).zip(items) {
            run = run.get(item).ok(2 * n, 2 * n + 1);
        }
        run
    }

    #[rstest]
    #[case::as_started([1, 2, 4, 3, 5], Expect::Upheld(5))]
    #[case::one_thread_before_the_other([1, 4, 2, 3, 5], Expect::Upheld(5))]
    #[case::one_thread_after_the_other([1, 2, 3, 4, 5], Expect::Upheld(5))]
    #[case::swapped_in_a_thread([1, 3, 4, 2, 5], Expect::Broken(1))]
    #[case::before_all_threads([2, 1, 3, 4, 5], Expect::Broken(1))]
    #[case::after_all_threads([1, 2, 3, 5, 4], Expect::Broken(1))]
    #[case::swapped_around_all_threads([5, 2, 4, 3, 1], Expect::Broken(3))]
    fn each_thread_is_a_producer(#[case] items: [i64; 5], #[case] expect: Expect) {
        got(threads(), items).check(&INVARIANT, QUEUE, expect);
    }

    #[test]
    fn gets_of_two_threads_of_one_process_can_overlap() {
        let run = queue()
            .process("p")
            .put(1)
            .ok(0, 1)
            .put(2)
            .ok(2, 3)
            .process("c");
        let run = run.thread(1).get(2).ok(4, 9).thread(2).get(1).ok(5, 6);
        run.check(&INVARIANT, QUEUE, Expect::Upheld(1));
    }

    #[test]
    fn the_witness_names_the_thread() {
        let witness = got(threads(), [1, 3, 4, 2, 5]).witness(&INVARIANT, QUEUE);
        assert_eq!(witness.expected, "2 before 3, as p/1 put them");
    }

    #[test]
    fn the_witness_is_the_two_items() {
        let run = queue()
            .process("p")
            .put("a")
            .ok(0, 1)
            .put("b")
            .ok(2, 3)
            .process("c")
            .get("b")
            .ok(4, 5)
            .get("a")
            .ok(6, 7);
        let witness = run.witness(&INVARIANT, QUEUE);
        assert_eq!(witness.expected, r#""a" before "b", as p put them"#);
        assert_eq!(witness.actual, r#""b" before "a""#);
        assert_eq!(witness.operations.len(), 4);
    }
}
