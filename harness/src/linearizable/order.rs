//! If the put of one item returned before the put of another began, the get of the first doesn't
//! begin after the get of the other returned.
//!
//! This is all that FIFO order demands: if it holds for every two items, all operations can be put in
//! an order that is first in, first out.

use super::claims::Order;
use super::completion::Completion;
use super::history::{History, NEVER, NO_OPERATION};
use super::lifetime::Lifetime;
use super::sorting::{self, Stamped};
use super::violation::{Found, Pattern};

/// Judges the order. `by_put_end` lists the items by the ends of their puts.
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
            let producer = |item: &Lifetime| item.producer(history);
            let producers = completion.items.iter().map(producer).max();
            let fifos = producers.map_or(0, |most| most + 1);
            sweep(&completion.items, by_put_end, fifos, producer, found);
        }
        Order::Unordered => {}
    }
}

/// Compares each item with one other: of the items of the same FIFO that were put before it began to
/// be put, the one whose get started last.
fn sweep(
    items: &[Lifetime],
    by_put_end: &[Stamped],
    fifos: usize,
    fifo: impl Fn(&Lifetime) -> usize,
    found: &mut Found,
) {
    let mut last = vec![(0, NO_OPERATION); fifos];
    let mut before = by_put_end.iter().peekable();
    let check = |(put_start, index): Stamped| {
        while let Some((_, earlier)) = before.next_if(|(put_end, _)| *put_end < put_start) {
            let item = &items[*earlier as usize];
            let last = &mut last[fifo(item)];
            if item.get_start > last.0 {
                *last = (item.get_start, *earlier);
            }
        }
        let item = &items[index as usize];
        let (get_start, overtaken) = last[fifo(item)];
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

/// Calls `each` for each item that was certainly got, by the starts of their puts.
fn each_by_put_start(items: &[Lifetime], each: impl FnMut(Stamped)) {
    let got = (0..).zip(items).filter(|(_, item)| item.get_end != NEVER);
    let stamps = got.map(|(index, item)| (item.put_start, index));
    if items.is_sorted_by_key(|item| item.put_start) {
        stamps.for_each(each);
    } else {
        sorting::by_stamp(stamps).into_iter().for_each(each);
    }
}
