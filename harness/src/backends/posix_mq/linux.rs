//! The queue on Linux, where a queue's descriptor is a file descriptor.

use std::ffi::CString;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, OwnedFd};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::process::{Resource, getrlimit};

use self::sys::{Access, Attributes};
use super::limits::MqLimits;
use crate::backend::{Attached, Failure, Grant, Opened, Outcome, Parcel, QueueEnd, Wait};

mod sys;

/// The bytes that the system counts for a message besides its content: a `msg_msg` and a tree node.
const OVERHEAD: u64 = 128;

/// Returns the limits of this system; `None` if it was built without message queues.
///
/// All queues of a user share another limit. The longest message is chosen so that enough queues fit
/// for the trials that run at once.
pub(super) fn limits() -> Option<MqLimits> {
    let read = |name: &str| -> Option<u64> {
        let text = fs::read_to_string(format!("/proc/sys/fs/mqueue/{name}")).ok()?;
        text.trim().parse().ok()
    };
    let (messages, length) = (read("msg_max")?, read("msgsize_max")?);
    let at_once = 2 * thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let share = getrlimit(Resource::Msgqueue)
        .current
        .map_or(u64::MAX, |bytes| bytes / at_once / messages);
    let length = length.min(share.saturating_sub(OVERHEAD));
    (length > 0).then_some(MqLimits { messages, length })
}

/// One queue, opened twice.
struct MqHandles {
    waiting: OwnedFd,
    trying: OwnedFd,
}

pub(super) fn open(capacity: Option<u64>) -> Result<Box<dyn Opened>, Failure> {
    let limits =
        limits().ok_or_else(|| Failure::refused("this system was built without message queues"))?;
    let attributes = Attributes {
        messages: capacity.unwrap_or(limits.messages),
        length: limits.length,
    };
    let name = format!("/ipc-conformance-{:016x}", fastrand::u64(..));
    let name = CString::new(name).expect("hexadecimal digits have no NUL");
    let waiting = sys::create(&name, attributes).map_err(|error| {
        // EMFILE means too many descriptors, or too many bytes in all queues of the user.
        let hint = match error.raw_os_error() {
            Some(libc::EMFILE) => ": `ulimit -n` or `ulimit -q` is too small",
            _ => "",
        };
        let message = format!("{error}{hint}");
        Failure {
            message,
            ..Failure::from(error)
        }
    })?;
    // The queue stays until its last descriptor is closed.
    let trying = sys::open(&name, Access::Trying);
    sys::unlink(&name)?;
    Ok(Box::new(MqHandles {
        waiting,
        trying: trying?,
    }))
}

impl Opened for MqHandles {
    fn grant(&mut self, _grant: Grant) -> Result<Parcel, Failure> {
        Ok(Parcel::of([
            self.waiting.try_clone()?,
            self.trying.try_clone()?,
        ]))
    }
}

pub(super) fn attach(parcel: Parcel) -> Result<Attached, Failure> {
    let [waiting, trying] = parcel.into_handles()?;
    let longest = sys::attributes(waiting.as_fd())?.length as usize;
    Ok(Attached::Queue(Box::new(MqEnd {
        queue: MqHandles { waiting, trying },
        longest,
    })))
}

struct MqEnd {
    queue: MqHandles,
    /// The longest message of this queue in bytes.
    longest: usize,
}

impl QueueEnd for MqEnd {
    fn put(&mut self, item: &[u8], wait: Wait) -> Result<(), Failure> {
        let MqHandles { waiting, trying } = &self.queue;
        let sent = match wait {
            Wait::Deadline => sys::send(waiting.as_fd(), item, None),
            Wait::Never => sys::send(trying.as_fd(), item, None),
            Wait::For(time) => sys::send(waiting.as_fd(), item, Some(at(time))),
        };
        sent.map_err(|error| failure(&error, Outcome::Full))
    }

    fn get(&mut self, item: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        let MqHandles { waiting, trying } = &self.queue;
        item.resize(self.longest, 0);
        let received = match wait {
            Wait::Deadline => sys::receive(waiting.as_fd(), item, None),
            Wait::Never => sys::receive(trying.as_fd(), item, None),
            Wait::For(time) => sys::receive(waiting.as_fd(), item, Some(at(time))),
        };
        item.truncate(received.as_ref().map_or(0, |length| *length));
        received
            .map(drop)
            .map_err(|error| failure(&error, Outcome::Empty))
    }

    fn share(&self) -> Result<Box<dyn QueueEnd>, Failure> {
        let MqHandles { waiting, trying } = &self.queue;
        Ok(Box::new(MqEnd {
            queue: MqHandles {
                waiting: waiting.try_clone()?,
                trying: trying.try_clone()?,
            },
            longest: self.longest,
        }))
    }
}

/// Returns the real-time clock's time after this duration.
fn at(time: Duration) -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().saturating_add(time)
}

/// Returns what an error means; `cannot` is the outcome of a try form. A message whose send failed never
/// arrives.
fn failure(error: &io::Error, cannot: Outcome) -> Failure {
    let outcome = match error.kind() {
        ErrorKind::WouldBlock => cannot,
        ErrorKind::TimedOut => Outcome::Timeout,
        _ if error.raw_os_error() == Some(libc::EMSGSIZE) => Outcome::Refused,
        _ => Outcome::Error,
    };
    Failure {
        definite: true,
        ..Failure::from_io(outcome, error)
    }
}

#[cfg(test)]
mod tests;
