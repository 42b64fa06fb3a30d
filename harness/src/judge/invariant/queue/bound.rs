//! A queue never holds more items than its capacity, and reports full or empty only while it may have
//! been.

use crate::backend::{Capability, Kind, Outcome};
use crate::history::pairing::{Entry, Group, NEVER, Traffic};
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::occupancy::{Occupancy, Point, Stay};
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::witness;
use crate::judge::untried;
use crate::judge::{Finding, Witness};

const MAXSIZE: &str = "queue.cap.maxsize";
const UNBOUNDED: &str = "queue.cap.unbounded";
const FULL: &str = "queue.put.no-spurious-full";
const EMPTY: &str = "queue.get.no-spurious-empty";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "bound",
    about: "a queue never holds more items than its capacity, and is full or empty when it says so",
    clauses: &[MAXSIZE, UNBOUNDED, FULL, EMPTY],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    let queues = evidence
        .lanes()
        .filter(|(traffic, _)| traffic.kind == Kind::Queue);
    for (traffic, fates) in queues {
        let bounded = evidence.permutation.plan.channels[traffic.lane.channel].capacity;
        let strict = evidence.capabilities.has(Capability::StrictEmpty);
        let inside = Occupancy::of(traffic, fates);
        if let Some(capacity) = bounded {
            at_most(&mut tally, traffic, &inside, capacity);
            full_only_when_full(evidence, &mut tally, traffic, capacity);
        } else {
            never_full(evidence, &mut tally, traffic, &inside);
        }
        if strict {
            empty_only_when_empty(evidence, &mut tally, traffic, &inside);
        } else {
            tally.untried(EMPTY, untried::not_declared(Capability::StrictEmpty));
        }
    }
    tally.findings()
}

fn at_most(tally: &mut Tally<'_>, traffic: &Traffic, occupancy: &Occupancy, capacity: u64) {
    let attempts = traffic.puts.iter().chain(&traffic.refused);
    let full = attempts.filter(|put| occupancy.at(put.start) >= capacity);
    tally.upheld(MAXSIZE, full.count() as u64);
    let overfull = occupancy
        .points
        .iter()
        .filter(|point| point.after > capacity);
    for point in overfull {
        tally.broken(MAXSIZE, || overfull_at(point, &occupancy.stays, capacity));
    }
}

fn overfull_at(point: &Point, stays: &[Stay], capacity: u64) -> Witness {
    let entered = stays.partition_point(|stay| stay.from <= point.time);
    let mut puts: Vec<_> = stays[..entered]
        .iter()
        .rev()
        .filter(|stay| stay.to > point.time)
        .take(4)
        .map(|stay| stay.put)
        .collect();
    puts.reverse();
    witness(
        puts,
        format!("at most {capacity} inside"),
        format!("{} inside: put, and no get had started", point.after),
    )
}

/// A queue that accepts one more item than this has no bound that a program would soon reach.
const MANY: u64 = 100;

/// Judges that a queue without a capacity accepts every item.
fn never_full(
    evidence: &Evidence<'_>,
    tally: &mut Tally<'_>,
    traffic: &Traffic,
    occupancy: &Occupancy,
) {
    let taken = traffic.puts.iter().filter(|put| put.certain);
    let of_many = taken.filter(|put| occupancy.at(put.start) >= MANY);
    tally.upheld(UNBOUNDED, of_many.count() as u64);
    for put in &traffic.refused {
        if let Some(outcome @ (Outcome::Full | Outcome::Timeout)) =
            evidence.operation(put.id()).outcome
            && has_room(evidence, traffic, put)
        {
            tally.broken(UNBOUNDED, || {
                let expected = "room, since the queue has no bound";
                witness([put.id()], expected, outcome.word())
            });
        }
    }
}

/// Judges that a put reports full only if the queue may have been full during the call.
fn full_only_when_full(
    evidence: &Evidence<'_>,
    tally: &mut Tally<'_>,
    traffic: &Traffic,
    capacity: u64,
) {
    let mut refused = traffic.refused.iter().filter(|put| {
        let outcome = evidence.operation(put.id()).outcome;
        matches!(outcome, Some(Outcome::Full | Outcome::Timeout))
            && has_room(evidence, traffic, put)
    });
    let Some(first) = refused.next() else { return };
    let (enters, leaves) = possibly_inside(traffic);
    for put in [first].into_iter().chain(refused) {
        // The entry of a put that failed says NEVER.
        let returned = evidence.operation(put.id()).returned.unwrap_or(NEVER);
        let most = most_inside(&enters, &leaves, put.start, returned);
        if most >= capacity {
            tally.upheld(FULL, 1);
        } else {
            tally.broken(FULL, || {
                let word = evidence
                    .operation(put.id())
                    .outcome
                    .map_or("", Outcome::word);
                witness(
                    [put.id()],
                    format!("room, with at most {most} of {capacity} inside"),
                    word,
                )
            });
        }
    }
}

/// Whether the queue certainly has its room for this put: before the first item was received, no
/// consumer may be there yet.
fn has_room(evidence: &Evidence<'_>, traffic: &Traffic, put: &Entry) -> bool {
    let was_there = || traffic.gets.iter().any(|get| get.returned < put.start);
    evidence.capabilities.has(Capability::RoomWithoutConsumers) || was_there()
}

/// Returns the earliest times at which items entered, and the latest at which they left.
fn possibly_inside(traffic: &Traffic) -> (Vec<u64>, Vec<u64>) {
    let mut enters: Vec<u64> = traffic.puts.iter().map(|put| put.start).collect();
    let mut leaves = Vec::with_capacity(traffic.gets.len());
    for group in traffic.groups() {
        let gets = Group::by_return(group.gets);
        leaves.extend(gets.iter().take(group.puts.len()).map(|get| get.returned));
    }
    enters.sort_unstable();
    leaves.sort_unstable();
    (enters, leaves)
}

fn most_inside(enters: &[u64], leaves: &[u64], from: u64, to: u64) -> u64 {
    let first = enters.partition_point(|enter| *enter <= from);
    let last = enters.partition_point(|enter| *enter <= to);
    let left_before = |time: u64| leaves.partition_point(|leave| *leave < time);
    let at_start = first - left_before(from);
    let later = (first..last).map(|n| n + 1 - left_before(enters[n]).min(n + 1));
    later.chain([at_start]).max().unwrap_or(0) as u64
}

/// Judges that a get reports empty only if the queue may have been empty during the call.
fn empty_only_when_empty(
    evidence: &Evidence<'_>,
    tally: &mut Tally<'_>,
    traffic: &Traffic,
    occupancy: &Occupancy,
) {
    let busy = occupancy.busy();
    let outcome = |get: &&Entry| evidence.operation(get.id()).outcome;
    let empty = traffic
        .misses
        .iter()
        .filter(|get| outcome(get) == Some(Outcome::Empty));
    for get in empty {
        let before = busy.partition_point(|(from, _)| *from < get.start);
        let inside = busy[..before].last().filter(|(_, to)| get.returned < *to);
        match inside {
            None => tally.upheld(EMPTY, 1),
            Some(_) => tally.broken(EMPTY, || {
                let there = occupancy
                    .stays
                    .iter()
                    .filter(|stay| stay.from < get.start && get.start < stay.to)
                    .max_by_key(|stay| stay.to);
                let put = there.map(|stay| stay.put);
                let item = put.map_or("an item".to_owned(), |put| evidence.item_of(put));
                witness(
                    put.into_iter().chain([get.id()]),
                    format!("an item, since {item} was inside"),
                    "empty",
                )
            }),
        }
    }
}

#[cfg(test)]
mod tests;
