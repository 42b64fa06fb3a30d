//! How early items must be got so that each producer's items keep their order.

use crate::linearizable::history::{History, NEVER};
use crate::linearizable::lifetime::Lifetime;
use crate::linearizable::sorting;

/// Returns, for each item, the stamp by which its get must have started if items of one producer keep
/// their order: the first end of a get of an item that the same producer put afterwards.
pub(super) fn deadlines(items: &[Lifetime], history: &History) -> Vec<u64> {
    let producers = items.iter().map(|item| item.producer(history)).max();
    let mut soonest = vec![NEVER; producers.map_or(0, |most| most + 1)];
    let mut by_start = sorting::by_stamp((0..).zip(items).map(|(n, item)| (item.put_start, n)));
    let by_end = sorting::by_stamp((0..).zip(items).map(|(n, item)| (item.put_end, n)));
    let mut deadlines = vec![NEVER; items.len()];
    for (put_end, index) in by_end.into_iter().rev() {
        while let Some((_, later)) = by_start.pop_if(|(put_start, _)| put_end < *put_start) {
            let later = &items[later as usize];
            let soonest = &mut soonest[later.producer(history)];
            *soonest = later.get_end.min(*soonest);
        }
        deadlines[index as usize] = soonest[items[index as usize].producer(history)];
    }
    deadlines
}
