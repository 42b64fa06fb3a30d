use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use libc::c_int;

use crate::os::supervisor::Member;
use crate::plan::Signal;

static HANDLED: AtomicU64 = AtomicU64::new(0);

/// Handles this signal in this process from now on. The handler only counts, and the system restarts no
/// call that it interrupts.
///
/// # Errors
/// If the system refuses.
#[expect(
    unsafe_code,
    reason = "the safe crates let the system restart interrupted calls"
)]
pub(crate) fn handle(signal: Signal) -> io::Result<()> {
    let handler: extern "C" fn(c_int) = count;
    // SAFETY: all zeros is a valid `sigaction`: no flags, and no signal is blocked during the handler.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler as libc::sighandler_t;
    // SAFETY: the action is initialised, and its handler does nothing but an atomic addition, which is
    // allowed in a signal handler.
    let result = unsafe { libc::sigaction(number(signal), &action, std::ptr::null_mut()) };
    match result {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

extern "C" fn count(_signal: c_int) {
    HANDLED.fetch_add(1, Ordering::Relaxed);
}

/// Returns how many signals this process has handled.
pub fn handled() -> u64 {
    HANDLED.load(Ordering::Relaxed)
}

/// Sends a process a signal. Returns `false` if it has exited.
///
/// # Errors
/// If the system refuses.
pub(crate) fn send(process: &Member, signal: Signal) -> io::Result<bool> {
    use rustix::process::Signal as Number;
    process.receive(match signal {
        Signal::Usr1 => Number::USR1,
        Signal::Int => Number::INT,
        Signal::Alrm => Number::ALARM,
        Signal::Chld => Number::CHILD,
    })
}

fn number(signal: Signal) -> c_int {
    match signal {
        Signal::Usr1 => libc::SIGUSR1,
        Signal::Int => libc::SIGINT,
        Signal::Alrm => libc::SIGALRM,
        Signal::Chld => libc::SIGCHLD,
    }
}
