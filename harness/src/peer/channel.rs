//! Operations on the ends of a channel: the calls into the backend.

use crate::backend::{Attached, Failure, Outcome, QueueEnd, Wait};
use crate::mutant;
use crate::plan::{Content, Hint, RawWrite};

/// How many bytes a read of a stream requests.
const READ: usize = 64 << 10;

pub(super) fn put(end: &mut Attached, message: &[u8], wait: Wait) -> Result<(), Failure> {
    match end {
        Attached::Queue(end) => end.put(message, wait),
        Attached::Endpoint(_) => Err(no_end()),
        Attached::Pipe(end) => end.send(message, wait),
        Attached::Stream(end) => {
            let mut rest = message;
            while !rest.is_empty() {
                let written = end.write(rest, wait).map_err(Failure::indefinite)?;
                if written == 0 || written > rest.len() {
                    let said = format!("a write of {} bytes took {written}", rest.len());
                    return Err(Failure::new(Outcome::Error, said).indefinite());
                }
                rest = &rest[written..];
            }
            Ok(())
        }
    }
}

pub(super) fn get(end: &mut Attached, into: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
    match end {
        Attached::Queue(end) => end.get(into, wait),
        Attached::Endpoint(_) => Err(no_end()),
        Attached::Pipe(end) => end.recv(into, wait),
        Attached::Stream(end) => {
            into.resize(READ, 0);
            let read = end.read(into, wait)?;
            if read == 0 || read > into.len() {
                let said = format!("a read of {} bytes gave {read}", into.len());
                return Err(Failure::new(Outcome::Error, said));
            }
            into.truncate(read);
            Ok(())
        }
    }
}

pub(super) fn poll(end: &mut Attached, wait: Wait) -> Result<(), Failure> {
    match end {
        Attached::Queue(_) => Err(Failure::refused("a queue has no poll")),
        Attached::Endpoint(_) => Err(no_end()),
        Attached::Pipe(end) => end.poll(wait),
        Attached::Stream(end) => end.poll(wait),
    }
}

pub(super) fn task_done(end: &mut Attached) -> Result<(), Failure> {
    mutant::counting(queue(end)?)?.task_done()
}

pub(super) fn join_queue(end: &mut Attached) -> Result<(), Failure> {
    mutant::counting(queue(end)?)?.join()
}

/// Returns the number of items, if that is asked.
pub(super) fn hint(end: &mut Attached, hint: Hint) -> Result<Option<Content>, Failure> {
    let count = mutant::counting(queue(end)?)?.count()?;
    match hint {
        Hint::Size => Ok(Some(Content::of(&count.items.to_le_bytes()))),
        Hint::IsEmpty if count.items == 0 => Err(Failure::new(Outcome::Empty, "it is empty")),
        Hint::IsFull if count.is_full => Err(Failure::new(Outcome::Full, "it is full")),
        Hint::IsEmpty | Hint::IsFull => Ok(None),
    }
}

fn queue(end: &mut Attached) -> Result<&mut dyn QueueEnd, Failure> {
    match end {
        Attached::Queue(end) => Ok(&mut **end),
        _ => Err(Failure::refused("only queues count their items")),
    }
}

pub(super) fn half_close(end: &mut Attached) -> Result<(), Failure> {
    match end {
        Attached::Queue(_) => Err(Failure::refused("a queue has no directions")),
        Attached::Endpoint(_) => Err(no_end()),
        Attached::Pipe(end) => end.half_close(),
        Attached::Stream(end) => end.half_close(),
    }
}

pub(super) fn close(end: Attached) -> Result<(), Failure> {
    match end {
        Attached::Queue(end) => end.close(),
        Attached::Endpoint(mut endpoint) => endpoint.close(),
        Attached::Pipe(end) => end.close(),
        Attached::Stream(end) => end.close(),
    }
}

pub(super) fn raw(end: &mut Attached, raw: &RawWrite) -> Result<(), Failure> {
    match end {
        Attached::Pipe(end) => end.raw(raw.length, &raw.bytes, raw.part()),
        _ => Err(Failure::refused(
            "only messages have something beneath them",
        )),
    }
}

fn no_end() -> Failure {
    Failure::refused("an endpoint isn't an end: only its connections have ends")
}

/// The failure of an operation on an end that this process has closed, or never had.
pub(super) fn closed() -> Failure {
    Failure::new(Outcome::Closed, "this process has closed its end")
}
