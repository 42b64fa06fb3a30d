//! How a library reads and writes bytes.

use std::io::{self, ErrorKind};
#[cfg(unix)]
use std::os::fd::BorrowedFd;
use std::time::Duration;

use crate::backend::{Failure, Outcome, Wait};

/// The reading half of an end, by the library's own calls.
pub(crate) trait ByteSource: Send {
    /// Reads some bytes into the beginning of `buffer`, and returns how many; 0 is end of stream.
    /// Waits for the first byte no longer than `within`: `None` waits without limit, zero is the try
    /// form.
    ///
    /// # Errors
    /// [`ErrorKind::TimedOut`] if nothing came in time, [`ErrorKind::Unsupported`] if the library has
    /// no such form, else the library's error.
    fn read(&mut self, buffer: &mut [u8], within: Option<Duration>) -> io::Result<usize>;

    /// Waits no longer than `within` until a read wouldn't block. Reads nothing.
    ///
    /// # Errors
    /// As [`ByteSource::read`].
    fn poll(&mut self, within: Option<Duration>) -> io::Result<()>;

    /// Returns the descriptor to poll together with others; `None` if bytes are already buffered in this
    /// process.
    #[cfg(unix)]
    fn handle(&self) -> Option<BorrowedFd<'_>>;
}

/// The writing half of an end, by the library's own calls. Dropping it closes it, unless a source has
/// the same handle.
pub(crate) trait ByteSink: Send {
    /// Writes some of these bytes, from the first on, and returns how many. Waits for room no longer
    /// than `within`: `None` waits without limit, zero is the try form.
    ///
    /// # Errors
    /// [`ErrorKind::TimedOut`] if there was no room in time, [`ErrorKind::Unsupported`] if the library
    /// has no such form, else the library's error.
    fn write(&mut self, bytes: &[u8], within: Option<Duration>) -> io::Result<usize>;

    /// Closes this direction only. The sink is dropped after that.
    ///
    /// # Errors
    /// The library's error; [`ErrorKind::Unsupported`] if the library can't do this.
    fn close(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns what a read error means for an operation with this wait.
pub(crate) fn read_failure(error: io::Error, wait: Wait) -> Failure {
    match (error.kind(), wait) {
        (ErrorKind::TimedOut, Wait::Never) => Failure::new(Outcome::Empty, "nothing is there yet"),
        (ErrorKind::TimedOut, Wait::For(_)) => {
            Failure::new(Outcome::Timeout, "nothing came in time")
        }
        (ErrorKind::Unsupported, _) => Failure::refused(error.to_string()),
        _ => error.into(),
    }
}

/// Returns what a write error means for an operation with this wait. Unless there was no room, some
/// bytes may have been written.
pub(crate) fn write_failure(error: &io::Error, wait: Wait) -> Failure {
    match (error.kind(), wait) {
        (ErrorKind::TimedOut, Wait::Never) => Failure::new(Outcome::Full, "there is no room"),
        (ErrorKind::TimedOut, Wait::For(_)) => {
            Failure::new(Outcome::Timeout, "there was no room in time")
        }
        (ErrorKind::Unsupported, _) => Failure::refused(error.to_string()),
        // A Unix socket is reset if the peer closes it with unread bytes.
        (ErrorKind::BrokenPipe | ErrorKind::ConnectionReset, _) => {
            Failure::from_io(Outcome::Gone, error).indefinite()
        }
        _ => Failure::from_io(Outcome::Error, error).indefinite(),
    }
}
