//! When an item may have been in the queue.

use super::history::{History, NEVER, NO_OPERATION};

/// When an item was put and got; [`NEVER`] for what never happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lifetime {
    pub(super) put_start: u64,
    pub(super) put_end: u64,
    pub(super) get_start: u64,
    pub(super) get_end: u64,
    /// The index of the put.
    pub(super) put: u32,
    /// The index of the get; [`NO_OPERATION`] if there is none.
    pub(super) get: u32,
}

impl Lifetime {
    /// The lifetime of an item that was neither put nor got.
    pub(super) const NONE: Lifetime = Lifetime {
        put_start: NEVER,
        put_end: NEVER,
        get_start: NEVER,
        get_end: NEVER,
        put: NO_OPERATION,
        get: NO_OPERATION,
    };

    /// Whether some get may have taken the item.
    pub(super) fn leaves(&self) -> bool {
        self.get_start != NEVER
    }

    /// Returns the peer that put the item.
    pub(super) fn producer(&self, history: &History) -> usize {
        history.operations[self.put as usize].peer as usize
    }
}
