//! Reading within the time limit of one operation.

use std::io::{self, ErrorKind, Read};
use std::time::{Duration, Instant};

use super::bytes::ByteSource;
use crate::backend::Wait;

/// The number of bytes that may still be read when the time is over. No pipe holds more by default.
const LATE: usize = 1 << 20;

/// A source for one operation. When the operation's time is over, reads that would block fail with
/// [`ErrorKind::TimedOut`].
pub(super) struct TimedSource<'a> {
    source: &'a mut dyn ByteSource,
    until: Option<Instant>,
    late: usize,
}

impl<'a> TimedSource<'a> {
    /// Returns a source for an operation that begins now and has this wait.
    pub(super) fn new(source: &'a mut dyn ByteSource, wait: Wait) -> TimedSource<'a> {
        TimedSource {
            source,
            // A time too far away for the clock is no limit.
            until: wait
                .limit()
                .and_then(|time| Instant::now().checked_add(time)),
            late: LATE,
        }
    }

    /// Waits until a read wouldn't block. Reads nothing.
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
