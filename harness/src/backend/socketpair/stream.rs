//! Stream sockets: bytes, both ways.

use rustix::net::SocketType;

use super::{Socket, pair};
use crate::backend::transport::handles::only;
use crate::backend::transport::several;
use crate::backend::transport::{Halves, check_kind, with_framing};
use crate::backend::{Attached, Backend, Failure, Host, Key, Opened, Parcel};
use crate::capability::{Capabilities, Capability};
use crate::channel::{Kind, Side};
use crate::plan::{Channel, GivenEnd, Wait};
use crate::system::System;

/// The backends `pipe:unix/stream-socketpair` and `stream:unix/stream-socketpair`.
#[derive(Clone, Copy, Debug)]
pub struct StreamSocketpair {
    kind: Kind,
}

impl StreamSocketpair {
    /// Whole messages, framed by us.
    pub fn pipe() -> StreamSocketpair {
        StreamSocketpair { kind: Kind::Pipe }
    }

    /// Bytes.
    pub fn stream() -> StreamSocketpair {
        StreamSocketpair { kind: Kind::Stream }
    }
}

impl Backend for StreamSocketpair {
    fn key(&self) -> Key {
        Key::new(self.kind, "unix/stream-socketpair")
    }

    fn about(&self) -> String {
        match self.kind {
            Kind::Pipe => "socketpair of SOCK_STREAM, with messages framed by the harness",
            _ => "socketpair of SOCK_STREAM",
        }
        .to_owned()
    }

    fn capabilities(&self, system: System) -> Option<Capabilities> {
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
            Capability::Fork,
        ]);
        if self.kind == Kind::Stream {
            capabilities = capabilities.native([Capability::TryPut, Capability::TimedPut]);
        }
        system
            .is_unix()
            .then(|| with_framing(self.kind, capabilities))
    }

    fn open(&self, channel: &Channel, _host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        check_kind(self.kind, channel)?;
        Ok(Box::new(pair(SocketType::STREAM, channel.duplex)?))
    }

    fn attach(
        &self,
        channel: &Channel,
        given: GivenEnd,
        parcel: Parcel,
    ) -> Result<Attached, Failure> {
        check_kind(self.kind, channel)?;
        let [handle] = only(parcel.handles)?;
        let socket = Socket::new(handle);
        let halves = Halves {
            from: (given.end.side != Side::Tx).then(|| Box::new(socket.clone()) as _),
            to: (given.end.side != Side::Rx).then(|| Box::new(socket.clone()) as _),
        };
        Ok(halves.attach(self.kind))
    }

    fn poll_several(&self, ends: &mut [&mut Attached], wait: Wait) -> Vec<Result<(), Failure>> {
        several::poll_ends(ends, wait)
    }
}
