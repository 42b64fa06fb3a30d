//! A semaphore of bytes in a pipe.

use std::io::{self, ErrorKind, PipeReader, PipeWriter, Read, Write};
use std::time::{Duration, Instant};

use crate::backend::{Handle, Wait};
use crate::backends::transport::polled::is_readable;

const TOKEN: u8 = b'.';

/// A semaphore; a lock if it has one token. A process that dies with a token never returns it.
pub(super) struct Semaphore {
    tokens: PipeReader,
    back: PipeWriter,
}

impl Semaphore {
    /// Makes a semaphore with this many tokens, which a pipe must be able to hold.
    pub(super) fn new(tokens: u64) -> io::Result<Semaphore> {
        let (reader, mut writer) = io::pipe()?;
        // The mode is shared by all processes. A process that finds no token waits in poll and not in
        // read, because another process may take the token first.
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

    /// Returns duplicates of the handles, for another process.
    pub(super) fn handles(&self) -> io::Result<[Handle; 2]> {
        Ok([
            self.tokens.try_clone()?.into(),
            self.back.try_clone()?.into(),
        ])
    }

    /// Takes a token. Returns false if there was none in time.
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

    /// Returns a token.
    pub(super) fn release(&self) -> io::Result<()> {
        (&self.back).write_all(&[TOKEN])
    }
}

/// The reading and the writing end of its pipe.
impl From<(Handle, Handle)> for Semaphore {
    fn from((tokens, back): (Handle, Handle)) -> Semaphore {
        Semaphore {
            tokens: tokens.into(),
            back: back.into(),
        }
    }
}

/// When an operation stops waiting; `None` for never.
#[derive(Clone, Copy)]
pub(super) struct WaitLimit(Option<Instant>);

impl WaitLimit {
    pub(super) const NONE: WaitLimit = WaitLimit(None);

    /// Returns the limit of an operation that begins now.
    pub(super) fn of(wait: Wait) -> WaitLimit {
        let now = Instant::now();
        // A time too far away for the clock is no limit.
        WaitLimit(wait.limit().and_then(|time| now.checked_add(time)))
    }

    /// Waits until the pipe can be read. Returns false if it couldn't in time.
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
