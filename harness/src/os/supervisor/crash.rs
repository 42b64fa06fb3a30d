//! Ways in which a process ends itself without an orderly exit.

use crate::plan::Crash;

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub(crate) use system::{is_kill, is_termination};

/// Ends this process in the given way. No destructor runs, no buffer is flushed, and no message is
/// sent.
pub fn crash(how: Crash) -> ! {
    match how {
        Crash::Kill => system::kill_oneself(),
        Crash::Abort => {
            system::leave_no_core();
            std::process::abort()
        }
        Crash::Exit => system::exit_at_once(Crash::CODE),
    }
}
