//! An end of a pipe: whole messages, framed.

use super::framing::{self, LONGEST};
use super::pieces::{InPieces, Pieces};
use super::{Halves, write_failure};
use crate::backend::{Failure, PipeEnd};
use crate::plan::Wait;

pub(super) struct MessageEnd {
    halves: Halves,
    pieces: Pieces,
    frame: Vec<u8>,
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
        framing::read_message(&mut from, message)
            .map_err(|error| self.over.insert(error.into()).clone())
    }

    fn half_close(&mut self) -> Result<(), Failure> {
        self.halves.close_writer()
    }
}
