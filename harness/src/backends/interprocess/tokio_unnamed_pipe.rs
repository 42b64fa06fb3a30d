//! `interprocess::unnamed_pipe::tokio`: its ends are inheritable unless the program prevents it.
//!
//! If the process that opens the channel has an end, it keeps the library's own handle as the library
//! made it. Other processes get duplicates, which aren't inheritable. Try and timed forms are Tokio's
//! timeouts around the library's futures, which are dropped when the time is over.

use std::io;
#[cfg(unix)]
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::Duration;

use interprocess::unnamed_pipe::tokio::{Recver, Sender};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::runtime::Runtime;
use crate::backend::{
    About, Capabilities, Capability, Channel, Failure, Host, Kind, Opened, Parcel, Side, System,
};
use crate::backends::transport::bytes::{ByteSink, ByteSource};
use crate::backends::transport::handles::{self, Pipes};
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

/// The backends `pipe:interprocess/tokio-unnamed-pipe` and `stream:interprocess/tokio-unnamed-pipe`.
pub(crate) type TokioUnnamedPipe = ByteBackend<TokioUnnamed>;

/// The library's [`Sender`] and [`Recver`] for Tokio.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokioUnnamed;

impl Transport for TokioUnnamed {
    const NAME: &'static str = "interprocess/tokio-unnamed-pipe";

    fn about() -> About {
        versions::tokio("unnamed_pipe::tokio")
    }

    /// No fork: Tokio documents that a forked child must not use it ("Unix `fork`" in
    /// [`tokio::runtime`]).
    fn capabilities(kind: Kind, system: System) -> Option<Capabilities> {
        let mut capabilities = Capabilities::new()
            .native([
                Capability::EndOnClose,
                Capability::SnapshotAtPut,
                Capability::SeveralChannels,
                Capability::OpenInPeer,
                Capability::Spawn,
            ])
            .composed([
                Capability::Duplex,
                Capability::HalfClose,
                Capability::Threads,
            ]);
        if system.is_unix() {
            // On Windows one write of any length is accepted at once.
            capabilities = capabilities
                .native([Capability::Backpressure, Capability::Signals])
                .composed([
                    Capability::Poll,
                    Capability::PollSeveral,
                    Capability::TryGet,
                    Capability::TimedGet,
                ]);
            if kind == Kind::Stream {
                capabilities = capabilities.composed([Capability::TryPut, Capability::TimedPut]);
            }
        }
        Some(capabilities)
    }

    fn open(channel: &Channel, _host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        let inheritable = spawn_lock::inheritable();
        let runtime = Runtime::new()?;
        let _entered = runtime.enter();
        let forward = system::pipe()?;
        let backward = channel.duplex.then(system::pipe).transpose()?;
        Ok(Box::new(Pipes::new(forward, backward).holding(inheritable)))
    }

    fn halves(side: Side, parcel: Parcel) -> Result<Halves, Failure> {
        let (from, to) = handles::directions(side, parcel)?;
        let runtime = Arc::new(Runtime::new()?);
        let _entered = runtime.enter();
        let from = from.map(Recver::try_from).transpose()?;
        let to = to.map(Sender::try_from).transpose()?;
        let runtime = || Arc::clone(&runtime);
        let halves = Halves {
            from: from.map(|from| Box::new(TokioRecver(from, runtime())) as _),
            to: to.map(|to| Box::new(TokioSender(to, runtime())) as _),
        };
        Ok(halves)
    }
}

struct TokioRecver(Recver, Arc<Runtime>);

impl ByteSource for TokioRecver {
    fn read(&mut self, buffer: &mut [u8], within: Option<Duration>) -> io::Result<usize> {
        system::check_form(within)?;
        self.1.complete(self.0.read(buffer), within)
    }

    fn poll(&mut self, within: Option<Duration>) -> io::Result<()> {
        in_time(is_readable(&self.0, within)?)
    }

    #[cfg(unix)]
    fn handle(&self) -> Option<BorrowedFd<'_>> {
        Some(self.0.as_fd())
    }
}

struct TokioSender(Sender, Arc<Runtime>);

impl ByteSink for TokioSender {
    fn write(&mut self, bytes: &[u8], within: Option<Duration>) -> io::Result<usize> {
        system::check_form(within)?;
        self.1.complete(self.0.write(bytes), within)
    }
}
