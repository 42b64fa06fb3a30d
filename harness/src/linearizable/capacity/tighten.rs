//! Derives from FIFO order when items were put and got, more closely than their own stamps say.

use crate::linearizable::history::NEVER;
use crate::linearizable::lifetime::Lifetime;
use crate::linearizable::sorting::{self, Stamped};

/// The most passes from puts to gets and back. Three are rarely needed; if more would have been, the
/// search decides.
const PASSES: usize = 8;

/// Narrows the windows in which each item may have been put and got, as long as that helps.
///
/// If one item was certainly put before another, it was got no later than the other; if it was
/// certainly got before another, it was put no later.
pub(super) fn tighten(items: &mut [Lifetime]) {
    for _ in 0..PASSES {
        let before = items.to_vec();
        within(items);
        let gets: Vec<Window> = items.iter().map(Window::of_get).collect();
        let gets = follow(items.iter().map(Window::of_put), gets);
        let puts: Vec<Window> = items.iter().map(Window::of_put).collect();
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
fn within(items: &mut [Lifetime]) {
    for item in items {
        item.get_start = item.get_start.max(item.put_start);
        item.put_end = item.put_end.min(item.get_end);
    }
}

/// The time in which a put or get takes effect at some moment.
#[derive(Clone, Copy)]
struct Window {
    from: u64,
    to: u64,
}

impl Window {
    fn of_put(item: &Lifetime) -> Window {
        Window {
            from: item.put_start,
            to: item.put_end,
        }
    }

    fn of_get(item: &Lifetime) -> Window {
        Window {
            from: item.get_start,
            to: item.get_end,
        }
    }
}

/// Narrows the `following` windows of items, whose effects come in the same order as their `leading`
/// effects.
fn follow(
    leading: impl Iterator<Item = Window> + Clone,
    mut following: Vec<Window>,
) -> Vec<Window> {
    let by_from = sorting::by_stamp(
        (0..)
            .zip(leading.clone())
            .map(|(n, window)| (window.from, n)),
    );
    let by_to = sorting::by_stamp((0..).zip(leading).map(|(n, window)| (window.to, n)));
    let from: Vec<u64> = following.iter().map(|window| window.from).collect();
    let to: Vec<u64> = following.iter().map(|window| window.to).collect();
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
    let mut after = by_from.iter().rev().peekable();
    for (end, n) in by_to.iter().rev() {
        let is_later = |stamped: &&Stamped| *end < stamped.0;
        while let Some((_, later)) = after.next_if(is_later) {
            soonest = soonest.min(to[*later as usize]);
        }
        let follower = &mut following[*n as usize];
        follower.to = follower.to.min(soonest);
    }
    following
}
