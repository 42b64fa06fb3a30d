//! The connectedhomeip project's queue between processes: a notification directly before the wait is
//! lost.
//!
//! <https://github.com/project-chip/connectedhomeip/issues/73180>: `CancellableQueue.get()` "can miss
//! a cross-process `notify()` and then block forever, even though an item is already sitting in the
//! queue". The fix checks the queue between registering and waiting
//! (<https://github.com/project-chip/connectedhomeip/pull/73255>: "the predicate is checked first and
//! only then we wait for the notification"). Here, the time in between lasts until an item has
//! arrived, so that the loss doesn't depend on a race.

use std::io::{PipeReader, PipeWriter, Read, Write};
use std::time::Duration;

use ipc_conformance::backend::{Capability, Failure, Grant, Handle, QueueEnd, Wait};

use super::bug::{Bug, Version, both};
use super::queues::{OverPipes, PipesEnd, Share, is_readable};
use super::sockets::{failure, framed, read_framed};

pub(crate) const BUG: Bug = Bug {
    name: Notified::NAME,
    link: "https://github.com/project-chip/connectedhomeip/issues/73180",
    permutation: "put-as-it-waits.toml",
    clause: "live.deadline",
    invariant: "progress",
    backends: |registry| both(registry, OverPipes::<Notified>::of),
};

/// Longer than the deadline of any case.
const LONG: Duration = Duration::from_secs(3600);

struct Notified {
    version: Version,
    items: (PipeReader, PipeWriter),
    /// The lock: a process that reads or changes the rest holds its one byte.
    lock: (PipeReader, PipeWriter),
    /// A byte for each waiting process.
    waiting: (PipeReader, PipeWriter),
    /// A byte for each notification.
    bell: (PipeReader, PipeWriter),
}

impl PipesEnd for Notified {
    const NAME: &'static str = "missed-notify";
    const PIPES: usize = 4;
    const BYTES: u64 = 1;
    const MORE: &'static [Capability] = &[];

    fn shares(_version: Version, _grant: Grant) -> Vec<Share> {
        let both = |pipe| [Share::Read(pipe), Share::Write(pipe)];
        [both(0), both(1), both(2), both(3)].concat()
    }

    fn over(handles: Vec<Handle>, _grant: Grant, version: Version) -> Notified {
        let mut handles = handles.into_iter();
        let mut next = || handles.next().expect("there is a handle for each share");
        Notified {
            version,
            items: (next().into(), next().into()),
            lock: (next().into(), next().into()),
            waiting: (next().into(), next().into()),
            bell: (next().into(), next().into()),
        }
    }
}

impl Notified {
    fn has_item(&self, within: Duration) -> Result<bool, Failure> {
        Ok(is_readable(&self.items.0, within)?)
    }

    fn locked<T>(
        &mut self,
        work: impl FnOnce(&mut Notified) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.lock.0.read_exact(&mut [0])?;
        let done = work(self);
        self.lock.1.write_all(&[1])?;
        done
    }
}

impl QueueEnd for Notified {
    fn put(&mut self, item: &[u8], _wait: Wait) -> Result<(), Failure> {
        self.locked(|queue| {
            queue.items.1.write_all(&framed(item)).map_err(failure)?;
            // A process that doesn't wait yet isn't notified.
            while is_readable(&queue.waiting.0, Duration::ZERO)? {
                queue.waiting.0.read_exact(&mut [0])?;
                queue.bell.1.write_all(&[1])?;
            }
            Ok(())
        })
    }

    fn get(&mut self, item: &mut Vec<u8>, _wait: Wait) -> Result<(), Failure> {
        let looks = |queue: &mut Notified| queue.has_item(Duration::ZERO);
        if !self.locked(looks)? {
            if self.version == Version::Published {
                self.has_item(LONG)?;
            }
            let looks_again = self.version == Version::Mended;
            let is_there = self.locked(|queue| {
                let is_there = looks_again && queue.has_item(Duration::ZERO)?;
                if !is_there {
                    queue.waiting.1.write_all(&[1])?;
                }
                Ok(is_there)
            })?;
            if !is_there {
                self.bell.0.read_exact(&mut [0])?;
            }
        }
        read_framed(&self.items.0, item).map_err(failure)
    }
}
