//! The ends that processes use.

use std::any::Any;
use std::ops::Range;

use super::{Failure, Wait};

/// A process's end of a queue. Dropping it closes it.
pub trait QueueEnd: Any + Send {
    /// Puts an item at the tail, and waits for room as `wait` says.
    ///
    /// # Errors
    /// [`Full`](super::Outcome::Full) if a try form finds no room,
    /// [`Timeout`](super::Outcome::Timeout) if a timed form doesn't find room in time,
    /// [`Gone`](super::Outcome::Gone) if no consumer is left and the library reports that,
    /// [`Refused`](super::Outcome::Refused) if the item is too large.
    fn put(&mut self, item: &[u8], wait: Wait) -> Result<(), Failure>;

    /// Gets the item at the head, and waits for it as `wait` says. Replaces the content of `item`.
    ///
    /// # Errors
    /// [`Empty`](super::Outcome::Empty) if a try form finds no item,
    /// [`Timeout`](super::Outcome::Timeout) if a timed form doesn't find one in time,
    /// [`End`](super::Outcome::End) if every producer has closed, the queue is empty, and the
    /// library reports that.
    fn get(&mut self, item: &mut Vec<u8>, wait: Wait) -> Result<(), Failure>;

    /// Clones this end for another thread of the same process.
    ///
    /// # Errors
    /// [`Refused`](super::Outcome::Refused) without
    /// [`Capability::Threads`](super::Capability::Threads).
    fn share(&self) -> Result<Box<dyn QueueEnd>, Failure> {
        Err(one_thread_only())
    }

    /// Closes this end by the library's own call, if it has one.
    ///
    /// # Errors
    /// The library's error.
    fn close(self: Box<Self>) -> Result<(), Failure> {
        Ok(())
    }
}

/// A process's end of a pipe. Dropping it closes it.
pub trait PipeEnd: Any + Send {
    /// Sends a message, and waits for room as `wait` says.
    ///
    /// # Errors
    /// [`Full`](super::Outcome::Full) if a try form finds no room,
    /// [`Timeout`](super::Outcome::Timeout) if a timed form doesn't find room in time,
    /// [`Gone`](super::Outcome::Gone) if the other side has no live end any more,
    /// [`Refused`](super::Outcome::Refused) if this end only receives or the message is too large.
    fn send(&mut self, message: &[u8], wait: Wait) -> Result<(), Failure>;

    /// Receives a message, and waits for it as `wait` says. Replaces the content of `message`.
    ///
    /// # Errors
    /// [`Empty`](super::Outcome::Empty) if a try form finds no message,
    /// [`Timeout`](super::Outcome::Timeout) if a timed form doesn't find one in time,
    /// [`End`](super::Outcome::End) if the other side has no live end any more and every message
    /// was received, [`Refused`](super::Outcome::Refused) if this end only sends.
    fn recv(&mut self, message: &mut Vec<u8>, wait: Wait) -> Result<(), Failure>;

    /// Waits as `wait` says until a receive wouldn't block: there is a message, or end of stream.
    ///
    /// # Errors
    /// [`Empty`](super::Outcome::Empty) or [`Timeout`](super::Outcome::Timeout) if a receive would
    /// block, [`Refused`](super::Outcome::Refused) without
    /// [`Capability::Poll`](super::Capability::Poll).
    fn poll(&mut self, wait: Wait) -> Result<(), Failure> {
        let _ = wait;
        Err(Failure::refused("this backend has no poll"))
    }

    /// Writes below the message layer, to test how the other side treats malformed input: the header of a
    /// message of this length, if there is one, and then the bytes as they are; of both together only
    /// this part.
    ///
    /// # Errors
    /// As [`send`](PipeEnd::send); [`Refused`](super::Outcome::Refused) without
    /// [`Capability::Raw`](super::Capability::Raw).
    fn raw(&mut self, length: Option<i64>, bytes: &[u8], part: Range<u64>) -> Result<(), Failure> {
        let _ = (length, bytes, part);
        Err(Failure::refused(
            "this backend has no layer below its messages",
        ))
    }

    /// Closes the sending direction only. The other side then sees end of stream.
    ///
    /// # Errors
    /// The library's error; [`Refused`](super::Outcome::Refused) without
    /// [`Capability::HalfClose`](super::Capability::HalfClose).
    fn half_close(&mut self) -> Result<(), Failure> {
        Err(Failure::refused("this backend can't close one direction"))
    }

    /// Clones this end for another thread of the same process.
    ///
    /// # Errors
    /// [`Refused`](super::Outcome::Refused) without
    /// [`Capability::Threads`](super::Capability::Threads).
    fn share(&self) -> Result<Box<dyn PipeEnd>, Failure> {
        Err(one_thread_only())
    }

    /// Closes this end by the library's own call, if it has one.
    ///
    /// # Errors
    /// The library's error.
    fn close(self: Box<Self>) -> Result<(), Failure> {
        Ok(())
    }
}

/// A process's end of a stream. Dropping it closes it.
pub trait StreamEnd: Any + Send {
    /// Writes some of these bytes, from the first on, and waits for room as `wait` says. Returns
    /// how many it wrote, which is 0 only if there are none.
    ///
    /// # Errors
    /// [`Full`](super::Outcome::Full) if a try form finds no room,
    /// [`Timeout`](super::Outcome::Timeout) if a timed form doesn't find room in time,
    /// [`Gone`](super::Outcome::Gone) if the other side has no live end any more,
    /// [`Refused`](super::Outcome::Refused) if this end only reads.
    fn write(&mut self, bytes: &[u8], wait: Wait) -> Result<usize, Failure>;

    /// Reads some bytes into the beginning of `bytes`, and waits for the first as `wait` says.
    /// Returns how many it read. Zero is right only if `bytes` is empty: end of stream is
    /// [`End`](super::Outcome::End).
    ///
    /// # Errors
    /// [`Empty`](super::Outcome::Empty) if a try form finds nothing,
    /// [`Timeout`](super::Outcome::Timeout) if a timed form finds nothing in time,
    /// [`End`](super::Outcome::End) if the other side has no live end any more and every byte was
    /// read, [`Refused`](super::Outcome::Refused) if this end only writes.
    fn read(&mut self, bytes: &mut [u8], wait: Wait) -> Result<usize, Failure>;

    /// Waits as `wait` says until a read wouldn't block: there are bytes, or end of stream.
    ///
    /// # Errors
    /// [`Empty`](super::Outcome::Empty) or [`Timeout`](super::Outcome::Timeout) if a read would
    /// block, [`Refused`](super::Outcome::Refused) without
    /// [`Capability::Poll`](super::Capability::Poll).
    fn poll(&mut self, wait: Wait) -> Result<(), Failure> {
        let _ = wait;
        Err(Failure::refused("this backend has no poll"))
    }

    /// Closes the writing direction only. The other side then sees end of stream.
    ///
    /// # Errors
    /// The library's error; [`Refused`](super::Outcome::Refused) without
    /// [`Capability::HalfClose`](super::Capability::HalfClose).
    fn half_close(&mut self) -> Result<(), Failure> {
        Err(Failure::refused("this backend can't close one direction"))
    }

    /// Clones this end for another thread of the same process.
    ///
    /// # Errors
    /// [`Refused`](super::Outcome::Refused) without
    /// [`Capability::Threads`](super::Capability::Threads).
    fn share(&self) -> Result<Box<dyn StreamEnd>, Failure> {
        Err(one_thread_only())
    }

    /// Closes this end by the library's own call, if it has one.
    ///
    /// # Errors
    /// The library's error.
    fn close(self: Box<Self>) -> Result<(), Failure> {
        Ok(())
    }
}

fn one_thread_only() -> Failure {
    Failure::refused("only one thread can use an end of this backend")
}

/// An endpoint's name in one process, to listen at and to connect to.
///
/// Every process that listens or connects has one. Attaching binds nothing: the name exists from
/// the first [`listen`](Endpoint::listen) on. Dropping it closes its listener.
pub trait Endpoint: Any + Send {
    /// Binds the name and listens. With `replace`, takes the name over from another listener, by
    /// the library's own option.
    ///
    /// # Errors
    /// [`Taken`](super::Outcome::Taken) if the name belongs to another listener,
    /// [`Refused`](super::Outcome::Refused) if the name is too long.
    fn listen(&mut self, replace: bool) -> Result<(), Failure>;

    /// Takes the next connection, and waits for it as `wait` says.
    ///
    /// # Errors
    /// [`Empty`](super::Outcome::Empty) if a try form finds no connection,
    /// [`Timeout`](super::Outcome::Timeout) if a timed form doesn't find one in time,
    /// [`Denied`](super::Outcome::Denied) if the channel has a key and the client doesn't know it,
    /// [`Closed`](super::Outcome::Closed) if this process doesn't listen.
    fn accept(&mut self, wait: Wait) -> Result<Accepted, Failure>;

    /// Connects, with this key if there is one. Only a backend that declares
    /// [`Capability::Authentication`](super::Capability::Authentication) sees a key.
    ///
    /// # Errors
    /// [`Absent`](super::Outcome::Absent) if no process listens at the name,
    /// [`Denied`](super::Outcome::Denied) if this process has no permission or the keys differ,
    /// [`Full`](super::Outcome::Full) if a try form finds no room in the backlog,
    /// [`Timeout`](super::Outcome::Timeout) if a timed form runs out of time.
    fn connect(&mut self, key: Option<&str>, wait: Wait) -> Result<Box<dyn PipeEnd>, Failure>;

    /// Stops listening, by the library's own call.
    ///
    /// # Errors
    /// The library's error.
    fn close(&mut self) -> Result<(), Failure>;
}

/// A connection that another process made.
pub struct Accepted {
    /// This process's end of the connection.
    pub connection: Box<dyn PipeEnd>,
    /// The number of the process that connected, if the library reports it.
    pub peer: Option<u32>,
}
