//! How many items were certainly inside a queue, at every moment.
//!
//! An item is certainly inside behind the return of its put and before the start of its get; equal
//! items are paired so that they stay as short as any pairing allows. A get that never returned may
//! have taken any item that nobody got, so each such get counts as one item less from its start on.

use crate::history::OperationId;
use crate::history::fate::Fates;
use crate::history::pairing::{Entry, Group, NEVER, Traffic};

/// An item that is inside between `from` and `to`, both excluded.
#[derive(Clone, Copy)]
pub(in crate::judge::invariant) struct Stay {
    pub(in crate::judge::invariant) from: u64,
    pub(in crate::judge::invariant) to: u64,
    pub(in crate::judge::invariant) put: OperationId,
}

/// How many are inside at a stamp where that changes, and behind it until the next such stamp.
#[derive(Clone, Copy)]
pub(in crate::judge::invariant) struct Point {
    pub(in crate::judge::invariant) time: u64,
    pub(in crate::judge::invariant) at: u64,
    pub(in crate::judge::invariant) behind: u64,
}

pub(in crate::judge::invariant) struct Occupancy {
    /// By their beginning.
    pub(in crate::judge::invariant) stays: Vec<Stay>,
    /// By time.
    pub(in crate::judge::invariant) points: Vec<Point>,
}

impl Occupancy {
    pub(in crate::judge::invariant) fn of(traffic: &Traffic, fates: &Fates) -> Occupancy {
        let stays = stays(traffic, fates);
        let missing = fates.missing.len() - fates.changed.len();
        let takers = traffic.takers.iter().chain(&fates.invented);
        let mut takes: Vec<u64> = takers.map(|get: &Entry| get.start).collect();
        takes.sort_unstable();
        takes.truncate(missing);
        let points = sweep(&stays, &takes);
        Occupancy { stays, points }
    }

    /// How many were certainly inside at this moment.
    pub(in crate::judge::invariant) fn at(&self, time: u64) -> u64 {
        let behind = self.points.partition_point(|point| point.time <= time);
        match self.points[..behind].last() {
            Some(point) if point.time == time => point.at,
            Some(point) => point.behind,
            None => 0,
        }
    }

    /// The stretches, both ends excluded, in which something was certainly inside.
    pub(in crate::judge::invariant) fn busy(&self) -> Vec<(u64, u64)> {
        let mut busy = Vec::new();
        let mut since = None;
        for point in &self.points {
            if let Some(from) = since
                && point.at == 0
            {
                busy.push((from, point.time));
                since = None;
            }
            if point.behind > 0 {
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

/// Merges enters, leaves and takes, each by time, into the points where the count changes.
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
        let behind = inside(entered, left, taken);
        points.push(Point { time, at, behind });
    }
}

fn count<T>(items: &[T], matches: impl Fn(&T) -> bool) -> usize {
    items.iter().take_while(|item| matches(item)).count()
}
