use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use interprocess::os::unix::unnamed_pipe::UnnamedPipeExt;
use interprocess::unnamed_pipe::{Recver, Sender};

use crate::backends::interprocess::without_blocking;
use crate::backends::transport::bytes::{ByteSink, ByteSource};
use crate::backends::transport::polled::{in_time, is_readable, no_such_form};

pub(super) fn source(recver: Recver) -> impl ByteSource {
    RecverSource(recver)
}

pub(super) fn sink(sender: Sender) -> impl ByteSink {
    SenderSink(sender)
}

struct RecverSource(Recver);

impl ByteSource for RecverSource {
    fn read(&mut self, buffer: &mut [u8], within: Option<Duration>) -> io::Result<usize> {
        match within {
            None => self.0.read(buffer),
            Some(Duration::ZERO) => without_blocking(
                &mut self.0,
                |recver, on| recver.set_nonblocking(on),
                |recver| recver.read(buffer),
            ),
            Some(_) => {
                self.poll(within)?;
                self.0.read(buffer)
            }
        }
    }

    fn poll(&mut self, within: Option<Duration>) -> io::Result<()> {
        in_time(is_readable(&self.0, within)?)
    }

    fn handle(&self) -> Option<BorrowedFd<'_>> {
        Some(self.0.as_fd())
    }
}

struct SenderSink(Sender);

impl ByteSink for SenderSink {
    fn write(&mut self, bytes: &[u8], within: Option<Duration>) -> io::Result<usize> {
        match within {
            None => self.0.write(bytes),
            Some(Duration::ZERO) => without_blocking(
                &mut self.0,
                |sender, on| sender.set_nonblocking(on),
                |sender| sender.write(bytes),
            ),
            Some(_) => Err(no_such_form("no timed form of writing")),
        }
    }
}
