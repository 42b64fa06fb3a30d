//! Queues that count their unfinished items. The contract for authors leaves them out: adapters have steps for
//! them.

use crate::backend::Failure;

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
}
