//! Where the words of a record are stored.

use std::sync::atomic::{AtomicU64, Ordering};

/// The words of one record. Real logs store into shared memory; a test notes each store.
pub(super) trait Store {
    fn store(&mut self, word: usize, value: u64, ordering: Ordering);
}

impl Store for &[AtomicU64] {
    #[inline]
    fn store(&mut self, word: usize, value: u64, ordering: Ordering) {
        self[word].store(value, ordering);
    }
}
