//! The traits of a backend, of the harness that calls it, and of a channel between open and use.

use std::any::Any;
use std::io;
use std::path::Path;

use super::{
    About, Capabilities, Channel, Endpoint, Failure, Grant, Key, Outcome, PipeEnd, QueueEnd,
    StreamEnd, System, Wait,
};

/// One implementation of one kind of channel.
///
/// The harness calls a backend in several processes. They have the same backend, because they all
/// execute the same program, but they share no memory: whatever a process must know to use its
/// end travels in a [`Parcel`].
pub trait Backend: Any + Send + Sync {
    /// Returns the backend's name. It never changes.
    fn key(&self) -> Key;

    /// Returns what the library can do on this operating system; `None` if the backend doesn't
    /// exist there.
    fn capabilities(&self, system: System) -> Option<Capabilities>;

    /// Makes a channel. Called once for each channel of a run, before any process has an end.
    ///
    /// # Errors
    /// The library's error. The run then ends without a verdict on the library.
    fn open(&self, channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure>;

    /// Makes a process's end from its parcel, in that process. The end must be of the channel's
    /// kind.
    ///
    /// # Errors
    /// The library's error. The run then ends without a verdict on the library.
    fn attach(&self, channel: &Channel, grant: Grant, parcel: Parcel) -> Result<Attached, Failure>;

    /// Returns which library this is, in which version, and how the backend uses it.
    fn about(&self) -> About {
        About::from(self.key().name)
    }

    /// Waits until at least one of several pipes, or of several streams, can be received from.
    /// Returns one result for each end: `Ok` if a receive wouldn't block, else [`Outcome::Empty`],
    /// or [`Outcome::Timeout`] for all of them if the time ran out. Every end is one that this
    /// backend attached; [`Any`] gives its type back. Called only if
    /// [`Capability::PollSeveral`](super::Capability::PollSeveral) is declared.
    fn poll_several(&self, ends: &mut [&mut Attached], wait: Wait) -> Vec<Result<(), Failure>> {
        let _ = wait;
        let refused = Failure::refused("this backend can't poll several ends at once");
        ends.iter().map(|_| Err(refused.clone())).collect()
    }

    /// Does what the library does when a process that used it exits in an orderly way, such as
    /// waiting until everything is sent. By then, every end of the process is closed or dropped.
    fn at_exit(&self) {}

    /// Runs a helper process that [`Host::start_helper`] started. The process exits when this
    /// returns.
    ///
    /// # Errors
    /// Any error, which the harness reports as the backend's.
    fn help(&self, parcel: Parcel) -> io::Result<()> {
        drop(parcel);
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "this backend has no helper process",
        ))
    }
}

/// What the harness offers to a backend that opens a channel.
pub trait Host {
    /// Returns a folder for the names and files of this run. The harness removes it after the run.
    fn folder(&self) -> &Path;

    /// Returns the seed for the backend's own random choices, if it makes any; 0 asks for none.
    fn seed(&self) -> u64;

    /// Starts a process that runs [`Backend::help`] with this parcel. It must exit by itself when
    /// all ends of its channel are closed. If the harness dies, it has some seconds for that before
    /// it is killed.
    ///
    /// # Errors
    /// The system's error if the process can't be started;
    /// [`Unsupported`](io::ErrorKind::Unsupported) if a process of the case opens the channel.
    fn start_helper(&mut self, parcel: Parcel) -> io::Result<()>;
}

/// A channel that is open and whose ends aren't handed out yet.
///
/// The harness drops it after the last grant. The handles that it still has must close then, or no
/// process ever sees end of stream.
pub trait Opened {
    /// Returns the parcel for one process's end. Called once for each process and side. Several
    /// processes may have the same side, so a handle in a parcel is usually a duplicate.
    ///
    /// # Errors
    /// The library's error. The run then ends without a verdict on the library.
    fn grant(&mut self, grant: Grant) -> Result<Parcel, Failure>;

    /// Returns the parcel for the end that the opening process keeps, in place of
    /// [`grant`](Opened::grant). Called only if
    /// [`Capability::OpenInPeer`](super::Capability::OpenInPeer) is declared. If the library's
    /// handles are inheritable, this parcel has them as the library made them.
    ///
    /// # Errors
    /// As [`grant`](Opened::grant).
    fn keep(&mut self, grant: Grant) -> Result<Parcel, Failure> {
        self.grant(grant)
    }

    /// Called after the last `grant`. Start here anything that needs all ends.
    ///
    /// # Errors
    /// As [`grant`](Opened::grant).
    fn ready(self: Box<Self>, host: &mut dyn Host) -> Result<(), Failure> {
        let _ = host;
        Ok(())
    }
}

/// An operating-system handle that closes when dropped.
#[cfg(unix)]
pub type Handle = std::os::fd::OwnedFd;
/// An operating-system handle that closes when dropped.
#[cfg(windows)]
pub type Handle = std::os::windows::io::OwnedHandle;

/// An end on its way to a process.
#[derive(Debug, Default)]
pub struct Parcel {
    /// Anything that the backend needs to attach, such as a name.
    pub data: Vec<u8>,
    /// Handles that the process receives, in this order. They needn't be inheritable. The harness
    /// closes the originals after it has passed them on.
    pub handles: Vec<Handle>,
}

impl Parcel {
    /// Returns a parcel with these handles and no data.
    pub fn of(handles: impl IntoIterator<Item = Handle>) -> Parcel {
        Parcel {
            data: Vec::new(),
            handles: handles.into_iter().collect(),
        }
    }

    /// Takes the handles out of a parcel that has exactly `N` of them.
    ///
    /// # Errors
    /// [`Outcome::Error`] if it has another number of handles.
    pub fn into_handles<const N: usize>(self) -> Result<[Handle; N], Failure> {
        self.handles.try_into().map_err(|handles: Vec<Handle>| {
            let found = handles.len();
            let message = format!("the parcel has {found} handles instead of {N}");
            Failure::new(Outcome::Error, message)
        })
    }
}

/// A live end.
pub enum Attached {
    /// An end of a queue.
    Queue(Box<dyn QueueEnd>),
    /// An end of a pipe.
    Pipe(Box<dyn PipeEnd>),
    /// An end of a stream.
    Stream(Box<dyn StreamEnd>),
    /// A name to listen at and to connect to.
    Endpoint(Box<dyn Endpoint>),
}
