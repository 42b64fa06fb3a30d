//! Runs the library's futures: a Tokio runtime for each end, on the thread that waits.
//!
//! The runtime starts no thread by itself. On Unix the library's futures start none either. On Windows
//! the futures of unnamed pipes block threads of the runtime, and when an end is dropped, unread bytes
//! wait on a thread of the library.

use std::io;

#[cfg(unix)]
mod unix;
mod waiting;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub(super) use self::waiting::Runtime;

/// Returns a runtime for an end whose operations continue while no thread waits for them.
pub(super) fn going_on() -> io::Result<Runtime> {
    system::going_on()
}
