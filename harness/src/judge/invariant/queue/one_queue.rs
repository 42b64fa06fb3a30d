//! All operations on a queue are those of one queue, one after the other.
//!
//! The run's puts and gets become a history of one queue, which is judged exactly. What others judge
//! already stays theirs: items that were lost, doubled or changed, the order of one producer, and
//! bounds that show without any order.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::backend::{Capability, Kind as Channel, Outcome as Told};
use crate::history::OperationId;
use crate::history::fate::Fates;
use crate::history::pairing::{Entry, Group, NEVER, Traffic};
use crate::judge::invariant::support::occupancy::Occupancy;
use crate::judge::invariant::support::tally::{Tally, seen};
use crate::judge::invariant::{Evidence, Invariant};
use crate::judge::{Finding, Witness};
use crate::linearizable::{
    self, Claims, Empty, History, Kind, Operation, Order, Outcome, Pattern, Violation,
};

const LINEARIZABLE: &str = "queue.order.linearizable";

pub(in crate::judge::invariant) const INVARIANT: Invariant = Invariant {
    name: "linearizable",
    about: "all operations on a queue are those of one queue, one after the other",
    clauses: &[LINEARIZABLE],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    if !evidence.capabilities.has(Capability::Linearizable) {
        tally.untried(LINEARIZABLE, "the backend doesn't promise it");
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
        let bare = Bare::of(evidence, traffic, fates, &claims);
        tally.upheld(LINEARIZABLE, bare.across_producers());
        let shows = LazyCell::new(|| shows(traffic, fates, &claims));
        for violation in linearizable::judge(&bare.history, &claims).violations {
            if let Some(witness) = bare.witness(evidence, &violation) {
                if violation.pattern == Pattern::Capacity && *shows {
                    continue;
                }
                tally.broken(LINEARIZABLE, || witness);
            }
        }
    }
    tally.findings()
}

/// Whether more are certainly inside than may be, without asking in which order they came.
fn shows(traffic: &Traffic, fates: &Fates, claims: &Claims) -> bool {
    let inside = Occupancy::of(traffic, fates);
    let mut points = inside.points.iter();
    points.any(|point| {
        claims
            .capacity
            .is_some_and(|capacity| point.behind > capacity)
    })
}

/// A lane as the history of one queue.
///
/// Equal items are interchangeable. Whichever put's item it was that a get returned, the k-th of them
/// to enter did so between the k-th start and the k-th return of their puts: a put here is from the
/// one to the other, and so is a get.
#[derive(Default)]
struct Bare {
    history: History,
    /// Which operation started, and which returned, when one of the history's did.
    ids: Vec<[OperationId; 2]>,
}

impl Bare {
    fn of(evidence: &Evidence<'_>, traffic: &Traffic, fates: &Fates, claims: &Claims) -> Bare {
        let mut bare = Bare::default();
        let early: BTreeSet<_> = fates.early.iter().map(|(put, _)| put.content).collect();
        let lost: BTreeSet<_> = fates.lost.iter().map(|lost| lost.put.id()).collect();
        let changed = fates.changed.iter().map(|(put, get)| (put.id(), get));
        let changed: BTreeMap<_, _> = changed.collect();
        // What is left of a queue's items without some of them is that of a queue, too. It only isn't
        // full whenever the whole is.
        let mut is_whole = lost.is_empty();
        for group in traffic.groups() {
            let is_clear = !early.contains(&group.content) && !is_mixed(&group, traffic, fates);
            is_whole &= is_clear;
            if is_clear {
                bare.add_group(group, &lost, &changed);
            }
        }
        for get in traffic.takers.iter().chain(&fates.invented) {
            bare.add(Kind::Get, None, [get, get], Outcome::Pending);
        }
        let came_to =
            |entry: &Entry, outcome| evidence.operation(entry.id()).outcome == Some(outcome);
        let misses = traffic.misses.iter().filter(|_| claims.empty.is_some());
        for get in misses.filter(|get| came_to(get, Told::Empty)) {
            bare.add(Kind::Get, None, [get, get], Outcome::Empty);
        }
        let judges_full = claims.capacity.is_some() && is_whole;
        let refused = traffic.refused.iter().filter(|_| judges_full);
        for put in refused.filter(|put| came_to(put, Told::Full)) {
            let mut put = *put;
            put.returned = evidence.operation(put.id()).returned.unwrap_or(NEVER);
            let item = bare.new_item();
            bare.add(Kind::Put, Some(item), [&put, &put], Outcome::Full);
        }
        bare
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

    /// How many items were got that somebody else's had surely been put before.
    fn across_producers(&self) -> u64 {
        let mut got = vec![false; self.history.items as usize];
        let operations = || self.history.operations.iter();
        for get in operations().filter(|o| o.kind == Kind::Get && o.outcome == Outcome::Ok) {
            got[get.item as usize] = true;
        }
        let puts = || operations().filter(|o| o.kind == Kind::Put && got[o.item as usize]);
        // The first to return, and the first of somebody else's.
        let first = puts().min_by_key(|put| put.end);
        let other = puts().filter(|put| first.is_some_and(|first| first.peer != put.peer));
        let other = other.min_by_key(|put| put.end);
        let behind = |put: &&Operation| {
            let before = if first.is_some_and(|first| first.peer == put.peer) {
                other
            } else {
                first
            };
            before.is_some_and(|before| before.end < put.start)
        };
        puts().filter(behind).count() as u64
    }

    fn witness(&self, evidence: &Evidence<'_>, violation: &Violation) -> Option<Witness> {
        let started = |n: u32| self.ids[n as usize][0];
        let returned = |n: u32| self.ids[n as usize][1];
        Some(match (violation.pattern, &violation.operations[..]) {
            (Pattern::Order, [before, behind, got, late @ ..]) => {
                let (before, behind) = (returned(*before), started(*behind));
                // The order of one producer is its own promise.
                if evidence.history.are_in_turn(before, behind) {
                    return None;
                }
                let (a, b) = (evidence.item_of(before), evidence.item_of(behind));
                let late = late.iter().map(|late| started(*late));
                let gets = [returned(*got)].into_iter().chain(late);
                seen(
                    [before, behind].into_iter().chain(gets),
                    format!("{a} before {b}, whose put began when the other's had returned"),
                    format!("{b} before {a}"),
                )
            }
            (Pattern::Capacity, puts) => seen(
                puts.iter().map(|put| returned(*put)),
                "no more inside than there is room for",
                "more, in whatever order these were put and got",
            ),
            (Pattern::Together, [last]) => seen(
                [returned(*last)],
                "some order of all operations that is one queue's",
                "none that has this one in it",
            ),
            _ => return None,
        })
    }
}

/// Whether equal items were put of which nobody knows the one that a get took that never returned:
/// then the k-th to be got needn't be the k-th that was put.
fn is_mixed(group: &Group<'_>, traffic: &Traffic, fates: &Fates) -> bool {
    let taken = !traffic.takers.is_empty() || !fates.invented.is_empty();
    taken && group.puts.len() > 1 && group.puts.len() > group.gets.len()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::history::Exit;
    use crate::test_support::histories::{Expect, Run, queue};

    fn one_queue() -> Run {
        queue()
            .declares(Capability::Linearizable)
            .declares(Capability::StrictEmpty)
    }

    /// Two producers, one after the other.
    fn two() -> Run {
        one_queue()
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
    #[case::swapped_by_gets_that_overlap(
        two().get(2).ok(4, 6).process("d").get(1).ok(5, 7), Expect::Upheld(1)
    )]
    #[case::swapped_of_puts_that_touch(
        one_queue().process("o").put(1).ok(0, 2).process("p").put(2).ok(2, 3)
            .process("c").get(2).ok(4, 5).get(1).ok(6, 7),
        Expect::Untried
    )]
    #[case::of_one_producer(
        one_queue().process("p").put(1).ok(0, 1).put(2).ok(2, 3)
            .process("c").get(2).ok(4, 5).get(1).ok(6, 7),
        Expect::Untried
    )]
    #[case::one_lost_with_a_killed_consumer(
        two().get(2).ok(6, 7).process("d").exits(Exit::Killed).ask().pending(4),
        Expect::Untried
    )]
    #[case::one_lost_is_for_another_judge(two().get(2).ok(6, 7), Expect::Untried)]
    #[case::equal_items(
        one_queue().process("o").put(7).ok(0, 1).process("p").put(8).ok(2, 3).put(7).ok(4, 5)
            .process("c").get(7).ok(6, 7).get(8).ok(8, 9).get(7).ok(10, 11),
        Expect::Upheld(2)
    )]
    #[case::what_stood_between_equal_items_comes_last(
        one_queue().process("o").put(7).ok(0, 1).process("p").put(8).ok(2, 3)
            .process("o").put(7).ok(4, 5)
            .process("c").get(7).ok(6, 7).get(7).ok(8, 9).get(8).ok(10, 11),
        Expect::Broken(1)
    )]
    #[case::equal_items_of_which_a_killed_consumer_took_one(
        one_queue().capacity(1).process("o").put(7).ok(0, 1).put(8).ok(2, 3)
            .process("p").put(7).ok(4, 5)
            .process("d").exits(Exit::Killed).ask().pending(0)
            .process("c").get(8).ok(3, 6).get(7).ok(7, 8),
        Expect::Untried
    )]
    #[case::more_than_there_is_room_for_if_they_came_in_order(
        one_queue().capacity(1).process("o").put(1).ok(0, 1).process("p").put(2).ok(2, 3)
            .process("c").get(1).ok(3, 6).process("d").get(2).ok(7, 8),
        Expect::Upheld(1)
    )]
    #[case::a_backend_that_does_not_promise_it(
        queue().process("o").put(1).ok(0, 1).process("p").put(2).ok(2, 3)
            .process("c").get(2).ok(4, 5).get(1).ok(6, 7),
        Expect::Untried
    )]
    fn judges(#[case] run: Run, #[case] expect: Expect) {
        run.check(&INVARIANT, LINEARIZABLE, expect);
    }

    #[test]
    fn the_witness_is_the_two_items() {
        let run = two().get(2).ok(4, 5).get(1).ok(6, 7);
        let witness = run.witness(&INVARIANT, LINEARIZABLE);
        assert_eq!(witness.operations.len(), 4);
        assert_eq!(
            witness.expected,
            "1 before 2, whose put began when the other's had returned"
        );
        assert_eq!(witness.actual, "2 before 1");
    }

    #[test]
    fn operations_that_are_wrong_only_all_together_are_found() {
        // It may have been full, and then empty, but not full again: there was one item.
        let run = one_queue().capacity(1);
        let run = run
            .process("o")
            .put(1)
            .ok(0, 9)
            .process("c")
            .get(1)
            .ok(0, 9);
        let full = |run: Run, item, start| {
            run.process("p")
                .put(item)
                .gives(Told::Full, start, start + 1)
        };
        let run = full(run, 2, 1).process("d").ask().gives(Told::Empty, 3, 4);
        run.clone().check(&INVARIANT, LINEARIZABLE, Expect::Untried);
        full(run, 3, 5).check(&INVARIANT, LINEARIZABLE, Expect::Broken(1));
    }
}
