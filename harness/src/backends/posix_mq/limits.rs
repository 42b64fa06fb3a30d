//! The limits of the system's queues.

/// How large a queue can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    /// The most messages.
    pub(super) messages: u64,
    /// The longest message in bytes.
    pub(super) length: u64,
}
