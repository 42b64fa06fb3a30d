//! The backends over a library of bytes: streams, and pipes with framed messages.

use std::fmt;
use std::marker::PhantomData;

use super::chunks::ChunkSize;
use super::halves::Halves;
#[cfg(unix)]
use super::several;
#[cfg(unix)]
use crate::backend::Wait;
use crate::backend::{
    About, Attached, Backend, Capabilities, Capability, Channel, Failure, Grant, Host, Key, Kind,
    Opened, Parcel, Side, System,
};
use crate::backends::check::check_kind;
use crate::backends::framing;

/// A library that moves bytes from one end to the other.
pub(crate) trait Transport: fmt::Debug + Send + Sync + 'static {
    /// The name of its backends.
    const NAME: &'static str;

    /// Returns which library this is, in which version, and how it is used.
    fn about() -> About;

    /// Returns the library's capabilities for this kind on this operating system, without framing;
    /// `None` if the library doesn't exist there.
    fn capabilities(kind: Kind, system: System) -> Option<Capabilities>;

    /// Makes a channel.
    fn open(channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure>;

    /// Returns the reading and writing halves for this side, made of the parcel's handles.
    fn halves(side: Side, parcel: Parcel) -> Result<Halves, Failure>;
}

/// A backend of pipes or of streams over the library `T`.
#[derive(Clone, Copy, Debug)]
pub struct ByteBackend<T> {
    kind: Kind,
    over: PhantomData<T>,
}

impl<T> ByteBackend<T> {
    /// Returns the backend of pipes, whose messages are framed.
    pub fn pipe() -> ByteBackend<T> {
        ByteBackend::of(Kind::Pipe)
    }

    /// Returns the backend of streams.
    pub fn stream() -> ByteBackend<T> {
        ByteBackend::of(Kind::Stream)
    }

    fn of(kind: Kind) -> ByteBackend<T> {
        let over = PhantomData;
        ByteBackend { kind, over }
    }
}

impl<T: Transport> Backend for ByteBackend<T> {
    fn key(&self) -> Key {
        Key::new(self.kind, T::NAME)
    }

    fn about(&self) -> About {
        match self.kind {
            Kind::Pipe => with_framing(T::about()),
            _ => T::about(),
        }
    }

    fn capabilities(&self, system: System) -> Option<Capabilities> {
        let capabilities = T::capabilities(self.kind, system)?;
        Some(match self.kind {
            Kind::Pipe => framed(capabilities),
            _ => capabilities,
        })
    }

    fn open(&self, channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        check_kind(self.kind, channel)?;
        T::open(channel, host)
    }

    fn attach(&self, channel: &Channel, grant: Grant, parcel: Parcel) -> Result<Attached, Failure> {
        check_kind(self.kind, channel)?;
        let chunks = ChunkSize::asked_for(&parcel.data);
        Ok(T::halves(grant.side, parcel)?.attach(chunks, self.kind))
    }

    #[cfg(unix)]
    fn poll_several(&self, ends: &mut [&mut Attached], wait: Wait) -> Vec<Result<(), Failure>> {
        several::poll_ends(ends, wait)
    }
}

/// Returns this description, and says that the harness adds framing.
pub(crate) fn with_framing(about: About) -> About {
    let mechanism = format!("{}, with messages framed by the harness", about.mechanism);
    about.by(mechanism)
}

/// Returns these capabilities and those that framing adds.
pub(crate) fn framed(capabilities: Capabilities) -> Capabilities {
    let mut framed = capabilities.composed([
        Capability::Boundaries,
        Capability::ZeroLength,
        Capability::Values,
    ]);
    framed.largest_message = Some(framing::LONGEST);
    framed
}
