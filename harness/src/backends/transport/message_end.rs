//! An end of a pipe with framed messages.

use std::io::{self, Write};
use std::mem;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};

use super::bytes::{ByteSink, read_failure, write_failure};
use super::chunks::{ChunkSize, Chunked};
use super::half::{ReadHalf, WriteHalf, lock};
use super::timed_source::TimedSource;
use crate::backend::encoding::{check_decoding, check_encoding};
use crate::backend::{Failure, PipeEnd, Wait};
use crate::backends::framing::{self, LONGEST, Partial, ReadError};

#[derive(Clone)]
pub(super) struct MessageEnd {
    sending: Arc<Mutex<MessageSender>>,
    receiving: Arc<Mutex<MessageReceiver>>,
}

struct MessageSender {
    to: WriteHalf,
    chunks: ChunkSize,
    frame: Vec<u8>,
    /// Why nothing can be sent any more: a message was written only in part.
    unsendable: Option<Failure>,
}

pub(super) struct MessageReceiver {
    pub(super) from: ReadHalf,
    chunks: ChunkSize,
    /// The part of a message that was read before a receive ran out of time. The next continues.
    incoming: Vec<u8>,
    partial: Partial,
    /// Why nothing can be received any more: the input was malformed.
    garbled: Option<Failure>,
}

impl MessageEnd {
    pub(super) fn new(from: ReadHalf, to: WriteHalf, chunks: ChunkSize) -> MessageEnd {
        MessageEnd {
            sending: Arc::new(Mutex::new(MessageSender {
                to,
                chunks: chunks.clone(),
                frame: Vec::new(),
                unsendable: None,
            })),
            receiving: Arc::new(Mutex::new(MessageReceiver {
                from,
                chunks,
                incoming: Vec::new(),
                partial: Partial::default(),
                garbled: None,
            })),
        }
    }

    pub(super) fn receiving(&self) -> MutexGuard<'_, MessageReceiver> {
        lock(&self.receiving)
    }
}

impl PipeEnd for MessageEnd {
    fn send(&mut self, message: &[u8], wait: Wait) -> Result<(), Failure> {
        lock(&self.sending).send(message, wait)
    }

    fn recv(&mut self, message: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        self.receiving().recv(message, wait)
    }

    /// Polls the bytes and reads none, because another process may receive them. So an end may be ready
    /// with only the beginning of a message.
    fn poll(&mut self, wait: Wait) -> Result<(), Failure> {
        self.receiving().poll(wait)
    }

    fn raw(&mut self, length: Option<i64>, bytes: &[u8], part: Range<u64>) -> Result<(), Failure> {
        lock(&self.sending).raw(&framing::part(length, bytes, part))
    }

    fn half_close(&mut self) -> Result<(), Failure> {
        lock(&self.sending).to.half_close()
    }

    fn share(&self) -> Result<Box<dyn PipeEnd>, Failure> {
        Ok(Box::new(self.clone()))
    }
}

impl MessageSender {
    fn send(&mut self, message: &[u8], wait: Wait) -> Result<(), Failure> {
        let to = self.to.get()?;
        if wait != Wait::Deadline {
            // A message that is sent only in part can't be taken back.
            return Err(Failure::refused(
                "a framed message has no try or timed form of sending",
            ));
        }
        check_encoding(message)?;
        let length = message.len() as u64;
        if length > LONGEST {
            return Err(Failure::refused(format!(
                "a message of {length} bytes is longer than {LONGEST}"
            )));
        }
        if let Some(failure) = &self.unsendable {
            return Err(failure.clone());
        }
        let mut to = Chunked {
            inner: BlockingSink {
                to: to.as_mut(),
                begun: false,
            },
            size: &mut self.chunks,
        };
        framing::write_message(&mut to, message, &mut self.frame).map_err(|error| {
            let failure = write_failure(&error, wait);
            if to.inner.begun {
                self.unsendable = Some(failure.clone());
            }
            failure
        })
    }
}

impl MessageSender {
    fn raw(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let mut to = BlockingSink {
            to: self.to.get()?.as_mut(),
            begun: false,
        };
        to.write_all(bytes)
            .map_err(|error| write_failure(&error, Wait::Deadline))
    }
}

impl MessageReceiver {
    /// Returns whether every further receive fails.
    pub(super) fn is_garbled(&self) -> bool {
        self.garbled.is_some()
    }

    fn recv(&mut self, message: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        let mut from = Chunked {
            inner: TimedSource::new(self.from.get()?.as_mut(), wait),
            size: &mut self.chunks,
        };
        if let Some(garbled) = &self.garbled {
            return Err(garbled.clone());
        }
        match self.partial.read_on(&mut from, &mut self.incoming) {
            Ok(()) => {
                self.partial = Partial::default();
                mem::swap(message, &mut self.incoming);
                self.incoming.clear();
                check_decoding(message)
            }
            Err(ReadError::Io(error)) => Err(read_failure(error, wait)),
            // After the end, the library decides what comes.
            Err(ReadError::End) => Err(Failure::end()),
            Err(garbled) => Err(self.garbled.insert(garbled.into()).clone()),
        }
    }

    fn poll(&mut self, wait: Wait) -> Result<(), Failure> {
        if self.is_garbled() {
            return Ok(());
        }
        TimedSource::new(self.from.get()?.as_mut(), wait)
            .poll()
            .map_err(|error| read_failure(error, wait))
    }
}

/// The blocking form of a sink, for one message.
struct BlockingSink<'a> {
    to: &'a mut dyn ByteSink,
    begun: bool,
}

impl Write for BlockingSink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.to.write(bytes, None)?;
        self.begun |= count > 0;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
