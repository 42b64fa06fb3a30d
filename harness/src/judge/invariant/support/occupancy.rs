//! Computes how many items were certainly inside a queue, at every moment.
//!
//! An item is certainly inside after its put has returned and before its get starts. Equal items
//! are paired so that each stays as short as possible. A get that never returned may have taken any
//! item that no other get returned, so each such get counts as one item less from its start.

use crate::history::OperationId;
use crate::history::fate::Fates;
use crate::history::pairing::{Entry, Group, NEVER, Traffic};

/// The time in which one item was certainly inside: between `from` and `to`, both excluded.
#[derive(Clone, Copy)]
pub(crate) struct Stay {
    pub(crate) from: u64,
    pub(crate) to: u64,
    pub(crate) put: OperationId,
}

/// A moment at which the number of items changes: the number at that time, and the number after it
/// until the next point.
#[derive(Clone, Copy)]
pub(crate) struct Point {
    pub(crate) time: u64,
    pub(crate) at: u64,
    pub(crate) after: u64,
}

/// The items of one lane over time.
pub(crate) struct Occupancy {
    /// Sorted by `from`.
    pub(crate) stays: Vec<Stay>,
    /// Sorted by time.
    pub(crate) points: Vec<Point>,
}

impl Occupancy {
    pub(crate) fn of(traffic: &Traffic, fates: &Fates) -> Occupancy {
        let stays = stays(traffic, fates);
        let missing = fates.missing.len() - fates.changed.len();
        let takers = traffic.takers.iter().chain(&fates.invented);
        let mut takes: Vec<u64> = takers.map(|get: &Entry| get.start).collect();
        takes.sort_unstable();
        takes.truncate(missing);
        let points = sweep(&stays, &takes);
        Occupancy { stays, points }
    }

    /// Returns how many items were certainly inside at this time.
    pub(crate) fn at(&self, time: u64) -> u64 {
        let passed = self.points.partition_point(|point| point.time <= time);
        match self.points[..passed].last() {
            Some(point) if point.time == time => point.at,
            Some(point) => point.after,
            None => 0,
        }
    }

    /// Returns the times, from and to, both excluded, in which at least one item was certainly inside.
    pub(crate) fn busy(&self) -> Vec<(u64, u64)> {
        let mut busy = Vec::new();
        let mut since = None;
        for point in &self.points {
            if let Some(from) = since
                && point.at == 0
            {
                busy.push((from, point.time));
                since = None;
            }
            if point.after > 0 {
                since.get_or_insert(point.time);
            }
        }
        busy.extend(since.map(|from| (from, NEVER)));
        busy
    }
}

fn stays(traffic: &Traffic, fates: &Fates) -> Vec<Stay> {
    let stay = |put: &Entry, to| Stay {
        from: put.returned,
        to,
        put: put.id(),
    };
    let mut stays = Vec::with_capacity(traffic.puts.len());
    for group in traffic.groups() {
        let puts = Group::by_return(group.puts);
        let pairs = puts.iter().zip(group.gets);
        stays.extend(pairs.map(|(put, get)| stay(put, get.start)));
    }
    let (changed, missing) = (&fates.changed, &fates.missing[fates.changed.len()..]);
    stays.extend(changed.iter().map(|(put, get)| stay(put, get.start)));
    stays.extend(missing.iter().map(|put| stay(put, NEVER)));
    stays.retain(|stay| stay.from < stay.to);
    stays.sort_unstable_by_key(|stay| stay.from);
    stays
}

/// Merges the times at which items enter, leave and may be taken, each sorted, into points.
fn sweep(stays: &[Stay], takes: &[u64]) -> Vec<Point> {
    let mut leaves: Vec<u64> = stays.iter().map(|stay| stay.to).collect();
    leaves.sort_unstable();
    let mut points = Vec::with_capacity(2 * stays.len());
    let (mut entered, mut left, mut taken) = (0, 0, 0);
    let inside =
        |entered: usize, left: usize, taken: usize| (entered - left).saturating_sub(taken) as u64;
    loop {
        let next = [
            stays.get(entered).map(|stay| stay.from),
            leaves.get(left).copied(),
            takes.get(taken).copied(),
        ];
        let Some(time) = next.into_iter().flatten().min().filter(|t| *t != NEVER) else {
            return points;
        };
        left += count(&leaves[left..], |leave| *leave == time);
        taken += count(&takes[taken..], |take| *take == time);
        let at = inside(entered, left, taken);
        entered += count(&stays[entered..], |stay| stay.from == time);
        let after = inside(entered, left, taken);
        points.push(Point { time, at, after });
    }
}

fn count<T>(items: &[T], matches: impl Fn(&T) -> bool) -> usize {
    items.iter().take_while(|item| matches(item)).count()
}
