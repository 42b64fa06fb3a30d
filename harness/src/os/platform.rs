//! The system that this process runs on.

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
