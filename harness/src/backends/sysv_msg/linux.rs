//! The queue on Linux, and the helper process that owns it.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind, PipeReader, PipeWriter, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use self::sys::Waits;
use super::limits::MsgLimits;
use crate::backend::{
    Attached, Failure, Grant, Handle, Host, Opened, Outcome, Parcel, QueueEnd, Wait,
};
use crate::os::noted_queue::{NotedQueue, QueueId};

mod sys;

/// Returns the limits of this system; `None` if it was built without these queues.
pub(super) fn limits() -> Option<MsgLimits> {
    let read = |name: &str| -> Option<u64> {
        let text = fs::read_to_string(format!("/proc/sys/kernel/{name}")).ok()?;
        text.trim().parse().ok()
    };
    Some(MsgLimits {
        length: read("msgmax")?,
        total: read("msgmnb")?,
    })
}

/// A queue. Its helper keeps it while a process holds an end of this pipe.
struct MsgQueue {
    id: QueueId,
    keeping: PipeWriter,
}

pub(super) fn open(host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
    let (until, keeping) = io::pipe()?;
    let (mut answer, answering) = io::pipe()?;
    let data = host.folder().as_os_str().as_bytes().to_vec();
    let handles = vec![until.into(), answering.into()];
    host.start_helper(Parcel { data, handles })?;
    let mut made = [0; size_of::<QueueId>()];
    answer.read_exact(&mut made).map_err(|error| {
        let message = format!("its helper made no queue: {error}");
        Failure::new(Outcome::Error, message)
    })?;
    Ok(Box::new(MsgQueue {
        id: QueueId::from_le_bytes(made),
        keeping,
    }))
}

/// Runs the helper: makes a queue, reports its number, and removes it when all processes have closed
/// their end of the pipe.
pub(super) fn help(parcel: Parcel) -> io::Result<()> {
    let [until, answering] = two(parcel.handles)?;
    let queue = NotedQueue::make(Path::new(OsStr::from_bytes(&parcel.data)))?;
    let reported = PipeWriter::from(answering).write_all(&queue.id.to_le_bytes());
    // Nothing is ever written there: the read ends when the last writing end closes.
    let gone = PipeReader::from(until).read_to_end(&mut Vec::new());
    queue.remove()?;
    reported.and(gone).map(drop)
}

fn two(handles: Vec<Handle>) -> io::Result<[Handle; 2]> {
    handles.try_into().map_err(|handles: Vec<Handle>| {
        let found = handles.len();
        let message = format!("the parcel has {found} handles instead of 2");
        io::Error::new(ErrorKind::InvalidInput, message)
    })
}

impl Opened for MsgQueue {
    fn grant(&mut self, _grant: Grant) -> Result<Parcel, Failure> {
        Ok(Parcel {
            data: self.id.to_le_bytes().to_vec(),
            handles: vec![self.keeping.try_clone()?.into()],
        })
    }
}

pub(super) fn attach(parcel: Parcel) -> Result<Attached, Failure> {
    let id = parcel
        .data
        .as_slice()
        .try_into()
        .map(QueueId::from_le_bytes);
    let (Ok(id), Some(keeping)) = (id, parcel.handles.into_iter().next()) else {
        let message = "the parcel has no number or no handle";
        return Err(Failure::new(Outcome::Error, message));
    };
    let longest = limits().map_or(0, |limits| limits.length as usize);
    Ok(Attached::Queue(Box::new(MsgEnd {
        queue: MsgQueue {
            id,
            keeping: keeping.into(),
        },
        longest,
        longs: Vec::new(),
    })))
}

struct MsgEnd {
    queue: MsgQueue,
    /// The longest message in bytes.
    longest: usize,
    /// Room for a type and a message.
    longs: Vec<Long>,
}

/// A message begins with its type, which has this type in C.
type Long = libc::c_long;

/// The type of all messages.
const TYPE: Long = 1;

impl QueueEnd for MsgEnd {
    fn put(&mut self, item: &[u8], wait: Wait) -> Result<(), Failure> {
        let waits = waits(wait)?;
        self.longs.clear();
        self.longs.push(TYPE);
        self.longs
            .extend(item.chunks(size_of::<Long>()).map(|some| {
                let mut long = [0; size_of::<Long>()];
                long[..some.len()].copy_from_slice(some);
                Long::from_ne_bytes(long)
            }));
        sys::send(self.queue.id, &self.longs, item.len(), waits)
            .map_err(|error| failure(&error, Outcome::Full))
    }

    fn get(&mut self, item: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        let waits = waits(wait)?;
        self.longs
            .resize(1 + self.longest.div_ceil(size_of::<Long>()), 0);
        let length = sys::receive(self.queue.id, &mut self.longs, waits)
            .map_err(|error| failure(&error, Outcome::Empty))?;
        item.clear();
        let longs = self.longs[1..].iter();
        item.extend(longs.flat_map(|long| long.to_ne_bytes()).take(length));
        Ok(())
    }

    fn share(&self) -> Result<Box<dyn QueueEnd>, Failure> {
        Ok(Box::new(MsgEnd {
            queue: MsgQueue {
                id: self.queue.id,
                keeping: self.queue.keeping.try_clone()?,
            },
            longest: self.longest,
            longs: Vec::new(),
        }))
    }
}

fn waits(wait: Wait) -> Result<Waits, Failure> {
    match wait {
        Wait::Deadline => Ok(Waits::Yes),
        Wait::Never => Ok(Waits::No),
        Wait::For(_) => Err(Failure::refused("msgsnd and msgrcv have no timed forms")),
    }
}

/// Returns what an error means; `cannot` is the outcome of a try form. A message whose send failed never
/// arrives.
fn failure(error: &io::Error, cannot: Outcome) -> Failure {
    let outcome = match error.raw_os_error() {
        Some(libc::EAGAIN | libc::ENOMSG) => cannot,
        // The message is too long. Nothing else about these calls can be invalid.
        Some(libc::EINVAL) => Outcome::Refused,
        Some(libc::EIDRM) => Outcome::Gone,
        _ => Outcome::Error,
    };
    Failure {
        definite: true,
        ..Failure::from_io(outcome, error)
    }
}

#[cfg(test)]
mod tests;
