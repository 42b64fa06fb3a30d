//! The backend of endpoints over a library whose connections carry bytes, with framed messages.

use std::fmt;
use std::marker::PhantomData;
use std::path::Path;

#[cfg(unix)]
use crate::backend::Wait;
use crate::backend::{
    About, Attached, Backend, Capabilities, Channel, Endpoint, Failure, Grant, Host, Key, Kind,
    Opened, Parcel, System,
};
use crate::backends::check::check_kind;
#[cfg(unix)]
use crate::backends::transport::several;
use crate::backends::transport::{framed, with_framing};

/// A library with names to connect to, whose connections carry bytes.
pub(crate) trait EndpointTransport: fmt::Debug + Send + Sync + 'static {
    /// The name of its backend.
    const NAME: &'static str;

    /// Returns which library this is, in which version, and how it is used.
    fn about() -> About;

    /// Returns the library's capabilities on this operating system, without framing; `None` if the
    /// library doesn't exist there.
    fn capabilities(system: System) -> Option<Capabilities>;

    /// Returns a process's endpoint of this channel, with a name in the run's folder. Binds nothing.
    fn endpoint(folder: &Path, channel: &Channel) -> Box<dyn Endpoint>;
}

/// A backend of endpoints over the library `M`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EndpointBackend<M>(PhantomData<M>);

impl<M> Default for EndpointBackend<M> {
    fn default() -> EndpointBackend<M> {
        EndpointBackend(PhantomData)
    }
}

impl<M: EndpointTransport> Backend for EndpointBackend<M> {
    fn key(&self) -> Key {
        Key::new(Kind::Endpoint, M::NAME)
    }

    fn about(&self) -> About {
        with_framing(M::about())
    }

    fn capabilities(&self, system: System) -> Option<Capabilities> {
        M::capabilities(system).map(framed)
    }

    fn open(&self, channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        check_kind(Kind::Endpoint, channel)?;
        let folder = host.folder().to_str();
        let folder = folder
            .ok_or_else(|| Failure::refused("the run's folder has a name that is no text"))?;
        Ok(Box::new(OpenEndpoint {
            folder: folder.into(),
        }))
    }

    fn attach(
        &self,
        channel: &Channel,
        _grant: Grant,
        parcel: Parcel,
    ) -> Result<Attached, Failure> {
        check_kind(Kind::Endpoint, channel)?;
        let folder = str::from_utf8(&parcel.data);
        let folder = folder.map_err(|_| Failure::refused("the parcel names no folder"))?;
        Ok(Attached::Endpoint(M::endpoint(Path::new(folder), channel)))
    }

    #[cfg(unix)]
    fn poll_several(&self, ends: &mut [&mut Attached], wait: Wait) -> Vec<Result<(), Failure>> {
        several::poll_ends(ends, wait)
    }
}

/// An endpoint that every process finds by its name. Nothing is bound yet.
struct OpenEndpoint {
    folder: Vec<u8>,
}

impl Opened for OpenEndpoint {
    fn grant(&mut self, _grant: Grant) -> Result<Parcel, Failure> {
        Ok(Parcel {
            data: self.folder.clone(),
            handles: Vec::new(),
        })
    }
}
