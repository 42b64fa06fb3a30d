//! The design of CPython's `multiprocessing.Queue`, with its weaknesses.
//!
//! All items pass through one pipe, a length before each. A *reader lock* is held for the whole of
//! a get, a *writer lock* around each write, and *tokens* are the room that is left: each of these
//! is a pipe with bytes in it, of which whoever acts takes one and gives it back. A put only takes
//! a token and leaves the item in a buffer of its process, which has no bound; a *feeder thread*,
//! started by the first put, writes what lies there into the pipe. Closing tells the feeder to go
//! when it has written all; the process's exit waits for that.
//!
//! What follows from this, and is so in CPython too:
//!
//! * A put returns before anybody can get its item. So a get may find nothing behind it, and items
//!   of two processes may come in another order than that of their puts.
//! * A get takes the lock and waits for the pipe for no longer than its timeout, but reads the item
//!   itself without one: if the sender dies inside it, every get hangs.
//! * Who is killed takes along what it holds: its buffer, the lock that it had, its token.
//! * Every process holds both ends of the pipe, so no get is ever told of an end. And who exits
//!   with items in its buffer that don't fit waits until somebody gets them, even if nobody is left.
//! * An exit that runs no destructors, [`std::process::exit`] for one, waits for nothing: what lies
//!   in the buffer is lost. CPython's `sys.exit` waits, its `os._exit` doesn't.
//! * The thread doesn't survive a fork, so such processes aren't forked. (CPython starts the child
//!   with an empty buffer.)
//!
//! Items are bytes already when they are put, by our own doing: CPython serialises them in the
//! feeder, and shows there what is changed behind a put.

use std::sync::PoisonError;

use self::feeders::Feeders;
use super::framing;
use crate::backend::{
    Attached, Backend, Capabilities, Capability, Channel, Failure, Grant, Host, Key, Kind, Opened,
    Parcel, System,
};
use crate::backends::check::check_queue;

#[cfg(not(unix))]
use self::elsewhere as system;
#[cfg(unix)]
use self::unix as system;

#[cfg(not(unix))]
mod elsewhere;
mod feeders;
#[cfg(unix)]
mod unix;

/// Every pipe holds so many tokens: `_POSIX_PIPE_BUF`.
const MOST_TOKENS: u64 = 512;

/// The backend `queue:pipe-lock`.
#[derive(Clone, Debug, Default)]
pub struct PipeLock {
    feeders: Feeders,
}

impl Backend for PipeLock {
    fn key(&self) -> Key {
        Key::new(Kind::Queue, "pipe-lock")
    }

    fn about(&self) -> String {
        "the design of CPython's multiprocessing.Queue: a pipe, locks and tokens that are bytes in \
         pipes, and a feeder thread"
            .to_owned()
    }

    /// Unix only: on Windows CPython's design is another one, without a writer lock, over message
    /// pipes; and std's pipe there can't be polled.
    fn capabilities(&self, system: System) -> Option<Capabilities> {
        let mut capabilities = Capabilities::new()
            .native([
                Capability::TryGet,
                Capability::TryPut,
                Capability::TimedGet,
                Capability::TimedPut,
                Capability::Boundaries,
                Capability::ZeroLength,
                Capability::Capacity,
                Capability::SeveralProducers,
                Capability::SeveralConsumers,
                Capability::SeveralChannels,
                Capability::Threads,
                Capability::OpenInPeer,
                Capability::Spawn,
            ])
            .composed([Capability::SnapshotAtPut, Capability::Values]);
        capabilities.largest_message = Some(framing::LONGEST);
        capabilities.largest_capacity = Some(MOST_TOKENS);
        system.is_unix().then_some(capabilities)
    }

    fn open(&self, channel: &Channel, _host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        check_queue(channel)?;
        system::open(channel.capacity)
    }

    fn attach(
        &self,
        channel: &Channel,
        _grant: Grant,
        parcel: Parcel,
    ) -> Result<Attached, Failure> {
        check_queue(channel)?;
        system::attach(parcel, &self.feeders)
    }

    fn at_exit(&self) {
        let mut feeders = self.feeders.lock().unwrap_or_else(PoisonError::into_inner);
        for feeder in feeders.drain(..) {
            // It doesn't panic; and if it did, what it hadn't written would be lost all the same.
            let _ = feeder.join();
        }
    }
}

#[cfg(all(test, unix))]
mod tests;
