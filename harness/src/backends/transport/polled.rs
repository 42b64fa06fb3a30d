//! Libraries whose reads and writes only block: the system is asked first whether a read would.

use std::io::{self, ErrorKind, Read, Write};
#[cfg(unix)]
use std::os::fd::BorrowedFd;
use std::time::Duration;

use super::{Sink, Source};

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub(in crate::backends) use system::{Waitable, is_readable};
#[cfg(unix)]
pub(in crate::backends) use unix::{are_readable, is_writable};

/// A source that only blocks.
pub(in crate::backends) struct Polled<T>(pub(in crate::backends) T);

impl<T: Read + Waitable + Send> Source for Polled<T> {
    fn read(&mut self, buffer: &mut [u8], within: Option<Duration>) -> io::Result<usize> {
        if within.is_some() {
            self.poll(within)?;
        }
        self.0.read(buffer)
    }

    fn poll(&mut self, within: Option<Duration>) -> io::Result<()> {
        in_time(is_readable(&self.0, within)?)
    }

    #[cfg(unix)]
    fn handle(&self) -> Option<BorrowedFd<'_>> {
        Some(self.0.as_fd())
    }
}

/// A sink that only blocks.
pub(in crate::backends) struct Blocking<T>(pub(in crate::backends) T);

impl<T: Write + Send> Sink for Blocking<T> {
    fn write(&mut self, bytes: &[u8], within: Option<Duration>) -> io::Result<usize> {
        match within {
            None => self.0.write(bytes),
            Some(_) => Err(no_such_form("no try or timed form of writing")),
        }
    }
}

/// The error of an operation that may have run out of time.
pub(in crate::backends) fn in_time(was: bool) -> io::Result<()> {
    if was {
        Ok(())
    } else {
        Err(ErrorKind::TimedOut.into())
    }
}

/// The error of a form that this library doesn't have.
pub(in crate::backends) fn no_such_form(lacking: &str) -> io::Error {
    io::Error::new(
        ErrorKind::Unsupported,
        format!("this library has {lacking}"),
    )
}
