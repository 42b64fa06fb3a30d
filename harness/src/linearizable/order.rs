//! An item that was put wholly before another isn't got wholly after it.
//!
//! That is all there is to the order of a queue: where no two items are so, there is an order of all
//! operations that is first in, first out.

use super::completion::{Completion, Item, NOBODY};
use super::sorting::{self, Stamped};
use super::violation::{Found, Pattern};
use super::{History, NEVER, Order};

/// Judges the order. `by_put_end` are the items by the ends of their puts.
pub(super) fn check(
    history: &History,
    completion: &Completion,
    order: Order,
    by_put_end: &[Stamped],
    found: &mut Found,
) {
    match order {
        Order::Fifo => sweep(&completion.items, by_put_end, 1, |_| 0, found),
        Order::PerProducer => {
            let producer = |item: &Item| producer(history, item);
            let producers = completion.items.iter().map(producer).max();
            let lanes = producers.map_or(0, |most| most + 1);
            sweep(&completion.items, by_put_end, lanes, producer, found);
        }
        Order::Unordered => {}
    }
}

/// Who put it.
pub(super) fn producer(history: &History, item: &Item) -> usize {
    history.operations[item.put as usize].peer as usize
}

/// Compares each item with those of its lane that were put wholly before it: of them, the one whose
/// get started last.
fn sweep(
    items: &[Item],
    by_put_end: &[Stamped],
    lanes: usize,
    lane: impl Fn(&Item) -> usize,
    found: &mut Found,
) {
    let mut last = vec![(0, NOBODY); lanes];
    let mut before = by_put_end.iter().peekable();
    let check = |(put_start, index): Stamped| {
        while let Some((_, earlier)) = before.next_if(|(put_end, _)| *put_end < put_start) {
            let item = &items[*earlier as usize];
            let last = &mut last[lane(item)];
            if item.get_start > last.0 {
                *last = (item.get_start, *earlier);
            }
        }
        let item = &items[index as usize];
        let (get_start, overtaken) = last[lane(item)];
        if item.get_end < get_start {
            let overtaken = &items[overtaken as usize];
            found.add(
                Pattern::Order,
                [overtaken.put, item.put, item.get, overtaken.get],
            );
        }
    };
    each_by_put_start(items, check);
}

/// Does something with each item that surely was got, by the starts of their puts.
fn each_by_put_start(items: &[Item], each: impl FnMut(Stamped)) {
    let got = (0..).zip(items).filter(|(_, item)| item.get_end != NEVER);
    let stamps = got.map(|(index, item)| (item.put_start, index));
    if items.is_sorted_by_key(|item| item.put_start) {
        stamps.for_each(each);
    } else {
        sorting::by_stamp(stamps).into_iter().for_each(each);
    }
}

/// By when each item must have been asked for, where items of one producer come in its order: then
/// one that it put wholly afterwards had been got.
pub(super) fn deadlines(items: &[Item], history: &History) -> Vec<u64> {
    let producers = items.iter().map(|item| producer(history, item)).max();
    let mut soonest = vec![NEVER; producers.map_or(0, |most| most + 1)];
    let mut by_start = sorting::by_stamp((0..).zip(items).map(|(n, item)| (item.put_start, n)));
    let by_end = sorting::by_stamp((0..).zip(items).map(|(n, item)| (item.put_end, n)));
    let mut deadlines = vec![NEVER; items.len()];
    for (put_end, index) in by_end.into_iter().rev() {
        while let Some((_, later)) = by_start.pop_if(|(put_start, _)| put_end < *put_start) {
            let later = &items[later as usize];
            let soonest = &mut soonest[producer(history, later)];
            *soonest = later.get_end.min(*soonest);
        }
        deadlines[index as usize] = soonest[producer(history, &items[index as usize])];
    }
    deadlines
}
