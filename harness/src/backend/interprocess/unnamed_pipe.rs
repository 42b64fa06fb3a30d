//! `interprocess::unnamed_pipe`: its ends are inheritable unless somebody prevents it.
//!
//! Whoever opens the channel and has an end of it keeps the library's own handle, as the library
//! made it; what others are given are duplicates that nobody inherits.

use interprocess::unnamed_pipe::{self, Recver, Sender};

use crate::backend::transport::handles::{self, OneWay, Pipes};
#[cfg(unix)]
use crate::backend::transport::several;
use crate::backend::transport::{Halves, check_kind, with_framing};
use crate::backend::{Attached, Backend, Failure, Host, Key, Opened, Parcel};
use crate::capability::{Capabilities, Capability};
use crate::channel::Kind;
use crate::inheritance;
#[cfg(unix)]
use crate::plan::Wait;
use crate::plan::{Channel, GivenEnd};
use crate::system::System;

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

/// The backends `pipe:interprocess/unnamed-pipe` and `stream:interprocess/unnamed-pipe`.
#[derive(Clone, Copy, Debug)]
pub struct UnnamedPipe {
    kind: Kind,
}

impl UnnamedPipe {
    /// Whole messages, framed by us.
    pub fn pipe() -> UnnamedPipe {
        UnnamedPipe { kind: Kind::Pipe }
    }

    /// Bytes.
    pub fn stream() -> UnnamedPipe {
        UnnamedPipe { kind: Kind::Stream }
    }
}

impl Backend for UnnamedPipe {
    fn key(&self) -> Key {
        Key::new(self.kind, "interprocess/unnamed-pipe")
    }

    fn about(&self) -> String {
        match self.kind {
            Kind::Pipe => "interprocess 2.4: unnamed_pipe, with messages framed by the harness",
            _ => "interprocess 2.4: unnamed_pipe",
        }
        .to_owned()
    }

    fn capabilities(&self, system: System) -> Option<Capabilities> {
        let mut capabilities = Capabilities::new()
            .native([
                Capability::EndOnClose,
                Capability::SnapshotAtPut,
                Capability::SeveralChannels,
                Capability::Backpressure,
                Capability::OpenInPeer,
                Capability::Spawn,
            ])
            .composed([
                Capability::Duplex,
                Capability::HalfClose,
                Capability::Threads,
            ]);
        if system.is_unix() {
            capabilities = capabilities
                .native([Capability::Fork, Capability::TryGet])
                .composed([
                    Capability::Poll,
                    Capability::PollSeveral,
                    Capability::TimedGet,
                ]);
            if self.kind == Kind::Stream {
                capabilities = capabilities.native([Capability::TryPut]);
            }
        }
        Some(with_framing(self.kind, capabilities))
    }

    fn open(&self, channel: &Channel, _host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        check_kind(self.kind, channel)?;
        let inheritable = inheritance::inheritable();
        let forward = one_way(unnamed_pipe::pipe()?);
        let backward = channel.duplex.then(unnamed_pipe::pipe).transpose()?;
        let pipes = Pipes::new(forward, backward.map(one_way));
        Ok(Box::new(pipes.holding(inheritable)))
    }

    fn attach(
        &self,
        channel: &Channel,
        given: GivenEnd,
        parcel: Parcel,
    ) -> Result<Attached, Failure> {
        check_kind(self.kind, channel)?;
        let (from, to) = handles::directions(given.end.side, parcel.handles)?;
        let halves = Halves {
            from: from.map(|from| Box::new(system::source(Recver::from(from))) as _),
            to: to.map(|to| Box::new(system::sink(Sender::from(to))) as _),
        };
        Ok(halves.attach(self.kind))
    }

    #[cfg(unix)]
    fn poll_several(&self, ends: &mut [&mut Attached], wait: Wait) -> Vec<Result<(), Failure>> {
        several::poll_ends(ends, wait)
    }
}

fn one_way((to, from): (Sender, Recver)) -> OneWay {
    OneWay::from((from, to))
}
