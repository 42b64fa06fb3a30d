//! What this process runs on.

use crate::backend::{Platform, System};

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

/// The operating system, or what stands in for it.
pub fn current() -> Platform {
    Platform {
        system: System::current(),
        emulation: system::emulation(),
    }
}
