//! `interprocess::local_socket::tokio`: a Unix socket or a Windows named pipe, made by connecting to
//! a name, which is gone behind that.
//!
//! Its bytes go both ways. Try and timed forms are Tokio's timeouts around the library's futures,
//! which are dropped when the time is over.

use std::io;
#[cfg(unix)]
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::Duration;

use interprocess::local_socket::tokio::Stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::runtime::Runtime;
use crate::backend::transport::handles::only;
use crate::backend::transport::polled::{in_time, is_readable};
use crate::backend::transport::{ByteBackend, Halves, Sink, Source, Transport};
use crate::backend::{Failure, Handle, Host, Opened};
use crate::capability::{Capabilities, Capability};
use crate::channel::{Kind, Side};
use crate::plan::Channel;
use crate::system::System;

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

/// The backends `pipe:interprocess/tokio-local-socket` and `stream:interprocess/tokio-local-socket`.
pub type TokioLocalSocket = ByteBackend<TokioLocal>;

/// The library's [`Stream`] for Tokio.
#[derive(Clone, Copy, Debug)]
pub struct TokioLocal;

impl Transport for TokioLocal {
    const NAME: &'static str = "interprocess/tokio-local-socket";
    const ABOUT: &'static str = "interprocess 2.4: local_socket::tokio";

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
                Capability::Backpressure,
                Capability::OpenInPeer,
                Capability::Spawn,
            ])
            .composed([Capability::TryGet, Capability::TimedGet]);
        if system.is_unix() {
            capabilities = capabilities.composed([
                Capability::Poll,
                Capability::PollSeveral,
                Capability::HalfClose,
            ]);
        }
        if kind == Kind::Stream {
            capabilities = capabilities.composed([Capability::TryPut, Capability::TimedPut]);
        }
        Some(capabilities)
    }

    fn open(channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        system::open(channel, host)
    }

    fn halves(side: Side, handles: Vec<Handle>) -> Result<Halves, Failure> {
        let [handle] = only(handles)?;
        let runtime = Arc::new(Runtime::new()?);
        let stream = {
            let _entered = runtime.enter();
            Arc::new(system::from_handle(handle)?)
        };
        let half = || Shared {
            stream: Arc::clone(&stream),
            runtime: Arc::clone(&runtime),
        };
        let halves = Halves {
            from: (side != Side::Tx).then(|| Box::new(half()) as _),
            to: (side != Side::Rx).then(|| Box::new(half()) as _),
        };
        Ok(halves)
    }
}

/// A stream for one of its directions: a shared one reads and writes too.
struct Shared {
    stream: Arc<Stream>,
    runtime: Arc<Runtime>,
}

impl Source for Shared {
    fn read(&mut self, buffer: &mut [u8], within: Option<Duration>) -> io::Result<usize> {
        let mut stream = &*self.stream;
        self.runtime.complete(stream.read(buffer), within)
    }

    fn poll(&mut self, within: Option<Duration>) -> io::Result<()> {
        in_time(is_readable(system::waitable(&self.stream), within)?)
    }

    #[cfg(unix)]
    fn handle(&self) -> Option<BorrowedFd<'_>> {
        Some(system::waitable(&self.stream).as_fd())
    }
}

impl Sink for Shared {
    fn write(&mut self, bytes: &[u8], within: Option<Duration>) -> io::Result<usize> {
        let mut stream = &*self.stream;
        self.runtime.complete(stream.write(bytes), within)
    }

    fn close(&mut self) -> io::Result<()> {
        system::shutdown(&self.stream)
    }
}
