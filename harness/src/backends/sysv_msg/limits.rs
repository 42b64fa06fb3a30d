//! The limits of the system's queues.

/// How large a queue can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    /// The longest message in bytes.
    pub(super) length: u64,
    /// The most bytes of all messages together, and the most messages.
    pub(super) total: u64,
}
