//! A get reports "empty" only if the queue may have been empty at some moment of the call.
//!
//! An item is certainly in the queue from the return of its put to the start of its get. Where these
//! stretches of all items leave a gap, the operations can be ordered such that the queue is empty
//! there; elsewhere it can't be empty.

use super::completion::{Completion, StateReport};
use super::lifetime::Lifetime;
use super::sorting::Stamped;
use super::violation::{Found, Pattern};

/// Judges the gets that claim "empty". `by_put_end` lists the items by the ends of their puts.
pub(super) fn check(completion: &Completion, by_put_end: &[Stamped], found: &mut Found) {
    if completion.empties.is_empty() {
        return;
    }
    let busy = busy(&completion.items, by_put_end);
    for report in &completion.empties {
        let before = busy.partition_point(|stretch| stretch.from < report.start);
        let stretch = busy[..before].last();
        if let Some(stretch) = stretch.filter(|stretch| report.end < stretch.to) {
            let inside = &by_put_end[stretch.first..];
            let cover = cover(&completion.items, inside, report);
            let puts_and_gets = cover.iter().flat_map(|item| [item.put, item.get]);
            found.add(
                Pattern::Empty,
                [report.operation].into_iter().chain(puts_and_gets),
            );
        }
    }
}

/// The most items that a violation names.
const MOST_COVERING: usize = 4;

/// A time, both ends excluded, in which the queue certainly held an item at every moment.
struct Stretch {
    from: u64,
    to: u64,
    /// The position of its first item in the list by the ends of their puts.
    first: usize,
}

fn busy(items: &[Lifetime], by_put_end: &[Stamped]) -> Vec<Stretch> {
    let mut busy: Vec<Stretch> = Vec::new();
    for (first, (from, index)) in by_put_end.iter().enumerate() {
        let (from, to) = (*from, items[*index as usize].get_start);
        if to <= from {
            continue;
        }
        match busy.last_mut().filter(|last| from < last.to) {
            Some(last) => last.to = last.to.max(to),
            None => busy.push(Stretch { from, to, first }),
        }
    }
    busy
}

/// Returns a few items such that at every moment of the call one of them was in the queue; only the
/// first [`MOST_COVERING`] if more are needed.
fn cover<'a>(
    items: &'a [Lifetime],
    by_put_end: &[Stamped],
    report: &StateReport,
) -> Vec<&'a Lifetime> {
    let mut cover: Vec<&Lifetime> = Vec::new();
    let mut inside = by_put_end
        .iter()
        .map(|(_, index)| &items[*index as usize])
        .peekable();
    let mut covered = report.start;
    while covered <= report.end && cover.len() < MOST_COVERING {
        let mut longest: Option<&Lifetime> = None;
        let first = cover.is_empty();
        // At the very return of its put an item may not be in the queue yet: the one before must be.
        while let Some(item) = inside.next_if(|item| item.put_end < covered) {
            if longest.is_none_or(|longest| longest.get_start < item.get_start) {
                longest = Some(item);
            }
        }
        match longest {
            Some(longest) if first || covered < longest.get_start => {
                covered = longest.get_start;
                cover.push(longest);
            }
            _ => break,
        }
    }
    cover
}
