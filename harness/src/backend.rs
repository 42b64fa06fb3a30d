//! What the author of a library writes: a backend, and the ends that it hands to processes.
//!
//! A backend opens channels in one process and attaches to their ends in others. What travels in
//! between is a [`Parcel`]: bytes and operating-system handles. The built-in backends use exactly
//! these traits.
//!
//! **An adapter never makes a library look better than it is, nor worse**: it calls the library as
//! documented, and reports what the library said.

use std::any::Any;
use std::fmt;
use std::io;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::Channel;

mod capability;
mod channel;
mod endpoint;
mod error_name;
mod failure;
mod outcome;
mod system;
mod wait;

pub use capability::{Capabilities, Capability, LargestDepth, Requirement, Support};
pub use channel::{End, Kind, Lane, Side};
pub use endpoint::{Accepted, Endpoint};
pub use error_name::{ErrorName, RawError};
pub use failure::Failure;
pub use outcome::Outcome;
pub use system::{Emulation, Platform, System};
pub use wait::{GivenEnd, Wait};

/// An operating-system handle that closes when dropped.
#[cfg(unix)]
pub type Handle = std::os::fd::OwnedFd;
/// An operating-system handle that closes when dropped.
#[cfg(windows)]
pub type Handle = std::os::windows::io::OwnedHandle;

/// A backend's name: the kind of channel that it implements, and which one it is.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Key {
    /// What it implements.
    pub kind: Kind,
    /// Its name among those, as in `std/pipe`.
    pub name: String,
}

impl Key {
    /// The backend of this kind with this name.
    pub fn new(kind: Kind, name: impl Into<String>) -> Key {
        Key {
            kind,
            name: name.into(),
        }
    }
}

/// As trial names and `--backend` write it: `pipe:std/pipe`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.name)
    }
}

/// One implementation of one kind of channel.
pub trait Backend: Any + Send + Sync {
    /// Its name.
    fn key(&self) -> Key;

    /// One line for people: which library, which version, by what means.
    fn about(&self) -> String;

    /// What it can do on this operating system; `None` where it doesn't exist.
    fn capabilities(&self, system: System) -> Option<Capabilities>;

    /// Makes a channel.
    fn open(&self, channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure>;

    /// Makes a live end of a parcel, in the process that is to use it.
    fn attach(
        &self,
        channel: &Channel,
        given: GivenEnd,
        parcel: Parcel,
    ) -> Result<Attached, Failure>;

    /// Asks of several ends, all of them pipes or all of them streams, whether something can be
    /// received; waits until of at least one. One answer for each end: ok if it can, else
    /// [`Outcome::Empty`], or [`Outcome::Timeout`] where the time ran out. The ends are this
    /// backend's own, to be known again by [`Any`].
    fn poll_several(&self, ends: &mut [&mut Attached], wait: Wait) -> Vec<Result<(), Failure>> {
        let _ = wait;
        let refused = Failure::refused("this backend can't poll several ends at once");
        ends.iter().map(|_| Err(refused.clone())).collect()
    }

    /// Does what the library does at the orderly exit of a process that used it, whose ends are all
    /// closed or dropped by now: what is still on its way may have to be waited for.
    fn at_exit(&self) {}

    /// Runs a helper process that [`Host::start_helper`] started; it exits when this returns.
    fn help(&self, parcel: Parcel) -> io::Result<()> {
        drop(parcel);
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "this backend has no helper process",
        ))
    }
}

/// What the process that opens a channel offers to a backend.
pub trait Host {
    /// A folder of this run's own, for names and files; it is removed behind the run.
    fn folder(&self) -> &Path;

    /// What a backend's own random choices follow from, if it makes any; 0 for none.
    fn seed(&self) -> u64;

    /// Starts a process that runs [`Backend::help`] with this parcel. It must exit by itself when
    /// all ends of its channel are closed, and has some seconds for that if the harness dies.
    fn start_helper(&mut self, parcel: Parcel) -> io::Result<()>;
}

/// A channel just opened. Dropped when all ends are granted, and with it every handle of ours.
pub trait Opened {
    /// The parcel for one process's end. Called once for each process and end.
    fn grant(&mut self, given: GivenEnd) -> Result<Parcel, Failure>;

    /// The parcel for the own end of the process that opens the channel, instead of a grant. A
    /// library whose ends are inherited unless somebody prevents it keeps them so here.
    fn keep(&mut self, given: GivenEnd) -> Result<Parcel, Failure> {
        self.grant(given)
    }

    /// Called behind the last grant, for what can only start when all ends are known.
    fn ready(self: Box<Self>, host: &mut dyn Host) -> Result<(), Failure> {
        let _ = host;
        Ok(())
    }
}

/// An end on its way to a process.
#[derive(Debug, Default)]
pub struct Parcel {
    /// What the backend needs to know to attach.
    pub data: Vec<u8>,
    /// What the operating system must hand over.
    pub handles: Vec<Handle>,
}

impl Parcel {
    /// A parcel of these handles alone.
    pub fn of(handles: impl IntoIterator<Item = Handle>) -> Parcel {
        Parcel {
            data: Vec::new(),
            handles: handles.into_iter().collect(),
        }
    }
}

/// A live end.
pub enum Attached {
    /// Of a queue.
    Queue(Box<dyn QueueEnd>),
    /// Of a pipe.
    Pipe(Box<dyn PipeEnd>),
    /// Of a stream.
    Stream(Box<dyn StreamEnd>),
    /// Not an end yet, but a name to listen at and to connect to.
    Endpoint(Box<dyn Endpoint>),
}

/// A process's end of a queue. Dropping it closes it.
pub trait QueueEnd: Any + Send {
    /// Puts an item at the tail.
    fn put(&mut self, item: &[u8], wait: Wait) -> Result<(), Failure>;

    /// Gets the item at the head into `item`, whose old content is replaced.
    fn get(&mut self, item: &mut Vec<u8>, wait: Wait) -> Result<(), Failure>;

    /// The same end for another thread of this process, by whatever means the library has for that.
    fn share(&self) -> Result<Box<dyn QueueEnd>, Failure> {
        Err(Failure::refused("an end of this backend is one thread's"))
    }

    /// Closes this process's end.
    fn close(self: Box<Self>) -> Result<(), Failure> {
        Ok(())
    }
}

/// A process's end of a pipe. Dropping it closes it.
pub trait PipeEnd: Any + Send {
    /// Sends a message.
    fn send(&mut self, message: &[u8], wait: Wait) -> Result<(), Failure>;

    /// Receives a message into `message`, whose old content is replaced.
    fn recv(&mut self, message: &mut Vec<u8>, wait: Wait) -> Result<(), Failure>;

    /// Whether something can be received: ok if it can, else [`Outcome::Empty`] or
    /// [`Outcome::Timeout`].
    fn poll(&mut self, wait: Wait) -> Result<(), Failure> {
        let _ = wait;
        Err(Failure::refused("this backend has no poll"))
    }

    /// Writes bytes beneath the messages, for the other side to make of them what it can.
    fn raw(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let _ = bytes;
        Err(Failure::refused(
            "nothing lies beneath this backend's messages",
        ))
    }

    /// Closes the sending direction only.
    fn half_close(&mut self) -> Result<(), Failure> {
        Err(Failure::refused("this backend can't close one direction"))
    }

    /// The same end for another thread of this process, by whatever means the library has for that.
    fn share(&self) -> Result<Box<dyn PipeEnd>, Failure> {
        Err(Failure::refused("an end of this backend is one thread's"))
    }

    /// Closes this process's end.
    fn close(self: Box<Self>) -> Result<(), Failure> {
        Ok(())
    }
}

/// A process's end of a stream. Dropping it closes it.
pub trait StreamEnd: Any + Send {
    /// Writes the first of these bytes; how many it took.
    fn write(&mut self, bytes: &[u8], wait: Wait) -> Result<usize, Failure>;

    /// Reads some bytes into the beginning of `bytes`; how many. Zero of a non-empty `bytes` is
    /// never right: the end is [`Outcome::End`].
    fn read(&mut self, bytes: &mut [u8], wait: Wait) -> Result<usize, Failure>;

    /// Whether something can be read: ok if it can, else [`Outcome::Empty`] or
    /// [`Outcome::Timeout`].
    fn poll(&mut self, wait: Wait) -> Result<(), Failure> {
        let _ = wait;
        Err(Failure::refused("this backend has no poll"))
    }

    /// Closes the writing direction only.
    fn half_close(&mut self) -> Result<(), Failure> {
        Err(Failure::refused("this backend can't close one direction"))
    }

    /// The same end for another thread of this process, by whatever means the library has for that.
    fn share(&self) -> Result<Box<dyn StreamEnd>, Failure> {
        Err(Failure::refused("an end of this backend is one thread's"))
    }

    /// Closes this process's end.
    fn close(self: Box<Self>) -> Result<(), Failure> {
        Ok(())
    }
}
