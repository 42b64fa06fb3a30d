//! Windows has no signals. No backend declares there that its processes receive any.

use std::io;

use crate::os::supervisor::Member;
use crate::plan::Signal;

/// Fails.
pub(crate) fn handle(signal: Signal) -> io::Result<()> {
    Err(no_signal(signal))
}

/// Returns that none was handled.
pub fn handled() -> u64 {
    0
}

/// Fails.
pub(crate) fn send(_process: &Member, signal: Signal) -> io::Result<bool> {
    Err(no_signal(signal))
}

fn no_signal(signal: Signal) -> io::Error {
    let message = format!(
        "Windows has no signals, and the case sends `{}`",
        signal.word()
    );
    io::Error::new(io::ErrorKind::Unsupported, message)
}
