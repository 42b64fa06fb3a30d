//! All operations on a queue take effect one at a time, each between its start and its return.
//!
//! This is the invariant `linearizable`. It translates a lane into a history for
//! [`crate::linearizable`], which judges it exactly. It leaves to other invariants what they judge:
//! items that were lost, doubled or changed, the order of one producer's items, and too many items
//! where that shows without any order.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::backend::{Capability, Kind as Channel, Outcome as Returned};
use crate::history::OperationId;
use crate::history::fate::Fates;
use crate::history::pairing::{Entry, Group, NEVER, Traffic};
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::occupancy::Occupancy;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::witness;
use crate::judge::untried;
use crate::judge::{Finding, Witness};
use crate::linearizable::{
    self, Claims, Empty, History, Kind, Operation, Order, Outcome, Pattern, Violation,
};

const LINEARIZABLE: &str = "queue.order.linearizable";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "linearizable",
    about: "all operations on a queue take effect one at a time, between start and return",
    clauses: &[LINEARIZABLE],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    if !evidence.capabilities.has(Capability::Linearizable) {
        tally.untried(
            LINEARIZABLE,
            untried::not_declared(Capability::Linearizable),
        );
        return tally.findings();
    }
    let queues = evidence
        .lanes()
        .filter(|(traffic, _)| traffic.kind == Channel::Queue);
    for (traffic, fates) in queues {
        let claims = Claims {
            order: Order::Fifo,
            capacity: evidence.permutation.plan.channels[traffic.lane.channel].capacity,
            empty: evidence
                .capabilities
                .has(Capability::StrictEmpty)
                .then_some(Empty::Strict),
        };
        let producers = traffic.puts.iter().map(Entry::process);
        if producers.collect::<BTreeSet<_>>().len() == 1 {
            tally.untried(LINEARIZABLE, untried::ONE_PRODUCER);
        } else if fates.ambiguous > 0 {
            tally.untried(LINEARIZABLE, untried::EQUAL_ITEMS);
        }
        let queue = LinearQueue::of(evidence, traffic, fates, &claims);
        tally.upheld(LINEARIZABLE, queue.across_producers());
        let overfull = LazyCell::new(|| is_overfull(traffic, fates, &claims));
        for violation in linearizable::judge(&queue.history, &claims).violations {
            if let Some(witness) = queue.witness(evidence, &violation) {
                if violation.pattern == Pattern::Capacity && *overfull {
                    continue;
                }
                tally.broken(LINEARIZABLE, || witness);
            }
        }
    }
    tally.findings()
}

/// Whether certainly more items were inside than the capacity, in whatever order they moved.
fn is_overfull(traffic: &Traffic, fates: &Fates, claims: &Claims) -> bool {
    let inside = Occupancy::of(traffic, fates);
    let mut points = inside.points.iter();
    points.any(|point| {
        claims
            .capacity
            .is_some_and(|capacity| point.after > capacity)
    })
}

/// A lane as a history of one queue in which all items differ.
///
/// Equal items are interchangeable. Whichever of their puts a get received, the k-th of them entered
/// between the k-th start and the k-th return of their puts, so a put here reaches from the one to the
/// other. The same holds for gets.
#[derive(Default)]
struct LinearQueue {
    history: History,
    /// For each operation of the history, the operations of the run that give its start and return.
    ids: Vec<[OperationId; 2]>,
}

impl LinearQueue {
    fn of(
        evidence: &Evidence<'_>,
        traffic: &Traffic,
        fates: &Fates,
        claims: &Claims,
    ) -> LinearQueue {
        let mut queue = LinearQueue::default();
        let early: BTreeSet<_> = fates.early.iter().map(|(put, _)| put.content).collect();
        let lost: BTreeSet<_> = fates.lost.iter().map(|lost| lost.put.id()).collect();
        let changed = fates.changed.iter().map(|(put, get)| (put.id(), get));
        let changed: BTreeMap<_, _> = changed.collect();
        // Without some of its items the history is still one of a queue, but of one that isn't full
        // whenever the whole queue is.
        let mut is_whole = lost.is_empty();
        for group in traffic.groups() {
            let is_clear = !early.contains(&group.content) && !is_mixed(&group, traffic, fates);
            is_whole &= is_clear;
            if is_clear {
                queue.add_group(group, &lost, &changed);
            }
        }
        for get in traffic.takers.iter().chain(&fates.invented) {
            queue.add(Kind::Get, None, [get, get], Outcome::Pending);
        }
        let returned =
            |entry: &Entry, outcome| evidence.operation(entry.id()).outcome == Some(outcome);
        let misses = traffic.misses.iter().filter(|_| claims.empty.is_some());
        for get in misses.filter(|get| returned(get, Returned::Empty)) {
            queue.add(Kind::Get, None, [get, get], Outcome::Empty);
        }
        let judges_full = claims.capacity.is_some() && is_whole;
        let refused = traffic.refused.iter().filter(|_| judges_full);
        for put in refused.filter(|put| returned(put, Returned::Full)) {
            let mut put = *put;
            put.returned = evidence.operation(put.id()).returned.unwrap_or(NEVER);
            let item = queue.new_item();
            queue.add(Kind::Put, Some(item), [&put, &put], Outcome::Full);
        }
        queue
    }

    fn add_group(
        &mut self,
        group: Group<'_>,
        lost: &BTreeSet<OperationId>,
        changed: &BTreeMap<OperationId, &Entry>,
    ) {
        let put_returns = Group::by_return(group.puts);
        let get_returns = Group::by_return(group.gets);
        for (n, (start, end)) in group.puts.iter().zip(&*put_returns).enumerate() {
            let get = match group.gets.get(n) {
                Some(get) => Some([get, &get_returns[n]]),
                None => changed.get(&end.id()).map(|get| [*get, *get]),
            };
            if get.is_none() && lost.contains(&end.id()) {
                continue;
            }
            let item = self.new_item();
            let outcome = if end.returned == NEVER {
                Outcome::Pending
            } else {
                Outcome::Ok
            };
            self.add(Kind::Put, Some(item), [start, end], outcome);
            if let Some(get) = get {
                self.add(Kind::Get, Some(item), get, Outcome::Ok);
            }
        }
    }

    fn new_item(&mut self) -> u32 {
        self.history.items += 1;
        self.history.items - 1
    }

    fn add(&mut self, kind: Kind, item: Option<u32>, [start, end]: [&Entry; 2], outcome: Outcome) {
        self.ids.push([start.id(), end.id()]);
        self.history.operations.push(Operation {
            start: start.start,
            end: if outcome == Outcome::Pending {
                NEVER
            } else {
                end.returned
            },
            item: item.unwrap_or(Operation::NO_ITEM),
            peer: start.process() as u32,
            kind,
            outcome,
        });
    }

    /// Counts the received items that were certainly put after an item of another producer.
    fn across_producers(&self) -> u64 {
        let mut got = vec![false; self.history.items as usize];
        let operations = || self.history.operations.iter();
        for get in operations().filter(|o| o.kind == Kind::Get && o.outcome == Outcome::Ok) {
            got[get.item as usize] = true;
        }
        let puts = || operations().filter(|o| o.kind == Kind::Put && got[o.item as usize]);
        // The first put to return, and the first of another process.
        let first = puts().min_by_key(|put| put.end);
        let other = puts().filter(|put| first.is_some_and(|first| first.peer != put.peer));
        let other = other.min_by_key(|put| put.end);
        let is_later = |put: &&Operation| {
            let before = if first.is_some_and(|first| first.peer == put.peer) {
                other
            } else {
                first
            };
            before.is_some_and(|before| before.end < put.start)
        };
        puts().filter(is_later).count() as u64
    }

    fn witness(&self, evidence: &Evidence<'_>, violation: &Violation) -> Option<Witness> {
        let started = |n: u32| self.ids[n as usize][0];
        let returned = |n: u32| self.ids[n as usize][1];
        Some(match (violation.pattern, &violation.operations[..]) {
            (Pattern::Order, [first, second, got, late @ ..]) => {
                let (first, second) = (returned(*first), started(*second));
                // The order of one producer's items is another promise.
                if evidence.history.are_in_turn(first, second) {
                    return None;
                }
                let (a, b) = (evidence.item_of(first), evidence.item_of(second));
                let late = late.iter().map(|late| started(*late));
                let gets = [returned(*got)].into_iter().chain(late);
                witness(
                    [first, second].into_iter().chain(gets),
                    format!("{a} before {b}, whose put started after the put of {a} had returned"),
                    format!("{b} before {a}"),
                )
            }
            (Pattern::Capacity, puts) => witness(
                puts.iter().map(|put| returned(*put)),
                "no more items than the capacity",
                "more, in whatever order these were put and received",
            ),
            (Pattern::Together, [last]) => witness(
                [returned(*last)],
                "some order of all operations in which the queue works",
                "no such order that includes this one",
            ),
            _ => return None,
        })
    }
}

/// Whether a get that never returned may have taken any of these equal items. Then the k-th that was
/// received need not be the k-th that was put.
fn is_mixed(group: &Group<'_>, traffic: &Traffic, fates: &Fates) -> bool {
    let taken = !traffic.takers.is_empty() || !fates.invented.is_empty();
    taken && group.puts.len() > 1 && group.puts.len() > group.gets.len()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::history::Exit;
    use crate::test_support::histories::{Expect, HistoryBuilder, queue};

    fn strict() -> HistoryBuilder {
        queue()
            .declares(Capability::Linearizable)
            .declares(Capability::StrictEmpty)
    }

    /// Two producers, one after the other.
    fn two() -> HistoryBuilder {
        strict()
            .process("o")
            .put(1)
            .ok(0, 1)
            .process("p")
            .put(2)
            .ok(2, 3)
            .process("c")
    }

    #[rstest]
    #[case::in_order(two().get(1).ok(4, 5).get(2).ok(6, 7), Expect::Upheld(1))]
    #[case::swapped(two().get(2).ok(4, 5).get(1).ok(6, 7), Expect::Broken(1))]
    #[case::swapped_by_overlapping_gets(
        two().get(2).ok(4, 6).process("d").get(1).ok(5, 7), Expect::Upheld(1)
    )]
    #[case::swapped_after_touching_puts(
        strict().process("o").put(1).ok(0, 2).process("p").put(2).ok(2, 3)
            .process("c").get(2).ok(4, 5).get(1).ok(6, 7),
        Expect::Untried
    )]
    #[case::of_one_producer(
        strict().process("p").put(1).ok(0, 1).put(2).ok(2, 3)
            .process("c").get(2).ok(4, 5).get(1).ok(6, 7),
        Expect::Untried
    )]
    #[case::one_lost_with_a_killed_consumer(
        two().get(2).ok(6, 7).process("d").exits(Exit::Killed).ask().pending(4),
        Expect::Untried
    )]
    #[case::a_loss_breaks_another_clause(two().get(2).ok(6, 7), Expect::Untried)]
    #[case::equal_items(
        strict().process("o").put(7).ok(0, 1).process("p").put(8).ok(2, 3).put(7).ok(4, 5)
            .process("c").get(7).ok(6, 7).get(8).ok(8, 9).get(7).ok(10, 11),
        Expect::Upheld(2)
    )]
    #[case::an_item_between_equal_items_comes_last(
        strict().process("o").put(7).ok(0, 1).process("p").put(8).ok(2, 3)
            .process("o").put(7).ok(4, 5)
            .process("c").get(7).ok(6, 7).get(7).ok(8, 9).get(8).ok(10, 11),
        Expect::Broken(1)
    )]
    #[case::a_killed_consumer_took_one_of_equal_items(
        strict().capacity(1).process("o").put(7).ok(0, 1).put(8).ok(2, 3)
            .process("p").put(7).ok(4, 5)
            .process("d").exits(Exit::Killed).ask().pending(0)
            .process("c").get(8).ok(3, 6).get(7).ok(7, 8),
        Expect::Untried
    )]
    #[case::too_many_if_they_came_in_order(
        strict().capacity(1).process("o").put(1).ok(0, 1).process("p").put(2).ok(2, 3)
            .process("c").get(1).ok(3, 6).process("d").get(2).ok(7, 8),
        Expect::Upheld(1)
    )]
    #[case::not_declared(
        queue().process("o").put(1).ok(0, 1).process("p").put(2).ok(2, 3)
            .process("c").get(2).ok(4, 5).get(1).ok(6, 7),
        Expect::Untried
    )]
    fn judges(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        run.check(&INVARIANT, LINEARIZABLE, expect);
    }

    #[test]
    fn the_witness_is_the_two_items() {
        let run = two().get(2).ok(4, 5).get(1).ok(6, 7);
        let witness = run.witness(&INVARIANT, LINEARIZABLE);
        assert_eq!(witness.operations.len(), 4);
        assert_eq!(
            witness.expected,
            "1 before 2, whose put started after the put of 1 had returned"
        );
        assert_eq!(witness.actual, "2 before 1");
    }

    #[test]
    fn operations_that_are_wrong_only_together_are_found() {
        // With one item the queue may have been full and then empty, but not full again.
        let run = strict().capacity(1);
        let run = run
            .process("o")
            .put(1)
            .ok(0, 9)
            .process("c")
            .get(1)
            .ok(0, 9);
        let full = |run: HistoryBuilder, item, start| {
            run.process("p")
                .put(item)
                .gives(Returned::Full, start, start + 1)
        };
        let run = full(run, 2, 1)
            .process("d")
            .ask()
            .gives(Returned::Empty, 3, 4);
        run.clone().check(&INVARIANT, LINEARIZABLE, Expect::Untried);
        full(run, 3, 5).check(&INVARIANT, LINEARIZABLE, Expect::Broken(1));
    }
}
