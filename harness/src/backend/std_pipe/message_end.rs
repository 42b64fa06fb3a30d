//! An end of a pipe: whole messages, framed.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard};

use super::framing::{self, LONGEST, Partial, ReadError};
use super::patience::gave_up;
use super::pieces::{InPieces, Pieces};
use super::{Halves, Inlet, Outlet, turn, write_failure};
use crate::backend::{Failure, PipeEnd};
use crate::plan::Wait;

pub(super) struct MessageEnd {
    sending: Arc<Mutex<Sending>>,
    receiving: Arc<Mutex<Receiving>>,
}

struct Sending {
    outlet: Outlet,
    pieces: Pieces,
    frame: Vec<u8>,
    /// Why nothing can be sent any more: the last message may have been written in part.
    unsendable: Option<Failure>,
}

pub(super) struct Receiving {
    pub(super) inlet: Inlet,
    pieces: Pieces,
    /// A message that a receive ran out of time in, as far as it had come. The next goes on.
    incoming: Vec<u8>,
    partial: Partial,
    /// Why nothing can be received any more: the end, or what has garbled the rest.
    pub(super) over: Option<Failure>,
}

impl MessageEnd {
    pub(super) fn new(halves: Halves, pieces: Pieces) -> MessageEnd {
        MessageEnd {
            sending: Arc::new(Mutex::new(Sending {
                outlet: halves.outlet,
                pieces: pieces.clone(),
                frame: Vec::new(),
                unsendable: None,
            })),
            receiving: Arc::new(Mutex::new(Receiving {
                inlet: halves.inlet,
                pieces,
                incoming: Vec::new(),
                partial: Partial::default(),
                over: None,
            })),
        }
    }

    pub(super) fn receiving(&self) -> MutexGuard<'_, Receiving> {
        turn(&self.receiving)
    }
}

impl Sending {
    fn send(&mut self, message: &[u8], wait: Wait) -> Result<(), Failure> {
        let mut to = InPieces {
            inner: self.outlet.writer(wait)?,
            pieces: &mut self.pieces,
        };
        let length = message.len() as u64;
        if length > LONGEST {
            return Err(Failure::refused(format!(
                "a message of {length} bytes is longer than {LONGEST}"
            )));
        }
        if let Some(failure) = &self.unsendable {
            return Err(failure.clone());
        }
        framing::write_message(&mut to, message, &mut self.frame)
            .map_err(|error| self.unsendable.insert(write_failure(&error)).clone())
    }
}

impl Receiving {
    fn recv(&mut self, message: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        let mut from = InPieces {
            inner: self.inlet.reader(wait)?,
            pieces: &mut self.pieces,
        };
        if let Some(over) = &self.over {
            return Err(over.clone());
        }
        match self.partial.read_on(&mut from, &mut self.incoming) {
            Ok(()) => {
                self.partial = Partial::default();
                mem::swap(message, &mut self.incoming);
                self.incoming.clear();
                Ok(())
            }
            Err(ReadError::Io(error)) if let Some(failure) = gave_up(&error, wait) => Err(failure),
            Err(error) => Err(self.over.insert(error.into()).clone()),
        }
    }

    /// Says what the operating system says of the pipe, and takes nothing, which would be missed
    /// by another process: there may be no more yet than the beginning of a message.
    fn poll(&mut self, wait: Wait) -> Result<(), Failure> {
        let from = self.inlet.reader(wait)?;
        if self.over.is_some() {
            return Ok(());
        }
        from.poll()
            .map_err(|error| gave_up(&error, wait).unwrap_or_else(|| error.into()))
    }
}

impl PipeEnd for MessageEnd {
    fn send(&mut self, message: &[u8], wait: Wait) -> Result<(), Failure> {
        turn(&self.sending).send(message, wait)
    }

    fn recv(&mut self, message: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        self.receiving().recv(message, wait)
    }

    fn poll(&mut self, wait: Wait) -> Result<(), Failure> {
        self.receiving().poll(wait)
    }

    fn half_close(&mut self) -> Result<(), Failure> {
        turn(&self.sending).outlet.close()
    }

    fn share(&self) -> Result<Box<dyn PipeEnd>, Failure> {
        Ok(Box::new(MessageEnd {
            sending: Arc::clone(&self.sending),
            receiving: Arc::clone(&self.receiving),
        }))
    }
}
