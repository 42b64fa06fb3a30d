//! Bytes in a pipe that are taken and given back.

use std::io::{self, ErrorKind, PipeReader, PipeWriter, Read, Write};
use std::time::{Duration, Instant};

use crate::backend::{Handle, Wait};
use crate::backends::transport::polled::is_readable;

const TOKEN: u8 = b'.';

/// A lock where it has one token. Whoever dies with a token takes it along.
pub(super) struct Semaphore {
    tokens: PipeReader,
    back: PipeWriter,
}

impl Semaphore {
    /// One with so many tokens, no more than a pipe holds.
    pub(super) fn new(tokens: u64) -> io::Result<Semaphore> {
        let (reader, mut writer) = io::pipe()?;
        // For all processes at once: who finds nothing waits in poll, never in read, since another
        // may be quicker.
        let flags = rustix::fs::fcntl_getfl(&reader)?;
        rustix::fs::fcntl_setfl(&reader, flags | rustix::fs::OFlags::NONBLOCK)?;
        for _ in 0..tokens {
            writer.write_all(&[TOKEN])?;
        }
        Ok(Semaphore {
            tokens: reader,
            back: writer,
        })
    }

    /// For another process.
    pub(super) fn handles(&self) -> io::Result<[Handle; 2]> {
        Ok([
            self.tokens.try_clone()?.into(),
            self.back.try_clone()?.into(),
        ])
    }

    /// Takes a token; false if there was none in time.
    pub(super) fn acquire(&self, limit: WaitLimit) -> io::Result<bool> {
        loop {
            match (&self.tokens).read(&mut [0]) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(_) => return Ok(true),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            if !limit.until_readable(&self.tokens)? {
                return Ok(false);
            }
        }
    }

    /// Gives a token back.
    pub(super) fn release(&self) -> io::Result<()> {
        (&self.back).write_all(&[TOKEN])
    }
}

/// The reading and the writing end.
impl From<(Handle, Handle)> for Semaphore {
    fn from((tokens, back): (Handle, Handle)) -> Semaphore {
        Semaphore {
            tokens: tokens.into(),
            back: back.into(),
        }
    }
}

/// How long an operation may still wait, for ever if none.
#[derive(Clone, Copy)]
pub(super) struct WaitLimit(Option<Instant>);

impl WaitLimit {
    pub(super) const ENDLESS: WaitLimit = WaitLimit(None);

    /// For an operation that begins now.
    pub(super) fn of(wait: Wait) -> WaitLimit {
        let now = Instant::now();
        WaitLimit(match wait {
            Wait::Deadline => None,
            Wait::Never => Some(now),
            // What is too far away for the clock is never.
            Wait::For(time) => now.checked_add(time),
        })
    }

    /// Waits until something can be read; false if nothing could in time.
    pub(super) fn until_readable(self, pipe: &PipeReader) -> io::Result<bool> {
        loop {
            let left = self
                .0
                .map(|until| until.saturating_duration_since(Instant::now()));
            if is_readable(pipe, left)? {
                return Ok(true);
            }
            if left == Some(Duration::ZERO) {
                return Ok(false);
            }
        }
    }
}
