//! A child's standard input and output, by [`std::process::ChildStdin`], [`ChildStdout`] and
//! [`std::io::stdin`].
//!
//! The process with side rx or b is the child and reads its standard input; b writes to its standard
//! output. The other process has the [`ChildStdin`] and [`ChildStdout`]. A process has one standard
//! input, so it can have one channel at most.
//!
//! Unix only: on Windows the parent's ends must be asynchronous handles, which the standard library
//! makes only for its own children.

use std::fs::File;
use std::io::{self, BufRead, Stdin, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::process::{ChildStdin, ChildStdout};
use std::time::Duration;

use super::std_pipe::IoPipe;
use super::transport::bytes::{ByteSink, ByteSource};
use super::transport::handles;
use super::transport::polled::{BlockingOnly, Polled, in_time, is_readable, no_such_form};
use super::transport::{ByteBackend, Halves, Transport};
use crate::backend::{
    About, Capabilities, Capability, Channel, Failure, Host, Kind, Opened, Parcel, Side, System,
};
use crate::backends::versions;

/// The backends `pipe:std/stdio` and `stream:std/stdio`.
pub(crate) type StdStdio = ByteBackend<Stdio>;

/// std's handles of a child's streams and of a process's own streams.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stdio;

impl Transport for Stdio {
    const NAME: &'static str = "std/stdio";

    fn about() -> About {
        versions::std("process::Child, a child's standard input and output")
    }

    fn capabilities(_kind: Kind, system: System) -> Option<Capabilities> {
        let capabilities = Capabilities::new()
            .native([
                Capability::Duplex,
                Capability::EndOnClose,
                Capability::Backpressure,
                Capability::SnapshotAtPut,
                Capability::Threads,
                Capability::Spawn,
                Capability::Signals,
                Capability::Fork,
            ])
            .composed([
                Capability::Poll,
                Capability::TryGet,
                Capability::TimedGet,
                // Nothing in std closes a standard output.
                Capability::HalfClose,
            ]);
        system.is_unix().then_some(capabilities)
    }

    /// Makes the pipes that std too makes a child's streams of.
    fn open(channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        IoPipe::open(channel, host)
    }

    fn halves(side: Side, parcel: Parcel) -> Result<Halves, Failure> {
        let (from, to) = handles::directions(side, parcel)?;
        let halves = match side {
            Side::Rx | Side::B => Halves {
                from: match from {
                    Some(from) => Some(Box::new(StandardInput::replace(&from)?)),
                    None => None,
                },
                to: match to {
                    Some(to) => Some(Box::new(StandardOutput::replace(&to)?)),
                    None => None,
                },
            },
            _ => Halves {
                from: from.map(|from| Box::new(Polled(ChildStdout::from(from))) as _),
                to: to.map(|to| Box::new(BlockingOnly(ChildStdin::from(to))) as _),
            },
        };
        Ok(halves)
    }
}

/// This process's standard input. It belongs to a channel until this is dropped.
struct StandardInput {
    stdin: Stdin,
    ahead: Ahead,
    nothing: File,
}

impl StandardInput {
    fn replace(by: &OwnedFd) -> io::Result<StandardInput> {
        let nothing = File::open("/dev/null")?;
        rustix::stdio::dup2_stdin(by)?;
        Ok(StandardInput {
            stdin: io::stdin(),
            ahead: Ahead::default(),
            nothing,
        })
    }
}

impl Drop for StandardInput {
    fn drop(&mut self) {
        // This can't fail, because both descriptors are open.
        let _ = rustix::stdio::dup2_stdin(&self.nothing);
    }
}

impl ByteSource for StandardInput {
    fn read(&mut self, buffer: &mut [u8], within: Option<Duration>) -> io::Result<usize> {
        if within.is_some() {
            self.poll(within)?;
        }
        self.ahead.read(&mut self.stdin.lock(), buffer)
    }

    fn poll(&mut self, within: Option<Duration>) -> io::Result<()> {
        in_time(self.ahead.any() || is_readable(&self.stdin, within)?)
    }

    fn handle(&self) -> Option<BorrowedFd<'_>> {
        (!self.ahead.any()).then(|| self.stdin.as_fd())
    }
}

/// The number of bytes that a buffered reader has read ahead. Polling the descriptor doesn't see them.
#[derive(Debug, Default)]
struct Ahead(usize);

impl Ahead {
    fn any(&self) -> bool {
        self.0 > 0
    }

    fn read(&mut self, from: &mut impl BufRead, buffer: &mut [u8]) -> io::Result<usize> {
        let there = from.fill_buf()?;
        let count = there.len().min(buffer.len());
        buffer[..count].copy_from_slice(&there[..count]);
        self.0 = there.len() - count;
        from.consume(count);
        Ok(count)
    }
}

/// This process's standard output. It belongs to a channel until this is dropped.
struct StandardOutput {
    nothing: File,
}

impl StandardOutput {
    fn replace(by: &OwnedFd) -> io::Result<StandardOutput> {
        let nothing = File::options().write(true).open("/dev/null")?;
        // Text that was printed before belongs to the old standard output.
        io::stdout().flush()?;
        rustix::stdio::dup2_stdout(by)?;
        Ok(StandardOutput { nothing })
    }
}

/// std keeps bytes that it couldn't write, and tries again at the exit. By then they have no receiver.
impl Drop for StandardOutput {
    fn drop(&mut self) {
        // This can't fail, because both descriptors are open.
        let _ = rustix::stdio::dup2_stdout(&self.nothing);
    }
}

impl ByteSink for StandardOutput {
    fn write(&mut self, bytes: &[u8], within: Option<Duration>) -> io::Result<usize> {
        if within.is_some() {
            return Err(no_such_form("no try or timed form of writing"));
        }
        let mut stdout = io::stdout().lock();
        let count = stdout.write(bytes)?;
        stdout.flush()?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    #[test]
    fn bytes_read_ahead_are_ready_although_the_descriptor_is_not() {
        let (from, mut to) = io::pipe().unwrap();
        to.write_all(b"abc").unwrap();
        let (mut from, mut ahead) = (BufReader::new(from), Ahead::default());
        let mut bytes = [0; 2];
        assert!(!ahead.any());
        assert_eq!(ahead.read(&mut from, &mut bytes).unwrap(), 2);
        assert!(ahead.any());
        assert!(!is_readable(from.get_ref(), Some(Duration::ZERO)).unwrap());
        assert_eq!(ahead.read(&mut from, &mut bytes).unwrap(), 1);
        assert!(!ahead.any());
    }
}
