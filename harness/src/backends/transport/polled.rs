//! Libraries whose reads and writes only block. Before a read that has a time limit, the system is
//! polled.

use std::io::{self, Read, Write};
#[cfg(unix)]
use std::os::fd::BorrowedFd;
use std::time::Duration;

use super::bytes::{ByteSink, ByteSource};
pub(crate) use super::forms::{in_time, no_such_form};

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub(crate) use system::{Waitable, is_readable};
#[cfg(unix)]
pub(crate) use unix::{are_readable, is_writable};

/// A source whose library only blocks.
pub(crate) struct Polled<T>(pub(crate) T);

impl<T: Read + Waitable + Send> ByteSource for Polled<T> {
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

/// A sink whose library only blocks.
pub(crate) struct BlockingOnly<T>(pub(crate) T);

impl<T: Write + Send> ByteSink for BlockingOnly<T> {
    fn write(&mut self, bytes: &[u8], within: Option<Duration>) -> io::Result<usize> {
        match within {
            None => self.0.write(bytes),
            Some(_) => Err(no_such_form("no try or timed form of writing")),
        }
    }
}
