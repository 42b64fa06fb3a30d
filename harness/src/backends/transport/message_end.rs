//! An end of a pipe: whole messages, framed.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard};

use super::bytes::{ByteSink, read_failure, write_failure};
use super::chunks::{ChunkSize, Chunked};
use super::half::{ReadHalf, WriteHalf, lock};
use super::timed_source::TimedSource;
use crate::backend::{Failure, PipeEnd, Wait};
use crate::backends::framing::{self, LONGEST, Partial, ReadError};

#[derive(Clone)]
pub(super) struct MessageEnd {
    sending: Arc<Mutex<MessageSender>>,
    receiving: Arc<Mutex<MessageReceiver>>,
}

struct MessageSender {
    to: WriteHalf,
    pieces: ChunkSize,
    frame: Vec<u8>,
    /// Why nothing can be sent any more: the last message was written in part.
    unsendable: Option<Failure>,
}

pub(super) struct MessageReceiver {
    pub(super) from: ReadHalf,
    pieces: ChunkSize,
    /// A message that a receive ran out of time in, as far as it had come. The next goes on.
    incoming: Vec<u8>,
    partial: Partial,
    /// Why nothing can be received any more: what has garbled the rest.
    garbled: Option<Failure>,
}

impl MessageEnd {
    pub(super) fn new(from: ReadHalf, to: WriteHalf, pieces: ChunkSize) -> MessageEnd {
        MessageEnd {
            sending: Arc::new(Mutex::new(MessageSender {
                to,
                pieces: pieces.clone(),
                frame: Vec::new(),
                unsendable: None,
            })),
            receiving: Arc::new(Mutex::new(MessageReceiver {
                from,
                pieces,
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

    /// Says what there is to say of the bytes, and takes none, which would be missed by another
    /// process: there may be no more yet than the beginning of a message.
    fn poll(&mut self, wait: Wait) -> Result<(), Failure> {
        self.receiving().poll(wait)
    }

    fn raw(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        lock(&self.sending).raw(bytes)
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
            // Half a message sent could neither be taken back nor called a message.
            return Err(Failure::refused(
                "a framed message has no try or timed form of sending",
            ));
        }
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
            pieces: &mut self.pieces,
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
    /// Whether the next receive fails, whatever comes.
    pub(super) fn is_garbled(&self) -> bool {
        self.garbled.is_some()
    }

    fn recv(&mut self, message: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        let mut from = Chunked {
            inner: TimedSource::new(self.from.get()?.as_mut(), wait),
            pieces: &mut self.pieces,
        };
        if let Some(garbled) = &self.garbled {
            return Err(garbled.clone());
        }
        match self.partial.read_on(&mut from, &mut self.incoming) {
            Ok(()) => {
                self.partial = Partial::default();
                mem::swap(message, &mut self.incoming);
                self.incoming.clear();
                Ok(())
            }
            Err(ReadError::Io(error)) => Err(read_failure(error, wait)),
            // What comes behind the end is the library's to say.
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

/// A sink by its blocking form alone, for one message.
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
