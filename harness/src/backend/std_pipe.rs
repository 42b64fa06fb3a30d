//! Pipes and streams over [`std::io::pipe`]: the reference, which needs nothing but std.
//!
//! A stream is such a pipe as it is. Messages need boundaries, and those are ours: a length
//! before each. A duplex channel is two pipes, which two threads may use at once: each direction has
//! its own state. Poll and the try and timed forms of receiving are
//! ours too, on Unix: std's pipe only blocks, so we ask the system first whether it would.

use std::io::{self, PipeReader, PipeWriter};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Attached, Backend, Failure, Handle, Host, Key, Opened, Parcel};
use crate::capability::{Capabilities, Capability};
use crate::channel::{Kind, Side};
use crate::inheritance;
use crate::outcome::Outcome;
use crate::plan::{Channel, GivenEnd, Wait};
use crate::system::System;

use self::message_end::MessageEnd;
use self::patience::Patient;
use self::pieces::Pieces;
use self::stream_end::ByteEnd;

pub(super) mod framing;
mod message_end;
mod patience;
pub(crate) mod pieces;
#[cfg(unix)]
mod several;
mod stream_end;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

/// The backends `pipe:std/pipe` and `stream:std/pipe`.
#[derive(Clone, Copy, Debug)]
pub struct StdPipe {
    kind: Kind,
}

/// In a parcel's data: write and read this end in tiny pieces.
pub(crate) const IN_PIECES: &[u8] = b"in pieces";

/// The key of the pipe, whose parcels understand [`IN_PIECES`].
pub(crate) fn pipe_key() -> Key {
    StdPipe::pipe().key()
}

impl StdPipe {
    /// Whole messages, framed by us.
    pub fn pipe() -> StdPipe {
        StdPipe { kind: Kind::Pipe }
    }

    /// Bytes.
    pub fn stream() -> StdPipe {
        StdPipe { kind: Kind::Stream }
    }

    fn check_kind(self, channel: &Channel) -> Result<(), Failure> {
        if channel.kind == self.kind {
            return Ok(());
        }
        Err(Failure::refused(format!(
            "\"{}\" is a {}, and this backend makes only a {}",
            channel.name, channel.kind, self.kind
        )))
    }
}

impl Backend for StdPipe {
    fn key(&self) -> Key {
        Key::new(self.kind, "std/pipe")
    }

    fn about(&self) -> String {
        match self.kind {
            Kind::Pipe => "std::io::pipe, with messages framed by the harness",
            _ => "std::io::pipe",
        }
        .to_owned()
    }

    fn capabilities(&self, system: System) -> Option<Capabilities> {
        let mut capabilities = Capabilities::new()
            .native([
                Capability::EndOnClose,
                Capability::SnapshotAtPut,
                Capability::SeveralChannels,
                Capability::OpenInPeer,
                Capability::Spawn,
            ])
            .composed([
                Capability::Duplex,
                Capability::HalfClose,
                Capability::Threads,
            ]);
        if system.is_unix() {
            capabilities = capabilities.native([Capability::Fork]).composed([
                Capability::Poll,
                Capability::PollSeveral,
                Capability::TryGet,
                Capability::TimedGet,
            ]);
        }
        if self.kind == Kind::Pipe {
            capabilities = capabilities.composed([
                Capability::Boundaries,
                Capability::ZeroLength,
                Capability::Values,
            ]);
            capabilities.largest_message = Some(framing::LONGEST);
        }
        Some(capabilities)
    }

    fn open(&self, channel: &Channel, _host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        self.check_kind(channel)?;
        let _making = inheritance::making();
        Ok(Box::new(Pipes {
            forward: io::pipe()?,
            backward: channel.duplex.then(io::pipe).transpose()?,
        }))
    }

    fn attach(
        &self,
        channel: &Channel,
        given: GivenEnd,
        parcel: Parcel,
    ) -> Result<Attached, Failure> {
        self.check_kind(channel)?;
        let pieces = if parcel.data == IN_PIECES {
            Pieces::tiny()
        } else {
            Pieces::whole()
        };
        let halves = Halves::from_handles(given.end.side, parcel.handles)?;
        Ok(match self.kind {
            Kind::Pipe => Attached::Pipe(Box::new(MessageEnd::new(halves, pieces))),
            _ => Attached::Stream(Box::new(ByteEnd::new(halves))),
        })
    }

    #[cfg(unix)]
    fn poll_several(&self, ends: &mut [&mut Attached], wait: Wait) -> Vec<Result<(), Failure>> {
        several::poll(ends, wait)
    }
}

/// A channel just opened: from tx to rx or a to b, and back where it is duplex.
struct Pipes {
    forward: (PipeReader, PipeWriter),
    backward: Option<(PipeReader, PipeWriter)>,
}

impl Opened for Pipes {
    fn grant(&mut self, given: GivenEnd) -> Result<Parcel, Failure> {
        let (from, to) = match (given.end.side, &self.backward) {
            (Side::Tx, None) => (None, Some(&self.forward.1)),
            (Side::Rx, None) => (Some(&self.forward.0), None),
            (Side::A, Some(backward)) => (Some(&backward.0), Some(&self.forward.1)),
            (Side::B, Some(backward)) => (Some(&self.forward.0), Some(&backward.1)),
            (side, _) => return Err(no_such_side(side)),
        };
        let mut handles: Vec<Handle> = Vec::new();
        if let Some(from) = from {
            handles.push(from.try_clone()?.into());
        }
        if let Some(to) = to {
            handles.push(to.try_clone()?.into());
        }
        Ok(Parcel::of(handles))
    }
}

/// What one end reads and writes.
struct Halves {
    inlet: Inlet,
    outlet: Outlet,
}

impl Halves {
    fn from_handles(side: Side, handles: Vec<Handle>) -> Result<Halves, Failure> {
        let found = handles.len();
        let mut handles = handles.into_iter();
        let expected = match side {
            Side::Tx | Side::Rx => 1,
            Side::A | Side::B => 2,
            Side::Queue => return Err(no_such_side(side)),
        };
        if found != expected {
            return Err(Failure::new(
                Outcome::Error,
                format!("the parcel has {found} handles instead of {expected}"),
            ));
        }
        let from = (side != Side::Tx).then(|| handles.next()).flatten();
        let from = from.map(PipeReader::from);
        let to = handles.next().map(PipeWriter::from);
        Ok(Halves {
            inlet: Inlet { side, from },
            outlet: Outlet { side, to },
        })
    }
}

/// The pipe that an end writes to; none once closed, or where its side has none.
struct Outlet {
    side: Side,
    to: Option<PipeWriter>,
}

impl Outlet {
    /// Where to write, for an operation that waits like this.
    fn writer(&mut self, wait: Wait) -> Result<&mut PipeWriter, Failure> {
        blocking_only(wait)?;
        match (self.side, &mut self.to) {
            (_, Some(to)) => Ok(to),
            (Side::Rx, None) => Err(Failure::refused("this end only receives")),
            (_, None) => Err(closed()),
        }
    }

    fn close(&mut self) -> Result<(), Failure> {
        if self.side == Side::Rx {
            return Err(Failure::refused("this end only receives"));
        }
        self.to.take().map(drop).ok_or_else(closed)
    }
}

/// The pipe that an end reads; none where its side has none.
struct Inlet {
    side: Side,
    from: Option<PipeReader>,
}

impl Inlet {
    /// Where to read from, for an operation that begins now and waits like this.
    fn reader(&mut self, wait: Wait) -> Result<Patient<'_>, Failure> {
        let nothing = self.nothing();
        self.from
            .as_mut()
            .map(|from| Patient::new(from, wait))
            .ok_or(nothing)
    }

    /// Why there is nothing to read from, if there isn't.
    fn nothing(&self) -> Failure {
        match self.side {
            Side::Tx => Failure::refused("this end only sends"),
            _ => closed(),
        }
    }
}

/// One direction of an end, which threads take turns at. The other direction has its own.
fn turn<T>(direction: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic in between ends the process.
    direction.lock().unwrap_or_else(PoisonError::into_inner)
}

fn no_such_side(side: Side) -> Failure {
    Failure::refused(format!("this channel has no side {side:?}"))
}

/// An end that this backend didn't make.
#[cfg(unix)]
fn gone_astray() -> Failure {
    Failure::new(Outcome::Error, "this is no end of std::io::pipe")
}

fn closed() -> Failure {
    Failure::new(Outcome::Closed, "this end was closed before")
}

fn blocking_only(wait: Wait) -> Result<(), Failure> {
    match wait {
        Wait::Deadline => Ok(()),
        Wait::Never => Err(Failure::refused("std::io::pipe has no try form of writing")),
        Wait::For(_) => Err(Failure::refused(
            "std::io::pipe has no timed form of writing",
        )),
    }
}

/// What a failed write means. Some of it may have been written.
fn write_failure(error: &io::Error) -> Failure {
    let outcome = match error.kind() {
        io::ErrorKind::BrokenPipe => Outcome::Gone,
        _ => Outcome::Error,
    };
    Failure::from_io(outcome, error).indefinite()
}

#[cfg(test)]
mod tests;
