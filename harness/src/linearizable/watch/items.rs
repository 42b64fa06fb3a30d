//! What is remembered of items.

use std::mem;

use super::Witness;

/// An item that was seen, and isn't gone.
#[derive(Clone, Debug, Default)]
pub(super) struct Item {
    pub(super) put: Option<Witness>,
    /// A put of it that had no effect for certain.
    pub(super) failed: Option<Witness>,
    pub(super) get: Option<Witness>,
    pub(super) lane: u32,
    /// How many had entered its lane when its put started.
    pub(super) before: u64,
    /// Whether its put has returned.
    pub(super) has_entered: bool,
    /// Whether its get has returned.
    pub(super) has_left: bool,
}

/// All items: those that are gone take four bytes each.
#[derive(Clone, Debug, Default)]
pub(super) struct Items {
    /// Where each of them is, or [`UNSEEN`], or [`GONE`].
    places: Vec<u32>,
    seen: Vec<Item>,
    free: Vec<u32>,
}

const UNSEEN: u32 = u32::MAX;
const GONE: u32 = u32::MAX - 1;

impl Items {
    /// What is known of an item, seen now or before; none if it is gone.
    pub(super) fn get(&mut self, item: u32) -> Option<&mut Item> {
        let index = item as usize;
        if self.places.len() <= index {
            self.places.resize(index + 1, UNSEEN);
        }
        let place = &mut self.places[index];
        if *place == UNSEEN {
            *place = self.free.pop().unwrap_or_else(|| {
                self.seen.push(Item::default());
                self.seen.len() as u32 - 1
            });
        }
        // Those that are gone have no place.
        self.seen.get_mut(*place as usize)
    }

    /// The put of an item that nobody has asked for.
    pub(super) fn waiting(&self, item: u32) -> Option<Witness> {
        let place = self.places.get(item as usize)?;
        let item = self.seen.get(*place as usize)?;
        item.put.filter(|_| item.get.is_none())
    }

    /// Whether it was put, and nobody has asked for it.
    pub(super) fn waits(&self, item: u32) -> bool {
        self.waiting(item).is_some()
    }

    /// Forgets an item that nothing more is to be asked of.
    pub(super) fn forget(&mut self, item: u32) {
        let place = mem::replace(&mut self.places[item as usize], GONE);
        if let Some(seen) = self.seen.get_mut(place as usize) {
            *seen = Item::default();
            self.free.push(place);
        }
    }

    /// How many are remembered at most so far.
    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.seen.len()
    }
}
