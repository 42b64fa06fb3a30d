//! Sequenced-packet sockets, which keep message boundaries, on Linux.
//!
//! An empty message can be sent, but the receiver can't distinguish it from end of stream.

use std::any::Any;
use std::io;
use std::os::fd::BorrowedFd;

use rustix::net::{RecvFlags, SocketType, sockopt};

use super::{Socket, pair};
use crate::backend::{
    About, Attached, Backend, Capabilities, Capability, Channel, Failure, Grant, Host, Key, Kind,
    Opened, Outcome, Parcel, PipeEnd, Side, System, Wait,
};
use crate::backends::check::check_kind;
use crate::backends::transport::bytes::{ByteSource, read_failure, write_failure};
use crate::backends::transport::half::{ONLY_RECEIVES, ONLY_SENDS, OneDirection};
use crate::backends::transport::several::{self, ForeignEnd, PollResult, Pollable};
use crate::backends::versions;

/// The backend `pipe:unix/seqpacket-socketpair`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SeqpacketSocketpair;

/// The bytes of a socket's send buffer that Linux reserves (net/unix/af_unix.c, `unix_dgram_sendmsg`).
/// Linux refuses a longer message with EMSGSIZE.
const OVERHEAD: usize = 32;

impl Backend for SeqpacketSocketpair {
    fn key(&self) -> Key {
        Key::new(Kind::Pipe, "unix/seqpacket-socketpair")
    }

    fn about(&self) -> About {
        versions::kernel("socketpair of SOCK_SEQPACKET")
    }

    fn capabilities(&self, system: System) -> Option<Capabilities> {
        if system != System::Linux {
            return None;
        }
        let mut capabilities = Capabilities::new()
            .native([
                Capability::Poll,
                Capability::PollSeveral,
                Capability::TryGet,
                Capability::TryPut,
                Capability::TimedGet,
                Capability::TimedPut,
                Capability::Duplex,
                Capability::HalfClose,
                Capability::Boundaries,
                Capability::SeveralProducers,
                Capability::SeveralConsumers,
                Capability::EndOnClose,
                Capability::SnapshotAtPut,
                Capability::Threads,
                Capability::SeveralChannels,
                Capability::Backpressure,
                Capability::OpenInPeer,
                Capability::Spawn,
                Capability::Signals,
                Capability::Fork,
            ])
            .composed([Capability::Values]);
        // Without a pair to ask, the backend doesn't exist here.
        capabilities.largest_message = Some(longest().ok()?);
        Some(capabilities)
    }

    fn open(&self, channel: &Channel, _host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        check_kind(Kind::Pipe, channel)?;
        Ok(Box::new(pair(SocketType::SEQPACKET, channel.duplex)?))
    }

    fn attach(&self, channel: &Channel, grant: Grant, parcel: Parcel) -> Result<Attached, Failure> {
        check_kind(Kind::Pipe, channel)?;
        let [handle] = parcel.into_handles()?;
        let room = sockopt::socket_send_buffer_size(&handle).map_err(io::Error::from)?;
        let socket = Socket::new(handle);
        Ok(Attached::Pipe(Box::new(PacketEnd {
            from: OneDirection::of((grant.side != Side::Tx).then(|| socket.clone()), ONLY_SENDS),
            to: OneDirection::of(
                (grant.side != Side::Rx).then(|| Box::new(socket.clone())),
                ONLY_RECEIVES,
            ),
            room: vec![0; room],
        })))
    }

    fn poll_several(&self, ends: &mut [&mut Attached], wait: Wait) -> Vec<PollResult> {
        let pollable = ends.iter_mut().map(|end| pollable(end)).collect();
        several::poll(pollable, wait)
    }
}

fn pollable<'a>(end: &'a mut Attached) -> Box<dyn Pollable + 'a> {
    let Attached::Pipe(end) = end else {
        return Box::new(ForeignEnd);
    };
    let end: &mut dyn Any = end.as_mut();
    match end.downcast_mut::<PacketEnd>() {
        Some(end) => Box::new(end),
        None => Box::new(ForeignEnd),
    }
}

impl Pollable for &mut PacketEnd {
    fn handle(&mut self) -> Result<BorrowedFd<'_>, PollResult> {
        let socket = self.from.get().map_err(Err)?;
        socket.handle().ok_or(Ok(()))
    }
}

/// Returns the longest message, by the send buffer of a new socket.
fn longest() -> io::Result<u64> {
    let buffer = sockopt::socket_send_buffer_size(&pair(SocketType::SEQPACKET, false)?.a)?;
    Ok(buffer.saturating_sub(OVERHEAD) as u64)
}

struct PacketEnd {
    from: OneDirection<Socket>,
    to: OneDirection<Box<Socket>>,
    /// The buffer for a received message, whose length isn't known in advance.
    room: Vec<u8>,
}

impl PipeEnd for PacketEnd {
    fn send(&mut self, message: &[u8], wait: Wait) -> Result<(), Failure> {
        match self.to.get()?.send(message, wait.limit()) {
            Ok(sent) if sent == message.len() => Ok(()),
            Ok(sent) => {
                let said = format!("{sent} of {} bytes were sent", message.len());
                Err(Failure::new(Outcome::Error, said).indefinite())
            }
            Err(error)
                if error.raw_os_error() == Some(rustix::io::Errno::MSGSIZE.raw_os_error()) =>
            {
                Err(Failure::from_io(Outcome::Refused, &error))
            }
            Err(error) => Err(write_failure(&error, wait)),
        }
    }

    fn recv(&mut self, message: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        let received = self
            .from
            .get()?
            // With TRUNC, a message longer than the buffer reports its own length.
            .receive(&mut self.room, RecvFlags::TRUNC, wait.limit());
        let length = received.map_err(|error| read_failure(error, wait))?;
        if length == 0 {
            return Err(Failure::end());
        }
        let whole = self.room.get(..length).ok_or_else(|| {
            let room = self.room.len();
            let said = format!("a message of {length} bytes came, and was cut to {room}");
            Failure::new(Outcome::Error, said)
        })?;
        message.clear();
        message.extend_from_slice(whole);
        Ok(())
    }

    fn poll(&mut self, wait: Wait) -> Result<(), Failure> {
        let ready = self.from.get()?.poll(wait.limit());
        ready.map_err(|error| read_failure(error, wait))
    }

    fn half_close(&mut self) -> Result<(), Failure> {
        self.to.half_close()
    }

    fn share(&self) -> Result<Box<dyn PipeEnd>, Failure> {
        Ok(Box::new(PacketEnd {
            from: self.from.clone(),
            to: self.to.clone(),
            room: vec![0; self.room.len()],
        }))
    }
}
