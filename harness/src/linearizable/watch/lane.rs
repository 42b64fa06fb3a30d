//! Items in the order in which they are to be got.

use std::collections::VecDeque;

use super::items::Items;

/// By the ends of their puts, without the first ones that were asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Lane {
    items: VecDeque<u32>,
    /// How many those first ones are.
    gone: u64,
}

impl Lane {
    /// How many items have entered it.
    pub(super) fn entered(&self) -> u64 {
        self.gone + self.items.len() as u64
    }

    pub(super) fn push(&mut self, item: u32) {
        self.items.push_back(item);
    }

    /// Those that weren't asked for, and others that are behind them.
    pub(super) fn items(&self) -> impl Iterator<Item = u32> {
        self.items.iter().copied()
    }

    /// The first that wasn't asked for, if it entered when fewer than so many had.
    pub(super) fn first_before(&self, before: u64) -> Option<u32> {
        let first = self.items.front().filter(|_| self.gone < before);
        first.copied()
    }

    /// Takes away the first ones, as far as they were asked for.
    pub(super) fn let_go(&mut self, items: &Items) {
        while self
            .items
            .pop_front_if(|first| !items.waits(*first))
            .is_some()
        {
            self.gone += 1;
        }
    }
}
