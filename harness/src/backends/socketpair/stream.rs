//! Stream sockets: bytes, both ways.

use rustix::net::SocketType;

use super::{Socket, pair};
use crate::backend::{
    About, Capabilities, Capability, Channel, Failure, Host, Kind, Opened, Parcel, Side, System,
};
use crate::backends::transport::{ByteBackend, Halves, Transport};
use crate::backends::versions;

/// The backends `pipe:unix/stream-socketpair` and `stream:unix/stream-socketpair`.
pub(crate) type StreamSocketpair = ByteBackend<StreamSocket>;

/// Sockets of SOCK_STREAM.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StreamSocket;

impl Transport for StreamSocket {
    const NAME: &'static str = "unix/stream-socketpair";

    fn about() -> About {
        versions::kernel("socketpair of SOCK_STREAM")
    }

    fn capabilities(kind: Kind, system: System) -> Option<Capabilities> {
        let mut capabilities = Capabilities::new().native([
            Capability::Poll,
            Capability::PollSeveral,
            Capability::TryGet,
            Capability::TimedGet,
            Capability::Duplex,
            Capability::HalfClose,
            Capability::EndOnClose,
            Capability::SnapshotAtPut,
            Capability::Threads,
            Capability::SeveralChannels,
            Capability::Backpressure,
            Capability::OpenInPeer,
            Capability::Spawn,
            Capability::Signals,
            Capability::Fork,
        ]);
        if kind == Kind::Stream {
            capabilities = capabilities.native([Capability::TryPut, Capability::TimedPut]);
        }
        system.is_unix().then_some(capabilities)
    }

    fn open(channel: &Channel, _host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        Ok(Box::new(pair(SocketType::STREAM, channel.duplex)?))
    }

    fn halves(side: Side, parcel: Parcel) -> Result<Halves, Failure> {
        let [handle] = parcel.into_handles()?;
        let socket = Socket::new(handle);
        Ok(Halves::at(side, || socket.clone()))
    }
}
