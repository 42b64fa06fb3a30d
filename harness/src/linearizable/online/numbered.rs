//! Operations with the numbers that identify them.

use std::cmp::Ordering;

use crate::linearizable::history::Operation;

/// An operation with the number by which the caller knows it.
pub(crate) type NumberedOperation = (u64, Operation);

/// An operation that hasn't returned yet; the first to return is the least.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PendingReturn(pub(super) NumberedOperation);

impl PendingReturn {
    fn key(&self) -> (u64, u64) {
        let PendingReturn((number, operation)) = self;
        (operation.end, *number)
    }
}

impl Ord for PendingReturn {
    fn cmp(&self, other: &PendingReturn) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for PendingReturn {
    fn partial_cmp(&self, other: &PendingReturn) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
