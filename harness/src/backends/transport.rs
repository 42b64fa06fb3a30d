//! What all backends have in common whose library moves bytes from one end to the other.
//!
//! A [`Transport`] says how the library reads and writes, as a [`Source`] and a [`Sink`]; two
//! backends, one of pipes and one of streams, and their ends are made of those here. Messages need
//! boundaries, and these are ours: a length before each.

use std::io::{self, ErrorKind};
#[cfg(unix)]
use std::os::fd::BorrowedFd;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::backend::{Attached, Failure, Kind, Outcome, Side, Wait};

use super::framing;

pub use self::byte_backend::ByteBackend;
pub(super) use self::byte_backend::{Transport, framed};
use self::byte_end::ByteEnd;
use self::message_end::MessageEnd;
use self::pieces::Pieces;

mod byte_backend;
mod byte_end;
pub(super) mod handles;
mod message_end;
mod patience;
pub(crate) mod pieces;
pub(super) mod polled;
#[cfg(unix)]
pub(super) mod several;

/// Where a process reads, by the library's own means.
pub(super) trait Source: Send {
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
    /// As [`Source::read`].
    fn poll(&mut self, within: Option<Duration>) -> io::Result<()>;

    /// What the system is asked about where several are polled at once; none where something is
    /// there already that the system knows nothing of.
    #[cfg(unix)]
    fn handle(&self) -> Option<BorrowedFd<'_>>;
}

/// Where a process writes, by the library's own means. Dropping it closes it, unless a source has
/// the same handle.
pub(super) trait Sink: Send {
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

/// What one process has of a channel; none where its side has none.
pub(super) struct Halves {
    pub(super) from: Option<Box<dyn Source>>,
    pub(super) to: Option<Box<dyn Sink>>,
}

impl Halves {
    /// Both directions of what goes both ways: each has a half of its own.
    pub(super) fn both<H: Source + Sink + 'static>(half: impl Fn() -> H) -> Halves {
        Halves {
            from: Some(Box::new(half())),
            to: Some(Box::new(half())),
        }
    }

    /// Those that this side has of what goes both ways, whether or not the channel does.
    pub(super) fn at<H: Source + Sink + 'static>(side: Side, half: impl Fn() -> H) -> Halves {
        let both = Halves::both(half);
        match side {
            Side::Tx => Halves { from: None, ..both },
            Side::Rx => Halves { to: None, ..both },
            _ => both,
        }
    }

    /// The live end that they make of a channel of this kind, which reads and writes messages in
    /// such pieces.
    pub(super) fn attach(self, pieces: Pieces, kind: Kind) -> Attached {
        match kind {
            Kind::Pipe => Attached::Pipe(Box::new(MessageEnd::new(self, pieces))),
            _ => Attached::Stream(Box::new(ByteEnd::new(self))),
        }
    }

    fn directions(self) -> (Reading, Writing) {
        (
            Direction::of(self.from, ONLY_SENDS),
            Direction::of(self.to, ONLY_RECEIVES),
        )
    }
}

type Reading = Direction<Box<dyn Source>>;
type Writing = Direction<Box<dyn Sink>>;

pub(super) const ONLY_SENDS: &str = "this end only sends";
pub(super) const ONLY_RECEIVES: &str = "this end only receives";

/// One direction of an end.
#[derive(Clone)]
pub(super) enum Direction<T> {
    Open(T),
    Closed,
    /// This side never had it; why.
    Absent(&'static str),
}

impl<T> Direction<T> {
    pub(super) fn of(half: Option<T>, absent: &'static str) -> Direction<T> {
        half.map_or(Direction::Absent(absent), Direction::Open)
    }

    pub(super) fn get(&mut self) -> Result<&mut T, Failure> {
        match self {
            Direction::Open(half) => Ok(half),
            Direction::Closed => Err(Failure::new(Outcome::Closed, "this end was closed before")),
            Direction::Absent(why) => Err(Failure::refused(*why)),
        }
    }
}

impl<S: Sink + ?Sized> Direction<Box<S>> {
    pub(super) fn half_close(&mut self) -> Result<(), Failure> {
        self.get()?.close().map_err(|error| match error.kind() {
            ErrorKind::Unsupported => Failure::refused(error.to_string()),
            _ => error.into(),
        })?;
        *self = Direction::Closed;
        Ok(())
    }
}

/// Of threads that share an end, each has its own direction, so that nobody waits here unless two
/// want the same.
pub(super) fn lock<T>(direction: &Mutex<T>) -> MutexGuard<'_, T> {
    direction.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long an operation that waits like this waits at most, before it has begun to.
pub(super) fn within(wait: Wait) -> Option<Duration> {
    match wait {
        Wait::Deadline => None,
        Wait::Never => Some(Duration::ZERO),
        Wait::For(time) => Some(time),
    }
}

/// What a failed read of an operation that waits like this means.
pub(super) fn read_failure(error: io::Error, wait: Wait) -> Failure {
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
pub(super) fn write_failure(error: &io::Error, wait: Wait) -> Failure {
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
