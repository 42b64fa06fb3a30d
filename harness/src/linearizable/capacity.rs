//! A queue holds no more than its capacity, and is full only when it holds as much.
//!
//! Whether all operations can be put in such an order is hard in general, and hardly ever in
//! practice: too many items certainly inside at once can't be, and a schedule that takes the items
//! in some obvious order shows that it can. What is left is searched.

use super::Order;
use super::completion::{Completion, Item};
use super::sorting;
use super::violation::{Found, Pattern};

mod full;
mod schedule;
mod tighten;

/// Adds what surely can't be.
pub(super) fn reject(completion: &Completion, order: Order, capacity: u64, found: &mut Found) {
    full::check(completion, capacity, found);
    if order == Order::PerProducer && completion.has_choice() {
        // Another choice might leave fewer inside.
        return;
    }
    let mut items = completion.items.clone();
    if order == Order::Fifo {
        tighten::tighten(&mut items);
    }
    overfull(&items, capacity, found);
}

/// Whether the operations surely can be put in order. What can't may be possible nevertheless.
pub(super) fn accepts(completion: &Completion, capacity: u64) -> bool {
    schedule::is_found(completion, capacity)
}

/// The most puts that a violation names.
const MOST_INSIDE: usize = 4;

/// Finds moments at which more than so many items were certainly inside.
fn overfull(items: &[Item], capacity: u64, found: &mut Found) {
    let stays = (0..)
        .zip(items)
        .filter(|(_, item)| item.put_end < item.get_start);
    let enters = sorting::by_stamp(stays.clone().map(|(n, item)| (item.put_end, n)));
    let leaves = sorting::by_stamp(stays.map(|(n, item)| (item.get_start, n)));
    let mut left = 0;
    for (entered, (now, _)) in enters.iter().enumerate() {
        // What leaves at the moment at which another enters may have left before that.
        while leaves.get(left).is_some_and(|(leave, _)| *leave <= *now) {
            left += 1;
        }
        // Those that enter at the same moment are counted with the last of them.
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
