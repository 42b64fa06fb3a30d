//! A queue holds no more items than its capacity, and is full only when it holds that many.
//!
//! To find an order of all operations that fits a capacity is hard in general, but rarely in practice.
//! Either more items than the capacity were certainly in the queue at one moment, so that there is no
//! such order; or a schedule that takes the items in some obvious order is one. The rest is left to the
//! search.

use super::claims::Order;
use super::completion::Completion;
use super::lifetime::Lifetime;
use super::sorting;
use super::violation::{Found, Pattern};

mod full;
mod schedule;
mod tighten;

/// Adds violations that rule out every order.
pub(super) fn reject(completion: &Completion, order: Order, capacity: u64, found: &mut Found) {
    full::check(completion, capacity, found);
    // The items that gets that never returned took were chosen for the sake of order; another choice
    // might leave fewer items in the queue.
    if order == Order::PerProducer && completion.has_choice() {
        return;
    }
    let mut items = completion.items.clone();
    if order == Order::Fifo && !completion.has_choice() {
        tighten::tighten(&mut items);
    }
    overfull(&items, capacity, found);
}

/// Whether some order of the operations fits. If this returns false, there may still be one.
pub(super) fn accepts(completion: &Completion, capacity: u64) -> bool {
    schedule::is_found(completion, capacity)
}

/// The most puts that a violation names.
const MOST_INSIDE: usize = 4;

/// Finds moments at which more items than the capacity were certainly in the queue.
fn overfull(items: &[Lifetime], capacity: u64, found: &mut Found) {
    let stays = (0..)
        .zip(items)
        .filter(|(_, item)| item.put_end < item.get_start);
    let enters = sorting::by_stamp(stays.clone().map(|(n, item)| (item.put_end, n)));
    let leaves = sorting::by_stamp(stays.map(|(n, item)| (item.get_start, n)));
    let mut left = 0;
    for (entered, (now, _)) in enters.iter().enumerate() {
        // An item that leaves at the moment at which another enters may have left first.
        while leaves.get(left).is_some_and(|(leave, _)| *leave <= *now) {
            left += 1;
        }
        // Items that enter at the same moment are counted together, with the last of them.
        let last = enters.get(entered + 1).is_none_or(|(next, _)| now < next);
        if last && (entered + 1 - left) as u64 > capacity {
            let inside = enters[..=entered]
                .iter()
                .rev()
                .map(|(_, n)| &items[*n as usize]);
            let inside = inside
                .filter(|item| *now < item.get_start)
                .take(MOST_INSIDE);
            let mut puts: Vec<u32> = inside.map(|item| item.put).collect();
            puts.reverse();
            found.add(Pattern::Capacity, puts);
        }
    }
}
