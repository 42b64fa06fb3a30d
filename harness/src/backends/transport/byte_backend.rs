//! The backends that a library of bytes makes: a stream as it is, and a pipe by our framing.

use std::fmt;
use std::marker::PhantomData;

use super::chunks::ChunkSize;
use super::halves::Halves;
#[cfg(unix)]
use super::several;
#[cfg(unix)]
use crate::backend::Wait;
use crate::backend::{
    Attached, Backend, Capabilities, Capability, Channel, Failure, Grant, Host, Key, Kind, Opened,
    Parcel, Side, System,
};
use crate::backends::check::check_kind;
use crate::backends::framing;

/// A library that moves bytes from one end to the other.
pub(crate) trait Transport: fmt::Debug + Send + Sync + 'static {
    /// What its backends are called.
    const NAME: &'static str;

    /// Which library, which version, by what means.
    const ABOUT: &'static str;

    /// What it can do for a channel of this kind on this operating system, but for our framing;
    /// `None` where it doesn't exist.
    fn capabilities(kind: Kind, system: System) -> Option<Capabilities>;

    /// Makes a channel.
    fn open(channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure>;

    /// How the process at this side reads and writes that was given these handles.
    fn halves(side: Side, parcel: Parcel) -> Result<Halves, Failure>;
}

/// A backend of pipes or of streams over the library `T`.
#[derive(Clone, Copy, Debug)]
pub struct ByteBackend<T> {
    kind: Kind,
    over: PhantomData<T>,
}

impl<T> ByteBackend<T> {
    /// Whole messages, framed by us.
    pub fn pipe() -> ByteBackend<T> {
        ByteBackend::of(Kind::Pipe)
    }

    /// Bytes.
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

    fn about(&self) -> String {
        match self.kind {
            Kind::Pipe => format!("{}, with messages framed by the harness", T::ABOUT),
            _ => T::ABOUT.to_owned(),
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
        let pieces = ChunkSize::asked_for(&parcel.data);
        Ok(T::halves(grant.side, parcel)?.attach(pieces, self.kind))
    }

    #[cfg(unix)]
    fn poll_several(&self, ends: &mut [&mut Attached], wait: Wait) -> Vec<Result<(), Failure>> {
        several::poll_ends(ends, wait)
    }
}

/// These, and what our framing adds.
pub(crate) fn framed(capabilities: Capabilities) -> Capabilities {
    let mut framed = capabilities.composed([
        Capability::Boundaries,
        Capability::ZeroLength,
        Capability::Values,
    ]);
    framed.largest_message = Some(framing::LONGEST);
    framed
}
