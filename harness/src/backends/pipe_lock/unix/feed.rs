//! The buffer between puts and the pipe, and the feeder thread that empties it.

use std::collections::VecDeque;
use std::io::{self, PipeReader, PipeWriter, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::semaphore::{Semaphore, WaitLimit};
use crate::backends::framing;
use crate::backends::pipe_lock::feeders::Feeders;

/// The part of the queue that a process's ends and its feeder share.
pub(super) struct Feed {
    /// Both ends of the pipe. The feeder has them until it exits, so no write fails for lack of a
    /// reader.
    items: (PipeReader, PipeWriter),
    writing: Semaphore,
    room: Option<Semaphore>,
    buffer: Mutex<Buffer>,
    changed: Condvar,
}

#[derive(Default)]
struct Buffer {
    items: VecDeque<Vec<u8>>,
    /// Whether the feeder was started.
    is_fed: bool,
    is_closed: bool,
}

impl Feed {
    pub(super) fn new(
        items: (PipeReader, PipeWriter),
        writing: Semaphore,
        room: Option<Semaphore>,
    ) -> Feed {
        Feed {
            items,
            writing,
            room,
            buffer: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// Returns the pipe's reading end.
    pub(super) fn items(&self) -> &PipeReader {
        &self.items.0
    }

    /// Takes a token for an item. Returns false if there was none in time.
    pub(super) fn take_room(&self, limit: WaitLimit) -> io::Result<bool> {
        match &self.room {
            Some(room) => room.acquire(limit),
            None => Ok(true),
        }
    }

    /// Returns the token of an item to the pipe of tokens.
    pub(super) fn make_room(&self) -> io::Result<()> {
        self.room.as_ref().map_or(Ok(()), Semaphore::release)
    }

    /// Adds an item to the buffer. The first item starts the feeder.
    pub(super) fn push(self: &Arc<Self>, item: Vec<u8>, feeders: &Feeders) -> io::Result<()> {
        let mut buffer = self.buffer();
        if !buffer.is_fed {
            let feed = Arc::clone(self);
            let feeder = thread::Builder::new()
                .name("feeder".to_owned())
                .spawn(move || feed.run())
                // The number alone would also mean that the put would block.
                .map_err(|error| {
                    io::Error::other(format!("failed to spawn thread of the feeder: {error}"))
                })?;
            feeders
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(feeder);
            buffer.is_fed = true;
        }
        buffer.items.push_back(item);
        self.changed.notify_one();
        Ok(())
    }

    /// Makes the feeder exit when it has written all items.
    pub(super) fn close(&self) {
        self.buffer().is_closed = true;
        self.changed.notify_one();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.buffer().is_closed
    }

    /// Writes items until the queue is closed and the buffer is empty.
    fn run(&self) {
        let mut frame = Vec::new();
        while let Some(item) = self.next() {
            if let Err(error) = self.write(&item, &mut frame) {
                // The put has returned, so its caller can't see this. Later items are still written.
                let _ = writeln!(io::stderr(), "the feeder lost an item: {error}");
                let _ = self.make_room();
            }
        }
    }

    /// Waits for the next item; `None` if the queue is closed and the buffer is empty.
    fn next(&self) -> Option<Vec<u8>> {
        let mut buffer = self.buffer();
        loop {
            if let Some(item) = buffer.items.pop_front() {
                return Some(item);
            }
            if buffer.is_closed {
                return None;
            }
            buffer = self
                .changed
                .wait(buffer)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn write(&self, item: &[u8], frame: &mut Vec<u8>) -> io::Result<()> {
        self.writing.acquire(WaitLimit::NONE)?;
        let written = framing::write_message(&mut &self.items.1, item, frame);
        self.writing.release()?;
        written
    }

    fn buffer(&self) -> MutexGuard<'_, Buffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
