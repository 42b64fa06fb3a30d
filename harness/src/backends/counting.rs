//! Queues that count their items, and those that aren't marked as done.
//!
//! The contract for authors of backends leaves them out. An adapter in another language can have them.

use crate::backend::Failure;

/// What a queue holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count {
    /// The number of its items.
    pub(crate) items: u64,
    /// Whether there is no room for another one.
    pub(crate) is_full: bool,
}

/// An end of a queue that counts.
pub(crate) trait CountingEnd {
    /// Marks one item as done.
    ///
    /// # Errors
    /// [`Refused`](crate::backend::Outcome::Refused) if every item is marked already.
    fn task_done(&mut self) -> Result<(), Failure>;

    /// Waits until every item is marked as done.
    ///
    /// # Errors
    /// The queue's error.
    fn join(&mut self) -> Result<(), Failure>;

    /// Returns what the queue holds.
    ///
    /// # Errors
    /// The queue's error.
    fn count(&mut self) -> Result<Count, Failure>;
}
