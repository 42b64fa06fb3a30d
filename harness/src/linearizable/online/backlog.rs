//! The items of one FIFO that wait to be got.

use std::collections::VecDeque;

use super::items::TrackedItems;

/// The items of one FIFO by the ends of their puts, from the first whose get hasn't started.
#[derive(Clone, Debug, Default)]
pub(super) struct Backlog {
    items: VecDeque<u32>,
    /// The number of items before that one.
    gone: u64,
}

impl Backlog {
    /// Returns how many items have entered.
    pub(super) fn entered(&self) -> u64 {
        self.gone + self.items.len() as u64
    }

    pub(super) fn push(&mut self, item: u32) {
        self.items.push_back(item);
    }

    /// Returns the items from the first whose get hasn't started.
    pub(super) fn items(&self) -> impl Iterator<Item = u32> {
        self.items.iter().copied()
    }

    /// Returns the first item whose get hasn't started, if fewer than `before` items had entered before
    /// it.
    pub(super) fn first_before(&self, before: u64) -> Option<u32> {
        let first = self.items.front().filter(|_| self.gone < before);
        first.copied()
    }

    /// Removes the first items as long as their gets have started.
    pub(super) fn let_go(&mut self, items: &TrackedItems) {
        while self
            .items
            .pop_front_if(|first| !items.waits(*first))
            .is_some()
        {
            self.gone += 1;
        }
    }
}
