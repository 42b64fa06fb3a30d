//! Reading and polling for no longer than one operation may take.

use std::io::{self, ErrorKind, PipeReader, Read};
use std::time::{Duration, Instant};

use crate::backend::Failure;
use crate::outcome::Outcome;
use crate::plan::Wait;

#[cfg(unix)]
use super::unix::is_readable;
#[cfg(windows)]
use super::windows::is_readable;

/// What lay in the pipe when the time ran out may still be read; no pipe holds more by default.
const LATE: usize = 1 << 20;

/// The reading end of a pipe for one operation, which nobody else reads meanwhile. Once that has waited as long as it may, every
/// read fails with [`ErrorKind::TimedOut`], which no pipe ever says.
pub(super) struct Patient<'a> {
    pipe: &'a mut PipeReader,
    wait: Wait,
    until: Option<Instant>,
    late: usize,
}

impl<'a> Patient<'a> {
    /// For an operation that begins now.
    pub(super) fn new(pipe: &'a mut PipeReader, wait: Wait) -> Patient<'a> {
        Patient {
            pipe,
            wait,
            until: deadline(wait),
            late: LATE,
        }
    }

    /// Waits until something can be read, or the end has come. Takes nothing.
    pub(super) fn poll(&self) -> io::Result<()> {
        loop {
            let left = self.left();
            if is_readable(self.pipe, left)? {
                return Ok(());
            }
            if left.is_some_and(|left| left.is_zero()) {
                return Err(ErrorKind::TimedOut.into());
            }
        }
    }

    fn left(&self) -> Option<Duration> {
        let until = self.until?;
        Some(until.saturating_duration_since(Instant::now()))
    }
}

impl Read for Patient<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.wait == Wait::Deadline {
            return self.pipe.read(buffer);
        }
        self.poll()?;
        if self.left() != Some(Duration::ZERO) {
            return self.pipe.read(buffer);
        }
        if self.late == 0 {
            return Err(ErrorKind::TimedOut.into());
        }
        let most = buffer.len().min(self.late);
        let count = self.pipe.read(&mut buffer[..most])?;
        self.late -= count;
        Ok(count)
    }
}

/// When an operation that begins now and waits like this is to give up; none for never.
pub(super) fn deadline(wait: Wait) -> Option<Instant> {
    let now = Instant::now();
    match wait {
        Wait::Deadline => None,
        Wait::Never => Some(now),
        // What is too far away for the clock is never.
        Wait::For(time) => now.checked_add(time),
    }
}

/// The failure of an operation that waits like this, where its time ran out or where there is no
/// such form; none where something else is wrong.
pub(super) fn gave_up(error: &io::Error, wait: Wait) -> Option<Failure> {
    match (error.kind(), wait) {
        (ErrorKind::TimedOut, Wait::Never) => {
            Some(Failure::new(Outcome::Empty, "nothing is there yet"))
        }
        (ErrorKind::TimedOut, Wait::For(_)) => {
            Some(Failure::new(Outcome::Timeout, "nothing came in time"))
        }
        (ErrorKind::Unsupported, _) => Some(Failure::refused(
            "std::io::pipe has neither poll nor try and timed forms here",
        )),
        _ => None,
    }
}
