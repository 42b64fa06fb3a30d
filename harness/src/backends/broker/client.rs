//! A process's end of the queue. Each thread has one request at a time.

use std::io::{ErrorKind, PipeReader, PipeWriter};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::protocol::{self, LONGEST_ITEM, Reply};
use crate::backend::encoding::{check_decoding, check_encoding};
use crate::backend::{Failure, Outcome, QueueEnd, Wait};
use crate::backends::counting::{Count, CountingEnd};
use crate::backends::framing::{self, ReadError};
use crate::os::replies::PendingReplies;

pub(super) struct BrokerEnd {
    shared: Arc<SharedClient>,
    message: Vec<u8>,
}

/// The part of an end that all threads of the process share.
struct SharedClient {
    requests: Mutex<Requests>,
    replies: PendingReplies<PipeReader, Reply>,
    /// The number of requests so far.
    asked: AtomicU64,
}

struct Requests {
    to: PipeWriter,
    frame: Vec<u8>,
    /// Why no request can be sent any more.
    lost: Option<Failure>,
}

impl BrokerEnd {
    pub(super) fn new(requests: PipeWriter, replies: PipeReader) -> BrokerEnd {
        let requests = Requests {
            to: requests,
            frame: Vec::new(),
            lost: None,
        };
        BrokerEnd {
            shared: Arc::new(SharedClient {
                requests: Mutex::new(requests),
                replies: PendingReplies::new(replies),
                asked: AtomicU64::new(0),
            }),
            message: Vec::new(),
        }
    }

    /// Sends the request that `write` writes for its number, and waits for the reply. A failure may
    /// come before or after the server handled the request, so it is indefinite.
    fn ask(&mut self, write: impl FnOnce(u64, &mut Vec<u8>)) -> Result<Reply, Failure> {
        let number = self.shared.asked.fetch_add(1, Ordering::Relaxed);
        write(number, &mut self.message);
        self.shared.with_requests(|requests| {
            if let Some(lost) = &requests.lost {
                return Err(lost.clone());
            }
            framing::write_message(&mut requests.to, &self.message, &mut requests.frame).map_err(
                |error| {
                    let outcome = match error.kind() {
                        ErrorKind::BrokenPipe => Outcome::Gone,
                        _ => Outcome::Error,
                    };
                    let failure = Failure::from_io(outcome, &error).indefinite();
                    requests.lost.insert(failure).clone()
                },
            )
        })?;
        let message = &mut self.message;
        let reply = self
            .shared
            .replies
            .wait(number, |replies| next(replies, message));
        reply.map_err(|failure| {
            let failure = failure.indefinite();
            self.shared
                .with_requests(|requests| requests.lost.insert(failure).clone())
        })
    }
}

impl SharedClient {
    fn with_requests<T>(&self, work: impl FnOnce(&mut Requests) -> T) -> T {
        // A panic while it is locked ends the process.
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut requests)
    }
}

/// Reads the next reply and the number of its request.
fn next(replies: &mut PipeReader, message: &mut Vec<u8>) -> Result<(u64, Reply), Failure> {
    framing::read_message(replies, message).map_err(|error| match error {
        ReadError::Io(error) => error.into(),
        ReadError::Impossible { .. } => Failure::new(Outcome::Error, error.to_string()),
        ReadError::End | ReadError::LengthCutShort { .. } | ReadError::CutShort { .. } => {
            Failure::new(Outcome::Gone, "the broker is gone")
        }
    })?;
    Reply::read(message).ok_or_else(nonsense)
}

impl QueueEnd for BrokerEnd {
    fn put(&mut self, item: &[u8], wait: Wait) -> Result<(), Failure> {
        let length = item.len() as u64;
        if length > LONGEST_ITEM {
            return Err(Failure::refused(format!(
                "an item of {length} bytes is longer than {LONGEST_ITEM}"
            )));
        }
        check_encoding(item)?;
        let write = |number, message: &mut _| protocol::write_put(number, item, wait, message);
        match self.ask(write)? {
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
            _ => Err(nonsense()),
        }
    }

    fn get(&mut self, item: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        let write = |number, message: &mut _| protocol::write_get(number, wait, message);
        match self.ask(write)? {
            Reply::Item(got) => {
                *item = got;
                check_decoding(item)
            }
            Reply::Empty => Err(Failure::new(Outcome::Empty, "the queue is empty")),
            Reply::Timeout => Err(Failure::new(Outcome::Timeout, "no item in time")),
            Reply::End => Err(Failure::end()),
            _ => Err(nonsense()),
        }
    }

    fn share(&self) -> Result<Box<dyn QueueEnd>, Failure> {
        Ok(Box::new(BrokerEnd {
            shared: Arc::clone(&self.shared),
            message: Vec::new(),
        }))
    }
}

impl CountingEnd for BrokerEnd {
    fn task_done(&mut self) -> Result<(), Failure> {
        match self.ask(protocol::write_task_done)? {
            Reply::Done => Ok(()),
            Reply::AllDone => Err(Failure::refused("every item is marked as done already")),
            _ => Err(nonsense()),
        }
    }

    fn join(&mut self) -> Result<(), Failure> {
        match self.ask(protocol::write_join)? {
            Reply::Done => Ok(()),
            _ => Err(nonsense()),
        }
    }

    fn count(&mut self) -> Result<Count, Failure> {
        match self.ask(protocol::write_count)? {
            Reply::Count(count) => Ok(count),
            _ => Err(nonsense()),
        }
    }
}

fn nonsense() -> Failure {
    Failure::new(Outcome::Error, "the broker's reply makes no sense").indefinite()
}
