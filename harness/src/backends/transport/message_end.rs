//! An end of a pipe: whole messages, framed.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard};

use super::patience::Patient;
use super::pieces::{InPieces, Pieces};
use super::{Halves, Reading, Sink, Writing, lock, read_failure, write_failure};
use crate::backend::{Failure, PipeEnd, Wait};
use crate::backends::framing::{self, LONGEST, Partial, ReadError};

#[derive(Clone)]
pub(super) struct MessageEnd {
    sending: Arc<Mutex<Sending>>,
    receiving: Arc<Mutex<Receiving>>,
}

struct Sending {
    to: Writing,
    pieces: Pieces,
    frame: Vec<u8>,
    /// Why nothing can be sent any more: the last message was written in part.
    unsendable: Option<Failure>,
}

pub(super) struct Receiving {
    pub(super) from: Reading,
    pieces: Pieces,
    /// A message that a receive ran out of time in, as far as it had come. The next goes on.
    incoming: Vec<u8>,
    partial: Partial,
    /// Why nothing can be received any more: what has garbled the rest.
    garbled: Option<Failure>,
}

impl MessageEnd {
    pub(super) fn new(halves: Halves, pieces: Pieces) -> MessageEnd {
        let (from, to) = halves.directions();
        MessageEnd {
            sending: Arc::new(Mutex::new(Sending {
                to,
                pieces: pieces.clone(),
                frame: Vec::new(),
                unsendable: None,
            })),
            receiving: Arc::new(Mutex::new(Receiving {
                from,
                pieces,
                incoming: Vec::new(),
                partial: Partial::default(),
                garbled: None,
            })),
        }
    }

    pub(super) fn receiving(&self) -> MutexGuard<'_, Receiving> {
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

impl Sending {
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
        let mut to = InPieces {
            inner: Blocking {
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

impl Sending {
    fn raw(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let mut to = Blocking {
            to: self.to.get()?.as_mut(),
            begun: false,
        };
        to.write_all(bytes)
            .map_err(|error| write_failure(&error, Wait::Deadline))
    }
}

impl Receiving {
    /// Whether the next receive fails, whatever comes.
    pub(super) fn is_garbled(&self) -> bool {
        self.garbled.is_some()
    }

    fn recv(&mut self, message: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        let mut from = InPieces {
            inner: Patient::new(self.from.get()?.as_mut(), wait),
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
        Patient::new(self.from.get()?.as_mut(), wait)
            .poll()
            .map_err(|error| read_failure(error, wait))
    }
}

/// A sink by its blocking form alone, for one message.
struct Blocking<'a> {
    to: &'a mut dyn Sink,
    begun: bool,
}

impl Write for Blocking<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.to.write(bytes, None)?;
        self.begun |= count > 0;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
