//! A get is told "empty" only where there was a moment at which the queue may have been.
//!
//! An item is certainly inside behind the return of its put and before the start of its get. Where
//! such stretches leave a gap, everything can be arranged so that the queue is empty there; nowhere
//! else can it be.

use super::completion::{Completion, Item, Told};
use super::sorting::Stamped;
use super::violation::{Found, Pattern};

/// Judges what was told "empty". `by_put_end` are the items by the ends of their puts.
pub(super) fn check(completion: &Completion, by_put_end: &[Stamped], found: &mut Found) {
    if completion.empties.is_empty() {
        return;
    }
    let busy = busy(&completion.items, by_put_end);
    for told in &completion.empties {
        let before = busy.partition_point(|stretch| stretch.from < told.start);
        let stretch = busy[..before].last();
        if let Some(stretch) = stretch.filter(|stretch| told.end < stretch.to) {
            let inside = &by_put_end[stretch.first..];
            let cover = cover(&completion.items, inside, told);
            let puts_and_gets = cover.iter().flat_map(|item| [item.put, item.get]);
            found.add(
                Pattern::Empty,
                [told.operation].into_iter().chain(puts_and_gets),
            );
        }
    }
}

/// The most items that a violation names.
const MOST_COVERING: usize = 4;

/// A time, both ends excluded, throughout which something was certainly inside.
struct Stretch {
    from: u64,
    to: u64,
    /// The place of its first item among all by the ends of their puts.
    first: usize,
}

fn busy(items: &[Item], by_put_end: &[Stamped]) -> Vec<Stretch> {
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

/// A few items one of which was inside at every moment of this operation, of those by the ends of
/// their puts: the first [`MOST_COVERING`], if it takes more.
fn cover<'a>(items: &'a [Item], by_put_end: &[Stamped], told: &Told) -> Vec<&'a Item> {
    let mut cover: Vec<&Item> = Vec::new();
    let mut inside = by_put_end
        .iter()
        .map(|(_, index)| &items[*index as usize])
        .peekable();
    let mut covered = told.start;
    while covered <= told.end && cover.len() < MOST_COVERING {
        let mut longest: Option<&Item> = None;
        let first = cover.is_empty();
        // At the return of a put the item isn't inside for certain yet; the item before must be.
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
