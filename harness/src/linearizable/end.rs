//! A get reports the end of the stream only after all writers closed and all items were got, and the
//! end is final.
//!
//! Once a get has reported the end, no item is put and no item is got. So only the first such get to
//! return matters: everything else must have happened before it returned.

use super::closings::Closings;
use super::completion::Completion;
use super::history::History;
use super::violation::{Found, Pattern};

/// Judges the end of the stream, if a get reported it. All items are then put and got before that.
pub(super) fn check(history: &History, completion: &mut Completion, found: &mut Found) {
    let first = completion.ends.iter().min_by_key(|report| report.end);
    let Some(first) = first.copied() else {
        return;
    };
    let mut closings = Closings::default();
    for (index, operation) in (0..).zip(&history.operations) {
        closings.add(index, operation);
    }
    for put in closings.not_closed_by(first.end) {
        found.add(Pattern::EarlyEnd, [first.operation, put]);
    }
    for item in &completion.items {
        if first.end < item.put_start {
            found.add(Pattern::EarlyEnd, [first.operation, item.put]);
        } else if !item.leaves() {
            found.add(Pattern::Lost, [item.put, first.operation]);
        } else if first.end < item.get_start {
            found.add(Pattern::AfterEnd, [first.operation, item.get]);
        }
    }
    completion.close(first.end);
}
