//! `interprocess::local_socket::tokio`: a Unix socket or a Windows named pipe, made by connecting to a
//! name, which is removed after that.
//!
//! Its bytes go both ways. Try and timed forms are Tokio's timeouts around the library's futures,
//! which are dropped when the time is over.

use std::io;
#[cfg(unix)]
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use interprocess::local_socket::tokio::Stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::runtime::{self, Runtime};
use crate::backend::{
    About, Capabilities, Capability, Channel, Failure, Handle, Host, Kind, Opened, Parcel, Side,
    System,
};
use crate::backends::transport::bytes::{ByteSink, ByteSource};
use crate::backends::transport::half::lock;
use crate::backends::transport::polled::{in_time, is_readable};
use crate::backends::transport::{ByteBackend, Halves, Transport};
use crate::backends::versions;

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

/// The backends `pipe:interprocess/tokio-local-socket` and `stream:interprocess/tokio-local-socket`.
pub(crate) type TokioLocalSocket = ByteBackend<TokioLocal>;

/// The library's [`Stream`] for Tokio.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokioLocal;

impl Transport for TokioLocal {
    const NAME: &'static str = "interprocess/tokio-local-socket";

    fn about() -> About {
        versions::tokio("local_socket::tokio")
    }

    /// No fork: Tokio documents that a forked child must not use it ("Unix `fork`" in
    /// [`tokio::runtime`]).
    fn capabilities(kind: Kind, system: System) -> Option<Capabilities> {
        let mut capabilities = Capabilities::new()
            .native([
                Capability::Duplex,
                Capability::EndOnClose,
                Capability::SnapshotAtPut,
                Capability::Threads,
                Capability::SeveralChannels,
                Capability::OpenInPeer,
                Capability::Spawn,
            ])
            .composed([Capability::TryGet, Capability::TimedGet]);
        if system.is_unix() {
            // On Windows one write of any length is accepted at once.
            capabilities = capabilities
                .native([Capability::Backpressure, Capability::Signals])
                .composed([
                    Capability::Poll,
                    Capability::PollSeveral,
                    Capability::HalfClose,
                ]);
        }
        if kind == Kind::Stream && system.is_unix() {
            capabilities = capabilities.composed([Capability::TryPut, Capability::TimedPut]);
        }
        Some(capabilities)
    }

    fn open(channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        system::open(channel, host)
    }

    fn halves(side: Side, parcel: Parcel) -> Result<Halves, Failure> {
        let [handle] = parcel.into_handles()?;
        let stream = Arc::new(OwnStream::new(handle)?);
        Ok(Halves::at(side, || TokioHalf(Arc::clone(&stream))))
    }
}

/// A stream in its own runtime, from its first use on. On Windows a runtime that has a handle keeps it
/// from the runtimes of other processes, so an unused end must not take it.
struct OwnStream {
    stream: OnceLock<Stream>,
    unused: Mutex<Option<Handle>>,
    runtime: Runtime,
}

impl OwnStream {
    fn new(handle: Handle) -> io::Result<OwnStream> {
        Ok(OwnStream {
            stream: OnceLock::new(),
            unused: Mutex::new(Some(handle)),
            runtime: runtime::going_on()?,
        })
    }

    fn stream(&self) -> io::Result<&Stream> {
        let mut unused = lock(&self.unused);
        if let Some(handle) = unused.take() {
            let _entered = self.runtime.enter();
            let stream = system::from_handle(handle)?;
            self.stream.get_or_init(|| stream);
        }
        let failed = || io::Error::other("its first use has failed");
        self.stream.get().ok_or_else(failed)
    }
}

/// One direction of a stream. A shared reference reads and writes too.
struct TokioHalf(Arc<OwnStream>);

impl ByteSource for TokioHalf {
    fn read(&mut self, buffer: &mut [u8], within: Option<Duration>) -> io::Result<usize> {
        let mut stream = self.0.stream()?;
        self.0.runtime.complete(stream.read(buffer), within)
    }

    fn poll(&mut self, within: Option<Duration>) -> io::Result<()> {
        in_time(is_readable(system::waitable(self.0.stream()?), within)?)
    }

    #[cfg(unix)]
    fn handle(&self) -> Option<BorrowedFd<'_>> {
        // If the stream can't be used, the read reports it.
        let stream = self.0.stream().ok()?;
        Some(system::waitable(stream).as_fd())
    }
}

impl ByteSink for TokioHalf {
    fn write(&mut self, bytes: &[u8], within: Option<Duration>) -> io::Result<usize> {
        system::check_writing(within)?;
        let mut stream = self.0.stream()?;
        self.0.runtime.complete(stream.write(bytes), within)
    }

    fn close(&mut self) -> io::Result<()> {
        system::shutdown(self.0.stream()?)
    }
}
