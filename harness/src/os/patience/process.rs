//! How long a process was ready to run and couldn't.

use std::time::Duration;

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;

#[cfg(not(target_os = "linux"))]
use elsewhere as system;
#[cfg(target_os = "linux")]
use linux as system;

pub(super) use system::hindrance;

/// What keeps a process from running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hindrance {
    /// How long its threads have waited for a processor since they started.
    pub(super) delay: Duration,
    /// Whether it is stopped, or waits for a disk.
    pub(super) is_held: bool,
}
