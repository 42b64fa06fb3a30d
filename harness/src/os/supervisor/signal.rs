//! Signals that a case sends to its processes, and their handlers there.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub use system::handled;
pub(crate) use system::{handle, send};
