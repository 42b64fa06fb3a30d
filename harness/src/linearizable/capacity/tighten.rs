//! What the order of a queue says about when items were put and got, beyond their own stamps.

use crate::linearizable::NEVER;
use crate::linearizable::completion::Item;
use crate::linearizable::sorting::{self, Stamped};

/// So often knowledge goes back and forth between puts and gets at most. It hardly ever takes three
/// turns, and what isn't known to be too much is searched.
const TURNS: usize = 8;

/// Narrows the times at which each item may have been put and got, as long as that helps.
///
/// Of two items one of which was put wholly before the other, the first is got no later, and of two
/// one of which was got wholly before the other, the first was put no later.
pub(super) fn tighten(items: &mut [Item]) {
    for _ in 0..TURNS {
        let before = items.to_vec();
        within(items);
        let gets: Vec<Span> = items.iter().map(Span::of_get).collect();
        let gets = follow(items.iter().map(Span::of_put), gets);
        let puts: Vec<Span> = items.iter().map(Span::of_put).collect();
        let puts = follow(gets.iter().copied(), puts);
        for ((item, put), get) in items.iter_mut().zip(puts).zip(gets) {
            (item.put_start, item.put_end) = (put.from, put.to);
            (item.get_start, item.get_end) = (get.from, get.to);
        }
        if *items == before {
            return;
        }
    }
}

/// No item is got before it is put.
fn within(items: &mut [Item]) {
    for item in items {
        item.get_start = item.get_start.max(item.put_start);
        item.put_end = item.put_end.min(item.get_end);
    }
}

/// From when to when something happens to an item at one moment.
#[derive(Clone, Copy)]
struct Span {
    from: u64,
    to: u64,
}

impl Span {
    fn of_put(item: &Item) -> Span {
        Span {
            from: item.put_start,
            to: item.put_end,
        }
    }

    fn of_get(item: &Item) -> Span {
        Span {
            from: item.get_start,
            to: item.get_end,
        }
    }
}

/// What happens to items one after the other, if what leads to it surely comes one after the other.
fn follow(leading: impl Iterator<Item = Span> + Clone, mut following: Vec<Span>) -> Vec<Span> {
    let by_from = sorting::by_stamp((0..).zip(leading.clone()).map(|(n, span)| (span.from, n)));
    let by_to = sorting::by_stamp((0..).zip(leading).map(|(n, span)| (span.to, n)));
    let from: Vec<u64> = following.iter().map(|span| span.from).collect();
    let to: Vec<u64> = following.iter().map(|span| span.to).collect();
    let mut latest = 0;
    let mut before = by_to.iter().peekable();
    let is_known = |stamp: u64| stamp != NEVER;
    for (start, n) in by_from.iter().filter(|(start, _)| is_known(*start)) {
        while let Some((_, earlier)) = before.next_if(|(end, _)| end < start) {
            latest = latest.max(from[*earlier as usize]);
        }
        let follower = &mut following[*n as usize];
        follower.from = follower.from.max(latest);
    }
    let mut soonest = NEVER;
    let mut behind = by_from.iter().rev().peekable();
    for (end, n) in by_to.iter().rev() {
        let is_later = |stamped: &&Stamped| *end < stamped.0;
        while let Some((_, later)) = behind.next_if(is_later) {
            soonest = soonest.min(to[*later as usize]);
        }
        let follower = &mut following[*n as usize];
        follower.to = follower.to.min(soonest);
    }
    following
}
