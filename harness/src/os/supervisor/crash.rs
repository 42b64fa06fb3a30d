//! How a process ends itself without any of the care that an exit takes.

use crate::plan::Crash;

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub(crate) use system::is_kill;

/// Ends this process like this: no destructor runs, no buffer is flushed, nobody is told.
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
