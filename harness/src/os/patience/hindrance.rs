//! What keeps a process from running.

use std::time::Duration;

/// What keeps a process from running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hindrance {
    /// How long its threads have waited for a processor since they started.
    pub(super) delay: Duration,
    /// Whether it is stopped, or waits for a disk.
    pub(super) is_held: bool,
}
