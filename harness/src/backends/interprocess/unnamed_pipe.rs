//! `interprocess::unnamed_pipe`: its ends are inheritable unless the program prevents it.
//!
//! If the process that opens the channel has an end, it keeps the library's own handle as the library
//! made it. Other processes get duplicates, which aren't inheritable.

use interprocess::unnamed_pipe::{self, Recver, Sender};

use crate::backend::{
    About, Capabilities, Capability, Channel, Failure, Host, Kind, Opened, Parcel, Side, System,
};
use crate::backends::transport::handles::{self, OneWay, Pipes};
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

/// The backends `pipe:interprocess/unnamed-pipe` and `stream:interprocess/unnamed-pipe`.
pub(crate) type UnnamedPipe = ByteBackend<Unnamed>;

/// The library's [`Sender`] and [`Recver`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unnamed;

impl Transport for Unnamed {
    const NAME: &'static str = "interprocess/unnamed-pipe";

    fn about() -> About {
        versions::interprocess("unnamed_pipe")
    }

    fn capabilities(kind: Kind, system: System) -> Option<Capabilities> {
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
                .native([Capability::Signals, Capability::Fork, Capability::TryGet])
                .composed([
                    Capability::Poll,
                    Capability::PollSeveral,
                    Capability::TimedGet,
                ]);
            if kind == Kind::Stream {
                capabilities = capabilities.native([Capability::TryPut]);
            }
        }
        Some(capabilities)
    }

    fn open(channel: &Channel, _host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        let inheritable = spawn_lock::inheritable();
        let forward = one_way(unnamed_pipe::pipe()?);
        let backward = channel.duplex.then(unnamed_pipe::pipe).transpose()?;
        let pipes = Pipes::new(forward, backward.map(one_way));
        Ok(Box::new(pipes.holding(inheritable)))
    }

    fn halves(side: Side, parcel: Parcel) -> Result<Halves, Failure> {
        let (from, to) = handles::directions(side, parcel)?;
        let halves = Halves {
            from: from.map(|from| Box::new(system::source(Recver::from(from))) as _),
            to: to.map(|to| Box::new(system::sink(Sender::from(to))) as _),
        };
        Ok(halves)
    }
}

fn one_way((to, from): (Sender, Recver)) -> OneWay {
    OneWay::from((from, to))
}
