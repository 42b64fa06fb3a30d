//! What runs the library's futures: a runtime of Tokio for each end, on the thread that waits.
//!
//! It starts no thread by itself. On Unix neither do the futures of this library; on Windows those
//! of unnamed pipes block on threads of the runtime's, and whatever was written and not read when
//! its end is dropped waits on one of the library's.

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

/// One for an end whose operations go on when nobody waits for them, where there are such.
pub(super) fn going_on() -> io::Result<Runtime> {
    system::going_on()
}
