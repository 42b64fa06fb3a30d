//! Pipes and streams over [`std::io::pipe`]: the reference, which needs only std.
//!
//! A stream is one such pipe. The adapter makes a duplex channel of two pipes. On Unix it also adds
//! poll and the try and timed forms of receiving: std's pipe only blocks, so the adapter first asks
//! the system whether a read would block.

use std::io::{self, PipeReader, PipeWriter};

use super::transport::handles::{self, OneWay, Pipes};
use super::transport::polled::{BlockingOnly, Polled};
use super::transport::{ByteBackend, Halves, Transport};
use crate::backend::{
    About, Backend, Capabilities, Capability, Channel, Failure, Host, Key, Kind, Opened, Parcel,
    Side, System,
};
use crate::backends::versions;
use crate::os::spawn_lock;

/// The backends `pipe:std/pipe` and `stream:std/pipe`.
pub type StdPipe = ByteBackend<IoPipe>;

/// Returns the key of the reference pipe.
pub(crate) fn pipe_key() -> Key {
    StdPipe::pipe().key()
}

/// [`std::io::pipe`], with its [`PipeReader`] and [`PipeWriter`].
#[derive(Clone, Copy, Debug)]
pub struct IoPipe;

impl Transport for IoPipe {
    const NAME: &'static str = "std/pipe";

    fn about() -> About {
        versions::std("io::pipe")
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
                Capability::TimedJoin,
            ]);
        if system.is_unix() {
            capabilities = capabilities
                .native([Capability::Signals, Capability::Fork])
                .composed([
                    Capability::Poll,
                    Capability::PollSeveral,
                    Capability::TryGet,
                    Capability::TimedGet,
                ]);
        }
        if kind == Kind::Pipe {
            capabilities =
                capabilities.composed([Capability::Encoding, Capability::Buffer, Capability::Raw]);
        }
        if kind == Kind::Stream {
            // The bytes of several writers may come in any order. Framed messages would mix.
            capabilities = capabilities.native([Capability::SeveralProducers]);
        }
        Some(capabilities)
    }

    fn open(channel: &Channel, _host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        let _making = spawn_lock::making();
        let forward = OneWay::from(io::pipe()?);
        let backward = channel.duplex.then(io::pipe).transpose()?;
        Ok(Box::new(Pipes::new(forward, backward.map(OneWay::from))))
    }

    fn halves(side: Side, parcel: Parcel) -> Result<Halves, Failure> {
        let (from, to) = handles::directions(side, parcel)?;
        Ok(Halves {
            from: from.map(|from| Box::new(Polled(PipeReader::from(from))) as _),
            to: to.map(|to| Box::new(BlockingOnly(PipeWriter::from(to))) as _),
        })
    }
}
