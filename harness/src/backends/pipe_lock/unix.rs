//! The queue on Unix, where pipes can be polled.

use std::io::{self, PipeReader, PipeWriter};
use std::sync::Arc;

use self::end::{LockEnd, SharedQueue};
use self::feed::Feed;
use self::semaphore::Semaphore;
use super::feeders::Feeders;
use crate::backend::{Attached, Failure, Grant, Handle, Opened, Outcome, Parcel};
use crate::os::spawn_lock;

mod end;
mod feed;
mod semaphore;

/// All pipes of a queue. Every process has all of them.
struct QueuePipes {
    items: (PipeReader, PipeWriter),
    reading: Semaphore,
    writing: Semaphore,
    /// `None` if there is no bound.
    room: Option<Semaphore>,
}

pub(super) fn open(capacity: Option<u64>) -> Result<Box<dyn Opened>, Failure> {
    let _making = spawn_lock::making();
    Ok(Box::new(QueuePipes {
        items: io::pipe()?,
        reading: Semaphore::new(1)?,
        writing: Semaphore::new(1)?,
        room: capacity.map(Semaphore::new).transpose()?,
    }))
}

impl Opened for QueuePipes {
    fn grant(&mut self, _grant: Grant) -> Result<Parcel, Failure> {
        let _making = spawn_lock::making();
        let mut handles: Vec<Handle> = vec![
            self.items.0.try_clone()?.into(),
            self.items.1.try_clone()?.into(),
        ];
        let semaphores = [Some(&self.reading), Some(&self.writing), self.room.as_ref()];
        for semaphore in semaphores.into_iter().flatten() {
            handles.extend(semaphore.handles()?);
        }
        Ok(Parcel::of(handles))
    }
}

pub(super) fn attach(parcel: Parcel, feeders: &Feeders) -> Result<Attached, Failure> {
    let found = parcel.handles.len();
    let mut handles = parcel.handles.into_iter();
    let mut pair = || Some((handles.next()?, handles.next()?));
    let (Some(items), Some(reading), Some(writing), room) = (pair(), pair(), pair(), pair()) else {
        let message = format!("the parcel has {found} handles instead of 6 or 8");
        return Err(Failure::new(Outcome::Error, message));
    };
    let queue = SharedQueue {
        reading: Semaphore::from(reading),
        feed: Arc::new(Feed::new(
            (items.0.into(), items.1.into()),
            Semaphore::from(writing),
            room.map(Semaphore::from),
        )),
        feeders: Arc::clone(feeders),
    };
    Ok(Attached::Queue(Box::new(LockEnd::new(queue))))
}
