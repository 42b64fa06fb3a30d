//! How a library reads and writes bytes.

use std::io::{self, ErrorKind};
#[cfg(unix)]
use std::os::fd::BorrowedFd;
use std::time::Duration;

use crate::backend::{Failure, Outcome, Wait};

/// Where a process reads, by the library's own means.
pub(crate) trait ByteSource: Send {
    /// Reads some bytes into the beginning of `buffer`; how many, and 0 at the end. Waits for the
    /// first of them no longer than this: none waits for ever, zero is the try form.
    ///
    /// # Errors
    /// [`ErrorKind::TimedOut`] where nothing came in time, [`ErrorKind::Unsupported`] where there
    /// is no such form; else what the library says.
    fn read(&mut self, buffer: &mut [u8], within: Option<Duration>) -> io::Result<usize>;

    /// Waits until something can be read, or the end has come, no longer than this. Takes nothing.
    ///
    /// # Errors
    /// As [`ByteSource::read`].
    fn poll(&mut self, within: Option<Duration>) -> io::Result<()>;

    /// What the system is asked about where several are polled at once; none where something is
    /// there already that the system knows nothing of.
    #[cfg(unix)]
    fn handle(&self) -> Option<BorrowedFd<'_>>;
}

/// Where a process writes, by the library's own means. Dropping it closes it, unless a source has
/// the same handle.
pub(crate) trait ByteSink: Send {
    /// Writes the first of these bytes; how many. Waits for room no longer than this: none waits
    /// for ever, zero is the try form.
    ///
    /// # Errors
    /// [`ErrorKind::TimedOut`] where there was no room in time, [`ErrorKind::Unsupported`] where
    /// there is no such form; else what the library says.
    fn write(&mut self, bytes: &[u8], within: Option<Duration>) -> io::Result<usize>;

    /// Closes this direction alone. It is dropped behind that.
    ///
    /// # Errors
    /// As the library says; [`ErrorKind::Unsupported`] where it can't.
    fn close(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How long an operation that waits like this waits at most, before it has begun to.
pub(crate) fn within(wait: Wait) -> Option<Duration> {
    match wait {
        Wait::Deadline => None,
        Wait::Never => Some(Duration::ZERO),
        Wait::For(time) => Some(time),
    }
}

/// What a failed read of an operation that waits like this means.
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

/// What a failed write of an operation that waits like this means. Unless there was no room, some
/// of it may have been written.
pub(crate) fn write_failure(error: &io::Error, wait: Wait) -> Failure {
    match (error.kind(), wait) {
        (ErrorKind::TimedOut, Wait::Never) => Failure::new(Outcome::Full, "there is no room"),
        (ErrorKind::TimedOut, Wait::For(_)) => {
            Failure::new(Outcome::Timeout, "there was no room in time")
        }
        (ErrorKind::Unsupported, _) => Failure::refused(error.to_string()),
        // A Unix socket is reset by a peer that leaves with something unread.
        (ErrorKind::BrokenPipe | ErrorKind::ConnectionReset, _) => {
            Failure::from_io(Outcome::Gone, error).indefinite()
        }
        _ => Failure::from_io(Outcome::Error, error).indefinite(),
    }
}
