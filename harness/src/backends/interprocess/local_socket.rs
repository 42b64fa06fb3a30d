//! `interprocess::local_socket`: a Unix socket or a Windows named pipe, made by connecting to a name,
//! which is removed after that.
//!
//! Its bytes go both ways. Try forms are its nonblocking mode. Timed forms are its timeouts, which named
//! pipes don't have.

use std::io::{self, Read, Write};
#[cfg(unix)]
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::Duration;

use interprocess::local_socket::ListenerOptions;
use interprocess::local_socket::prelude::*;

use super::{timed_out, without_blocking};
use crate::backend::{
    About, Capabilities, Capability, Channel, Failure, Host, Kind, Opened, Parcel, Side, System,
};
use crate::backends::transport::bytes::{ByteSink, ByteSource};
use crate::backends::transport::handles::Pair;
use crate::backends::transport::polled::{in_time, is_readable};
use crate::backends::transport::{ByteBackend, Halves, Transport};
use crate::backends::versions;
use crate::os::spawn_lock;

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub(super) use system::name;

/// The backends `pipe:interprocess/local-socket` and `stream:interprocess/local-socket`.
pub(crate) type LocalSocket = ByteBackend<Local>;

/// The library's [`LocalSocketStream`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Local;

impl Transport for Local {
    const NAME: &'static str = "interprocess/local-socket";

    fn about() -> About {
        versions::interprocess("local_socket")
    }

    fn capabilities(kind: Kind, system: System) -> Option<Capabilities> {
        let mut capabilities = Capabilities::new().native([
            Capability::TryGet,
            Capability::Duplex,
            Capability::EndOnClose,
            Capability::SnapshotAtPut,
            Capability::Threads,
            Capability::SeveralChannels,
            Capability::Backpressure,
            Capability::OpenInPeer,
            Capability::Spawn,
        ]);
        if system.is_unix() {
            capabilities = capabilities
                .native([Capability::Signals, Capability::Fork, Capability::TimedGet])
                .composed([
                    Capability::Poll,
                    Capability::PollSeveral,
                    Capability::HalfClose,
                ]);
        }
        if kind == Kind::Stream {
            capabilities = capabilities.native([Capability::TryPut]);
            if system.is_unix() {
                capabilities = capabilities.native([Capability::TimedPut]);
            }
        }
        Some(capabilities)
    }

    fn open(channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        let _making = spawn_lock::making();
        let name = name(host.folder(), &channel.name)?;
        let listener = ListenerOptions::new().name(name.borrow()).create_sync()?;
        let a = LocalSocketStream::connect(name)?;
        let b = listener.accept()?;
        Ok(Box::new(Pair {
            duplex: channel.duplex,
            a: system::into_handle(a),
            b: system::into_handle(b),
        }))
    }

    fn halves(side: Side, parcel: Parcel) -> Result<Halves, Failure> {
        let [handle] = parcel.into_handles()?;
        let stream = Arc::new(system::from_handle(handle)?);
        Ok(Halves::at(side, || LocalHalf(Arc::clone(&stream))))
    }
}

/// Returns both directions of a stream.
pub(super) fn halves_of(stream: LocalSocketStream) -> Halves {
    let stream = Arc::new(stream);
    Halves::both(|| LocalHalf(Arc::clone(&stream)))
}

/// One direction of a stream. A shared reference reads and writes too.
struct LocalHalf(Arc<LocalSocketStream>);

impl ByteSource for LocalHalf {
    fn read(&mut self, buffer: &mut [u8], within: Option<Duration>) -> io::Result<usize> {
        let mut stream = &*self.0;
        match within {
            None => stream.read(buffer),
            Some(Duration::ZERO) => without_blocking(
                &mut stream,
                |stream, on| stream.set_nonblocking(on),
                |stream| stream.read(buffer),
            ),
            Some(_) => {
                stream.set_recv_timeout(within)?;
                let read = stream.read(buffer);
                stream.set_recv_timeout(None)?;
                read.map_err(timed_out)
            }
        }
    }

    fn poll(&mut self, within: Option<Duration>) -> io::Result<()> {
        in_time(is_readable(system::waitable(&self.0), within)?)
    }

    #[cfg(unix)]
    fn handle(&self) -> Option<BorrowedFd<'_>> {
        Some(system::waitable(&self.0).as_fd())
    }
}

impl ByteSink for LocalHalf {
    fn write(&mut self, bytes: &[u8], within: Option<Duration>) -> io::Result<usize> {
        let mut stream = &*self.0;
        match within {
            None => stream.write(bytes),
            Some(Duration::ZERO) => without_blocking(
                &mut stream,
                |stream, on| stream.set_nonblocking(on),
                |stream| stream.write(bytes),
            ),
            Some(_) => {
                stream.set_send_timeout(within)?;
                let written = stream.write(bytes);
                stream.set_send_timeout(None)?;
                written.map_err(timed_out)
            }
        }
    }

    fn close(&mut self) -> io::Result<()> {
        system::shutdown(&self.0)
    }
}
