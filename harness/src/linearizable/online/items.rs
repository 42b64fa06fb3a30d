//! The items that the judge remembers.

use std::mem;

use super::numbered::NumberedOperation;

/// An item that was mentioned, and isn't forgotten.
#[derive(Clone, Debug, Default)]
pub(super) struct TrackedItem {
    pub(super) put: Option<NumberedOperation>,
    /// A put of the item that certainly had no effect.
    pub(super) failed: Option<NumberedOperation>,
    pub(super) get: Option<NumberedOperation>,
    pub(super) fifo: u32,
    /// How many items had entered its FIFO when its put started.
    pub(super) before: u64,
    /// Whether its put has returned.
    pub(super) has_entered: bool,
    /// Whether its get has returned.
    pub(super) has_left: bool,
}

/// All items. A forgotten one takes four bytes.
#[derive(Clone, Debug, Default)]
pub(super) struct TrackedItems {
    /// The index of each item in `tracked`, or [`UNKNOWN`], or [`FORGOTTEN`].
    places: Vec<u32>,
    tracked: Vec<TrackedItem>,
    free: Vec<u32>,
}

const UNKNOWN: u32 = u32::MAX;
const FORGOTTEN: u32 = u32::MAX - 1;

impl TrackedItems {
    /// Returns an item, tracked from now on if it is new; `None` if it is forgotten.
    pub(super) fn get(&mut self, item: u32) -> Option<&mut TrackedItem> {
        let index = item as usize;
        if self.places.len() <= index {
            self.places.resize(index + 1, UNKNOWN);
        }
        let place = &mut self.places[index];
        if *place == UNKNOWN {
            *place = self.free.pop().unwrap_or_else(|| {
                self.tracked.push(TrackedItem::default());
                self.tracked.len() as u32 - 1
            });
        }
        // The index of a forgotten item is out of bounds.
        self.tracked.get_mut(*place as usize)
    }

    /// Returns the put of an item whose get hasn't started.
    pub(super) fn waiting(&self, item: u32) -> Option<NumberedOperation> {
        let place = self.places.get(item as usize)?;
        let item = self.tracked.get(*place as usize)?;
        item.put.filter(|_| item.get.is_none())
    }

    /// Whether the item's put has started and its get hasn't.
    pub(super) fn waits(&self, item: u32) -> bool {
        self.waiting(item).is_some()
    }

    /// Forgets an item that no longer matters.
    pub(super) fn forget(&mut self, item: u32) {
        let place = mem::replace(&mut self.places[item as usize], FORGOTTEN);
        if let Some(tracked) = self.tracked.get_mut(place as usize) {
            *tracked = TrackedItem::default();
            self.free.push(place);
        }
    }

    /// Returns the most items that were tracked at once.
    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.tracked.len()
    }
}
