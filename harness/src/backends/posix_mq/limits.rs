//! The limits of the system's queues.

/// The limits of one queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MqLimits {
    /// The largest number of messages.
    pub(super) messages: u64,
    /// The longest message in bytes.
    pub(super) length: u64,
}
