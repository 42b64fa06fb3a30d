//! From puts to the pipe: a buffer, and the thread that empties it.

use std::collections::VecDeque;
use std::io::{self, PipeReader, PipeWriter, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::semaphore::{Semaphore, WaitLimit};
use crate::backends::framing;
use crate::backends::pipe_lock::feeders::Feeders;

/// What the process's ends and its feeder share.
pub(super) struct Feed {
    /// Both ends, which the feeder closes only when it goes: that nobody reads any more no write
    /// is ever told.
    items: (PipeReader, PipeWriter),
    writing: Semaphore,
    room: Option<Semaphore>,
    buffer: Mutex<Buffer>,
    news: Condvar,
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
            news: Condvar::new(),
        }
    }

    /// Where items come out.
    pub(super) fn items(&self) -> &PipeReader {
        &self.items.0
    }

    /// Takes a token for an item; false if there was none in time.
    pub(super) fn take_room(&self, limit: WaitLimit) -> io::Result<bool> {
        match &self.room {
            Some(room) => room.acquire(limit),
            None => Ok(true),
        }
    }

    /// Gives the token of an item back.
    pub(super) fn make_room(&self) -> io::Result<()> {
        self.room.as_ref().map_or(Ok(()), Semaphore::release)
    }

    /// Leaves an item to the feeder, which the first one starts.
    pub(super) fn push(self: &Arc<Self>, item: Vec<u8>, feeders: &Feeders) -> io::Result<()> {
        let mut buffer = self.buffer();
        if !buffer.is_fed {
            let feed = Arc::clone(self);
            let feeder = thread::Builder::new()
                .name("feeder".to_owned())
                .spawn(move || feed.run())?;
            feeders
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(feeder);
            buffer.is_fed = true;
        }
        buffer.items.push_back(item);
        self.news.notify_one();
        Ok(())
    }

    /// Has the feeder go when it has written all that was put.
    pub(super) fn close(&self) {
        self.buffer().is_closed = true;
        self.news.notify_one();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.buffer().is_closed
    }

    /// What the feeder does.
    fn run(&self) {
        let mut frame = Vec::new();
        while let Some(item) = self.next() {
            if let Err(error) = self.write(&item, &mut frame) {
                // The put is long over: nobody else can be told, and later items aren't held back.
                let _ = writeln!(io::stderr(), "the feeder lost an item: {error}");
                let _ = self.make_room();
            }
        }
    }

    /// The next item; none when closed and all were taken.
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
                .news
                .wait(buffer)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn write(&self, item: &[u8], frame: &mut Vec<u8>) -> io::Result<()> {
        self.writing.acquire(WaitLimit::ENDLESS)?;
        let written = framing::write_message(&mut &self.items.1, item, frame);
        self.writing.release()?;
        written
    }

    fn buffer(&self) -> MutexGuard<'_, Buffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
