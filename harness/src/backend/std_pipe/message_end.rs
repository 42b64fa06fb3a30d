//! An end of a pipe: whole messages, framed.

use std::mem;

use super::framing::{self, LONGEST, Partial, ReadError};
use super::patience::gave_up;
use super::pieces::{InPieces, Pieces};
use super::{Halves, write_failure};
use crate::backend::{Failure, PipeEnd};
use crate::plan::Wait;

pub(super) struct MessageEnd {
    halves: Halves,
    pieces: Pieces,
    frame: Vec<u8>,
    /// A message that a receive ran out of time in, as far as it had come. The next goes on.
    incoming: Vec<u8>,
    partial: Partial,
    /// Why nothing can be sent any more: the last message may have been written in part.
    unsendable: Option<Failure>,
    /// Why nothing can be received any more: the end, or what has garbled the rest.
    over: Option<Failure>,
}

impl MessageEnd {
    pub(super) fn new(halves: Halves, pieces: Pieces) -> MessageEnd {
        MessageEnd {
            halves,
            pieces,
            frame: Vec::new(),
            incoming: Vec::new(),
            partial: Partial::default(),
            unsendable: None,
            over: None,
        }
    }
}

impl PipeEnd for MessageEnd {
    fn send(&mut self, message: &[u8], wait: Wait) -> Result<(), Failure> {
        let mut to = InPieces {
            inner: self.halves.writer(wait)?,
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

    fn recv(&mut self, message: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        let mut from = InPieces {
            inner: self.halves.reader(wait)?,
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
        let from = self.halves.reader(wait)?;
        if self.over.is_some() {
            return Ok(());
        }
        from.poll()
            .map_err(|error| gave_up(&error, wait).unwrap_or_else(|| error.into()))
    }

    fn half_close(&mut self) -> Result<(), Failure> {
        self.halves.close_writer()
    }
}
