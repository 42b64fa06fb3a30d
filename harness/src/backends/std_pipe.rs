//! Pipes and streams over [`std::io::pipe`]: the reference, which needs nothing but std.
//!
//! A stream is such a pipe as it is. A duplex channel is two pipes, by our doing. Poll and the try
//! and timed forms of receiving are ours too, on Unix: std's pipe only blocks, so we ask the system
//! first whether it would.

use std::io::{self, PipeReader, PipeWriter};

use super::transport::handles::{self, OneWay, Pipes};
use super::transport::polled::{BlockingOnly, Polled};
use super::transport::{ByteBackend, Halves, Transport};
use crate::backend::{
    Backend, Capabilities, Capability, Channel, Failure, Host, Key, Kind, Opened, Parcel, Side,
    System,
};
use crate::os::inheritance;

/// The backends `pipe:std/pipe` and `stream:std/pipe`.
pub type StdPipe = ByteBackend<IoPipe>;

/// The key of the reference pipe.
pub(crate) fn pipe_key() -> Key {
    StdPipe::pipe().key()
}

/// [`std::io::pipe`], and what std makes of its ends.
#[derive(Clone, Copy, Debug)]
pub struct IoPipe;

impl Transport for IoPipe {
    const NAME: &'static str = "std/pipe";
    const ABOUT: &'static str = "std::io::pipe";

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
            capabilities = capabilities.native([Capability::Fork]).composed([
                Capability::Poll,
                Capability::PollSeveral,
                Capability::TryGet,
                Capability::TimedGet,
            ]);
        }
        if kind == Kind::Stream {
            // Whose bytes come first is open. Messages of several, which we cut, would mingle.
            capabilities = capabilities.native([Capability::SeveralProducers]);
        }
        Some(capabilities)
    }

    fn open(channel: &Channel, _host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        let _making = inheritance::making();
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
