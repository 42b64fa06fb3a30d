//! The system that this process runs on.

use std::thread;
use std::time::SystemTime;

use crate::backend::{Platform, System};

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

/// Returns the operating system, and the program that emulates it, if any.
pub fn current() -> Platform {
    Platform {
        system: System::current(),
        emulation: system::emulation(),
    }
}

/// Returns the kernel with its version, such as `Linux 6.1.0`; empty if the system doesn't say.
pub(crate) fn kernel() -> String {
    system::kernel()
}

/// Returns how many processors this process may use; 0 if the system doesn't say.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(0, usize::from)
}

/// Returns the time of day in UTC, such as `2026-03-01T12:00:00Z`.
pub(crate) fn date() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}
