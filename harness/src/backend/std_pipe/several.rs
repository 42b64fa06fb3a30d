//! Polling several ends at once.

use std::any::Any;
use std::io::{self, PipeReader};
use std::sync::MutexGuard;
use std::time::{Duration, Instant};

use super::message_end::{MessageEnd, Receiving};
use super::patience::deadline;
use super::stream_end::ByteEnd;
use super::unix::are_readable;
use super::{Inlet, gone_astray};
use crate::backend::{Attached, Failure};
use crate::outcome::Outcome;
use crate::plan::Wait;

type Answer = Result<(), Failure>;

/// Asks the system of all their pipes in one call; waits until of at least one something can be
/// read.
pub(super) fn poll(ends: &[&mut Attached], wait: Wait) -> Vec<Answer> {
    let ends: Vec<Asked<'_>> = ends.iter().map(|end| Asked::of(end)).collect();
    let pipes: Vec<_> = ends.iter().map(Asked::pipe).collect();
    let waiting: Vec<&PipeReader> = pipes.iter().flatten().copied().collect();
    let is_answered = waiting.len() < ends.len();
    let mut readable = match readable(&waiting, if is_answered { Wait::Never } else { wait }) {
        Ok(readable) => readable.into_iter(),
        Err(error) => return vec![Err(error.into()); ends.len()],
    };
    let is_any = is_answered || readable.as_slice().contains(&true);
    let mut answer = |pipe: Result<&PipeReader, Answer>| match (pipe, wait) {
        (Err(answer), _) => answer,
        (Ok(_), _) if readable.next() == Some(true) => Ok(()),
        (Ok(_), Wait::For(_)) if !is_any => {
            Err(Failure::new(Outcome::Timeout, "nothing came in time"))
        }
        (Ok(_), _) => Err(Failure::new(Outcome::Empty, "nothing is there yet")),
    };
    pipes.into_iter().map(&mut answer).collect()
}

/// One of the ends, whose receiving direction nobody else uses meanwhile.
enum Asked<'a> {
    Messages(MutexGuard<'a, Receiving>),
    Bytes(MutexGuard<'a, Inlet>),
    /// It isn't of this backend.
    Stranger,
}

impl<'a> Asked<'a> {
    fn of(end: &'a Attached) -> Asked<'a> {
        let any: &dyn Any = match end {
            Attached::Pipe(end) => end.as_ref(),
            Attached::Stream(end) => end.as_ref(),
            Attached::Queue(_) => return Asked::Stranger,
        };
        let messages = any.downcast_ref().map(MessageEnd::receiving);
        let bytes = || any.downcast_ref().map(ByteEnd::inlet);
        messages
            .map(Asked::Messages)
            .or_else(|| bytes().map(Asked::Bytes))
            .unwrap_or(Asked::Stranger)
    }

    /// The pipe to ask of; or the answer, where no pipe has a say.
    fn pipe(&self) -> Result<&PipeReader, Answer> {
        let inlet = match self {
            Asked::Messages(receiving) if receiving.over.is_some() => return Err(Ok(())),
            Asked::Messages(receiving) => &receiving.inlet,
            Asked::Bytes(inlet) => inlet,
            Asked::Stranger => return Err(Err(gone_astray())),
        };
        inlet.from.as_ref().ok_or_else(|| Err(inlet.nothing()))
    }
}

/// Which of these can be read, as soon as one of them can, or when the time is over.
fn readable(pipes: &[&PipeReader], wait: Wait) -> io::Result<Vec<bool>> {
    let until = deadline(wait);
    loop {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let readable = are_readable(pipes, left)?;
        if readable.contains(&true) || left == Some(Duration::ZERO) {
            return Ok(readable);
        }
    }
}
