//! ReadHalf for no longer than one operation may take.

use std::io::{self, ErrorKind, Read};
use std::time::{Duration, Instant};

use super::bytes::{ByteSource, within};
use crate::backend::Wait;

/// What lay there when the time ran out may still be read; no pipe holds more by default.
const LATE: usize = 1 << 20;

/// A source for one operation. Once that has waited as long as it may, every read fails with
/// [`ErrorKind::TimedOut`].
pub(super) struct TimedSource<'a> {
    source: &'a mut dyn ByteSource,
    until: Option<Instant>,
    late: usize,
}

impl<'a> TimedSource<'a> {
    /// For an operation that begins now and waits like this.
    pub(super) fn new(source: &'a mut dyn ByteSource, wait: Wait) -> TimedSource<'a> {
        TimedSource {
            source,
            // What is too far away for the clock is never.
            until: within(wait).and_then(|time| Instant::now().checked_add(time)),
            late: LATE,
        }
    }

    /// Waits until something can be read, or the end has come. Takes nothing.
    pub(super) fn poll(&mut self) -> io::Result<()> {
        self.source.poll(self.left())
    }

    fn left(&self) -> Option<Duration> {
        let until = self.until?;
        Some(until.saturating_duration_since(Instant::now()))
    }
}

impl Read for TimedSource<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left();
        if left != Some(Duration::ZERO) {
            return self.source.read(buffer, left);
        }
        if self.late == 0 {
            return Err(ErrorKind::TimedOut.into());
        }
        let most = buffer.len().min(self.late);
        let count = self.source.read(&mut buffer[..most], left)?;
        self.late -= count;
        Ok(count)
    }
}
