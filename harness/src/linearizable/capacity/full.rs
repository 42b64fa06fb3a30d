//! A put reports "full" only if the queue may have been full at some moment of the call.

use crate::linearizable::completion::Completion;
use crate::linearizable::violation::{Found, Pattern};

/// Finds puts that reported "full" although the queue had room throughout the call.
pub(super) fn check(completion: &Completion, capacity: u64, found: &mut Found) {
    if completion.fulls.is_empty() {
        return;
    }
    let items = &completion.items;
    let open = completion.open_puts.iter().map(|(start, _)| *start);
    let mut enters: Vec<u64> = items
        .iter()
        .map(|item| item.put_start)
        .chain(open)
        .collect();
    let mut leaves: Vec<u64> = items.iter().map(|item| item.get_end).collect();
    enters.sort_unstable();
    leaves.sort_unstable();
    for full in &completion.fulls {
        // The put began after the end of the stream, which is as wrong.
        let after_end = full.end < full.start;
        if after_end || (most_inside(&enters, &leaves, full.start, full.end) as u64) < capacity {
            found.add(Pattern::Full, [full.operation]);
        }
    }
}

/// Returns the most items that can have been in the queue at one moment of this time.
fn most_inside(enters: &[u64], leaves: &[u64], from: u64, to: u64) -> usize {
    let first = enters.partition_point(|enter| *enter <= from);
    let last = enters.partition_point(|enter| *enter <= to);
    let left_before = |time: u64| leaves.partition_point(|leave| *leave < time);
    let later = (first..last).map(|n| n + 1 - left_before(enters[n]));
    later.chain([first - left_before(from)]).max().unwrap_or(0)
}
