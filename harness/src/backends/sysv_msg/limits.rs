//! The limits of the system's queues.

/// The limits of one queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MsgLimits {
    /// The longest message in bytes.
    pub(super) length: u64,
    /// The largest number of bytes in all messages together, and of messages.
    pub(super) total: u64,
}
