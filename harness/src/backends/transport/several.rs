//! Polling several ends at once.

use std::any::Any;
use std::os::fd::BorrowedFd;
use std::sync::MutexGuard;

use super::byte_end::ByteEnd;
use super::half::ReadHalf;
use super::message_end::{MessageEnd, MessageReceiver};
use super::polled::are_readable;
use crate::backend::{Attached, Failure, Outcome, Wait};

/// The result for one end.
pub(crate) type PollResult = Result<(), Failure>;

/// One of the polled ends. No other thread uses its receiving direction meanwhile.
pub(crate) trait Pollable {
    /// Returns the descriptor to poll.
    ///
    /// # Errors
    /// The end's result, if it is known without polling.
    fn handle(&mut self) -> Result<BorrowedFd<'_>, PollResult>;
}

/// Polls all these ends in one call, until at least one can be received from.
pub(crate) fn poll(mut ends: Vec<Box<dyn Pollable + '_>>, wait: Wait) -> Vec<PollResult> {
    let handles: Vec<_> = ends.iter_mut().map(|end| end.handle()).collect();
    let waiting: Vec<BorrowedFd<'_>> = handles.iter().flatten().copied().collect();
    let is_answered = waiting.len() < handles.len();
    let wait = if is_answered { Wait::Never } else { wait };
    let mut readable = match are_readable(&waiting, wait.limit()) {
        Ok(readable) => readable.into_iter(),
        Err(error) => return vec![Err(error.into()); handles.len()],
    };
    let is_any = is_answered || readable.as_slice().contains(&true);
    let answer = |handle: Result<BorrowedFd<'_>, PollResult>| match (handle, wait) {
        (Err(answer), _) => answer,
        (Ok(_), _) if readable.next() == Some(true) => Ok(()),
        (Ok(_), Wait::For(_)) if !is_any => {
            Err(Failure::new(Outcome::Timeout, "nothing came in time"))
        }
        (Ok(_), _) => Err(Failure::new(Outcome::Empty, "nothing is there yet")),
    };
    handles.into_iter().map(answer).collect()
}

/// Polls ends that [`super::Halves`] made.
pub(crate) fn poll_ends(ends: &mut [&mut Attached], wait: Wait) -> Vec<PollResult> {
    poll(ends.iter().map(|end| pollable(end)).collect(), wait)
}

fn pollable<'a>(end: &'a Attached) -> Box<dyn Pollable + 'a> {
    let any: &dyn Any = match end {
        Attached::Pipe(end) => end.as_ref(),
        Attached::Stream(end) => end.as_ref(),
        Attached::Queue(_) | Attached::Endpoint(_) => return Box::new(ForeignEnd),
    };
    if let Some(end) = any.downcast_ref::<MessageEnd>() {
        return Box::new(end.receiving());
    }
    match any.downcast_ref::<ByteEnd>() {
        Some(end) => Box::new(end.reading()),
        None => Box::new(ForeignEnd),
    }
}

impl Pollable for MutexGuard<'_, MessageReceiver> {
    fn handle(&mut self) -> Result<BorrowedFd<'_>, PollResult> {
        if self.is_garbled() {
            return Err(Ok(()));
        }
        self.from.handle()
    }
}

impl Pollable for MutexGuard<'_, ReadHalf> {
    fn handle(&mut self) -> Result<BorrowedFd<'_>, PollResult> {
        (**self).handle()
    }
}

impl Pollable for ReadHalf {
    fn handle(&mut self) -> Result<BorrowedFd<'_>, PollResult> {
        self.get().map_err(Err)?.handle().ok_or(Ok(()))
    }
}

/// An end that this backend didn't make.
pub(crate) struct ForeignEnd;

impl Pollable for ForeignEnd {
    fn handle(&mut self) -> Result<BorrowedFd<'_>, PollResult> {
        Err(Err(Failure::new(
            Outcome::Error,
            "this is no end of this backend",
        )))
    }
}
