//! A process's end of the queue: one request, one reply.

use std::io::{ErrorKind, PipeReader, PipeWriter};

use super::protocol::{self, LONGEST_ITEM, Reply};
use crate::backend::framing::{self, ReadError};
use crate::backend::{Failure, QueueEnd};
use crate::outcome::Outcome;
use crate::plan::Wait;

pub(super) struct BrokerEnd {
    requests: PipeWriter,
    replies: PipeReader,
    message: Vec<u8>,
    frame: Vec<u8>,
    /// Why the server can't be asked any more.
    lost: Option<Failure>,
}

impl BrokerEnd {
    pub(super) fn new(requests: PipeWriter, replies: PipeReader) -> BrokerEnd {
        BrokerEnd {
            requests,
            replies,
            message: Vec::new(),
            frame: Vec::new(),
            lost: None,
        }
    }

    /// Asks what is in `message`. Whatever goes wrong on the way may do so behind the server's
    /// back or before it.
    fn ask(&mut self) -> Result<Reply, Failure> {
        if let Some(lost) = &self.lost {
            return Err(lost.clone());
        }
        self.exchange()
            .map_err(|failure| self.lost.insert(failure.indefinite()).clone())
    }

    fn exchange(&mut self) -> Result<Reply, Failure> {
        framing::write_message(&mut self.requests, &self.message, &mut self.frame).map_err(
            |error| {
                let outcome = match error.kind() {
                    ErrorKind::BrokenPipe => Outcome::Gone,
                    _ => Outcome::Error,
                };
                Failure::from_io(outcome, &error)
            },
        )?;
        framing::read_message(&mut self.replies, &mut self.message).map_err(
            |error| match error {
                ReadError::Io(error) => error.into(),
                ReadError::Impossible { .. } => Failure::new(Outcome::Error, error.to_string()),
                ReadError::End | ReadError::LengthCutShort { .. } | ReadError::CutShort { .. } => {
                    Failure::new(Outcome::Gone, "the broker is gone")
                }
            },
        )?;
        Reply::read(&self.message).ok_or_else(nonsense)
    }
}

impl QueueEnd for BrokerEnd {
    fn put(&mut self, item: &[u8], wait: Wait) -> Result<(), Failure> {
        let length = item.len() as u64;
        if length > LONGEST_ITEM {
            return Err(Failure::refused(format!(
                "an item of {length} bytes is longer than {LONGEST_ITEM}"
            )));
        }
        protocol::write_put(item, wait, &mut self.message);
        match self.ask()? {
            Reply::Done => Ok(()),
            Reply::Full => Err(Failure::new(Outcome::Full, "the queue is full")),
            Reply::Timeout => Err(Failure::new(Outcome::Timeout, "no room in time")),
            Reply::Gone => Err(Failure {
                definite: true,
                ..Failure::new(
                    Outcome::Gone,
                    "the queue is full, and all consumers are gone",
                )
            }),
            Reply::Item(_) | Reply::Empty | Reply::End => Err(nonsense()),
        }
    }

    fn get(&mut self, item: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        protocol::write_get(wait, &mut self.message);
        match self.ask()? {
            Reply::Item(got) => {
                *item = got;
                Ok(())
            }
            Reply::Empty => Err(Failure::new(Outcome::Empty, "the queue is empty")),
            Reply::Timeout => Err(Failure::new(Outcome::Timeout, "no item in time")),
            Reply::End => Err(Failure::end()),
            Reply::Done | Reply::Full | Reply::Gone => Err(nonsense()),
        }
    }
}

fn nonsense() -> Failure {
    Failure::new(Outcome::Error, "the broker's reply makes no sense").indefinite()
}
