//! A process's end of the queue.

use std::sync::Arc;

use super::feed::Feed;
use super::semaphore::{Semaphore, WaitLimit};
use crate::backend::{Failure, Outcome, QueueEnd, Wait};
use crate::backends::framing::{self, LONGEST};
use crate::backends::pipe_lock::feeders::Feeders;

/// The queue that all threads of a process share. Dropping it closes it.
pub(super) struct SharedQueue {
    pub(super) reading: Semaphore,
    pub(super) feed: Arc<Feed>,
    pub(super) feeders: Feeders,
}

impl Drop for SharedQueue {
    fn drop(&mut self) {
        self.feed.close();
    }
}

pub(super) struct LockEnd(Arc<SharedQueue>);

impl LockEnd {
    pub(super) fn new(queue: SharedQueue) -> LockEnd {
        LockEnd(Arc::new(queue))
    }

    fn check_open(&self) -> Result<(), Failure> {
        if self.0.feed.is_closed() {
            return Err(Failure::new(Outcome::Closed, "this process has closed it"));
        }
        Ok(())
    }

    /// Reads an item while the reader lock is held. The time limit is for its beginning only.
    fn read(&self, item: &mut Vec<u8>, wait: Wait, limit: WaitLimit) -> Result<(), Failure> {
        let feed = &self.0.feed;
        let mut items = feed.items();
        if wait != Wait::Deadline && !limit.until_readable(items)? {
            return Err(nothing(wait));
        }
        framing::read_message(&mut items, item)?;
        Ok(feed.make_room()?)
    }
}

impl QueueEnd for LockEnd {
    fn put(&mut self, item: &[u8], wait: Wait) -> Result<(), Failure> {
        self.check_open()?;
        let length = item.len() as u64;
        if length > LONGEST {
            return Err(Failure::refused(format!(
                "an item of {length} bytes is longer than {LONGEST}"
            )));
        }
        let SharedQueue { feed, feeders, .. } = &*self.0;
        if !feed.take_room(WaitLimit::of(wait))? {
            return Err(match wait {
                Wait::Never => Failure::new(Outcome::Full, "no token is left"),
                Wait::Deadline | Wait::For(_) => {
                    Failure::new(Outcome::Timeout, "no token came back in time")
                }
            });
        }
        Ok(feed.push(item.to_vec(), feeders)?)
    }

    fn get(&mut self, item: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        self.check_open()?;
        let reading = &self.0.reading;
        let limit = WaitLimit::of(wait);
        if !reading.acquire(limit)? {
            return Err(nothing(wait));
        }
        let read = self.read(item, wait, limit);
        reading.release()?;
        read
    }

    fn share(&self) -> Result<Box<dyn QueueEnd>, Failure> {
        Ok(Box::new(LockEnd(Arc::clone(&self.0))))
    }

    /// Closes the end for all threads of the process. Doesn't wait for the feeder.
    fn close(self: Box<Self>) -> Result<(), Failure> {
        self.0.feed.close();
        Ok(())
    }
}

/// Returns what a get without an item reports. CPython raises `Empty` in both cases, also if another
/// process holds the lock.
fn nothing(wait: Wait) -> Failure {
    match wait {
        Wait::Never => Failure::new(
            Outcome::Empty,
            "nothing is in the pipe, or its lock is taken",
        ),
        Wait::Deadline | Wait::For(_) => Failure::new(Outcome::Timeout, "no item in time"),
    }
}
