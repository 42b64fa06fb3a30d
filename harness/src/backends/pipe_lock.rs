//! The design of CPython's `multiprocessing.Queue`, with its weaknesses.
//!
//! All items pass through one pipe, with a length before each. A *reader lock* is held during a get,
//! a *writer lock* during each write, and *tokens* are the remaining room. Each lock is a pipe with
//! bytes in it: taking the lock reads a byte, releasing it writes the byte back. A put takes a token
//! and leaves the item in its process's buffer, which has no bound. A *feeder thread*, started by the
//! first put, writes the buffered items into the pipe. After a close the feeder exits when it has
//! written all items, and the process's exit waits for it.
//!
//! These weaknesses follow, in CPython too:
//!
//! * A put returns before its item is in the pipe. So a get after it may find nothing, and items of
//!   two processes may arrive in another order than their puts.
//! * A get applies its timeout to the lock and to the wait for the pipe, but not to reading the item.
//!   If the sender dies inside an item, every get hangs.
//! * A process that is killed loses its buffer, and the lock and token that it held.
//! * Every process has both ends of the pipe, so a get never sees end of stream. A process that exits
//!   with buffered items that don't fit waits until they are received, even if no consumer is left.
//! * An exit without destructors, such as [`std::process::exit`], doesn't wait, and loses the buffer.
//!   CPython's `sys.exit` waits, its `os._exit` doesn't.
//! * The feeder thread doesn't survive a fork, so these processes aren't forked. (CPython starts the
//!   child with an empty buffer.)
//!
//! The adapter encodes items before the put. CPython encodes them in the feeder, and so shows changes
//! that a program makes after the put.

use std::sync::PoisonError;

use self::feeders::Feeders;
use super::framing;
use crate::backend::{
    About, Attached, Backend, Capabilities, Capability, Channel, Failure, Grant, Host, Key, Kind,
    Opened, Parcel, System,
};
use crate::backends::check::check_queue;
use crate::backends::versions;

#[cfg(not(unix))]
use self::elsewhere as system;
#[cfg(unix)]
use self::unix as system;

#[cfg(not(unix))]
mod elsewhere;
mod feeders;
#[cfg(unix)]
mod unix;

/// The number of tokens that every pipe can hold: `_POSIX_PIPE_BUF`.
const MOST_TOKENS: u64 = 512;

/// The backend `queue:pipe-lock`.
#[derive(Clone, Debug, Default)]
pub(crate) struct PipeLock {
    feeders: Feeders,
}

impl Backend for PipeLock {
    fn key(&self) -> Key {
        Key::new(Kind::Queue, "pipe-lock")
    }

    fn about(&self) -> About {
        versions::own(
            "the design of CPython's multiprocessing.Queue: a pipe, locks and tokens that are bytes in \
         pipes, and a feeder thread",
        )
    }

    /// Unix only: on Windows CPython uses message pipes and no writer lock, and std's pipe can't be
    /// polled.
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
                Capability::SharedItems,
                Capability::RoomWithoutConsumers,
                Capability::SeveralChannels,
                Capability::Threads,
                Capability::OpenInPeer,
                Capability::Signals,
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
            // A feeder doesn't panic. If it did, its unwritten items would be lost either way.
            let _ = feeder.join();
        }
    }
}

#[cfg(all(test, unix))]
mod tests;
