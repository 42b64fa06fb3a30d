//! Pipes and streams over [`std::io::pipe`]: the reference, which needs nothing but std.
//!
//! A stream is such a pipe as it is. A duplex channel is two pipes, by our doing. Poll and the try
//! and timed forms of receiving are ours too, on Unix: std's pipe only blocks, so we ask the system
//! first whether it would.

use std::io::{self, PipeReader, PipeWriter};

use super::transport::handles::{self, OneWay, Pipes};
use super::transport::pieces::Pieces;
use super::transport::polled::{Blocking, Polled};
#[cfg(unix)]
use super::transport::several;
use super::transport::{Halves, check_kind, with_framing};
use super::{Attached, Backend, Failure, Handle, Host, Key, Opened, Parcel};
use crate::capability::{Capabilities, Capability};
use crate::channel::Kind;
use crate::inheritance;
#[cfg(unix)]
use crate::plan::Wait;
use crate::plan::{Channel, GivenEnd};
use crate::system::System;

/// The backends `pipe:std/pipe` and `stream:std/pipe`.
#[derive(Clone, Copy, Debug)]
pub struct StdPipe {
    kind: Kind,
}

/// In a parcel's data: write and read this end in tiny pieces.
pub(crate) const IN_PIECES: &[u8] = b"in pieces";

/// The key of the pipe, whose parcels understand [`IN_PIECES`].
pub(crate) fn pipe_key() -> Key {
    StdPipe::pipe().key()
}

impl StdPipe {
    /// Whole messages, framed by us.
    pub fn pipe() -> StdPipe {
        StdPipe { kind: Kind::Pipe }
    }

    /// Bytes.
    pub fn stream() -> StdPipe {
        StdPipe { kind: Kind::Stream }
    }
}

impl Backend for StdPipe {
    fn key(&self) -> Key {
        Key::new(self.kind, "std/pipe")
    }

    fn about(&self) -> String {
        match self.kind {
            Kind::Pipe => "std::io::pipe, with messages framed by the harness",
            _ => "std::io::pipe",
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
            capabilities = capabilities.native([Capability::Fork]).composed([
                Capability::Poll,
                Capability::PollSeveral,
                Capability::TryGet,
                Capability::TimedGet,
            ]);
        }
        if self.kind == Kind::Stream {
            // Whose bytes come first is open. Messages of several, which we cut, would mingle.
            capabilities = capabilities.native([Capability::SeveralProducers]);
        }
        Some(with_framing(self.kind, capabilities))
    }

    fn open(&self, channel: &Channel, _host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        check_kind(self.kind, channel)?;
        let _making = inheritance::making();
        let forward = OneWay::from(io::pipe()?);
        let backward = channel.duplex.then(io::pipe).transpose()?;
        Ok(Box::new(Pipes::new(forward, backward.map(OneWay::from))))
    }

    fn attach(
        &self,
        channel: &Channel,
        given: GivenEnd,
        parcel: Parcel,
    ) -> Result<Attached, Failure> {
        check_kind(self.kind, channel)?;
        let pieces = if parcel.data == IN_PIECES {
            Pieces::tiny()
        } else {
            Pieces::whole()
        };
        let (from, to) = handles::directions(given.end.side, parcel.handles)?;
        Ok(halves(from, to).attach_in(pieces, self.kind))
    }

    #[cfg(unix)]
    fn poll_several(&self, ends: &mut [&mut Attached], wait: Wait) -> Vec<Result<(), Failure>> {
        several::poll_ends(ends, wait)
    }
}

fn halves(from: Option<Handle>, to: Option<Handle>) -> Halves {
    Halves {
        from: from.map(|from| Box::new(Polled(PipeReader::from(from))) as _),
        to: to.map(|to| Box::new(Blocking(PipeWriter::from(to))) as _),
    }
}
