//! Both directions of an end, before it is live.

use super::byte_end::ByteEnd;
use super::bytes::{ByteSink, ByteSource};
use super::chunks::ChunkSize;
use super::half::{ONLY_RECEIVES, ONLY_SENDS, OneDirection};
use super::message_end::MessageEnd;
use crate::backend::{Attached, Kind, Side};

/// The directions of one process's end; `None` for a direction that its side doesn't have.
pub(crate) struct Halves {
    pub(crate) from: Option<Box<dyn ByteSource>>,
    pub(crate) to: Option<Box<dyn ByteSink>>,
}

impl Halves {
    /// Returns both directions of a duplex handle, each with its own half.
    pub(crate) fn both<H: ByteSource + ByteSink + 'static>(half: impl Fn() -> H) -> Halves {
        Halves {
            from: Some(Box::new(half())),
            to: Some(Box::new(half())),
        }
    }

    /// Returns the directions that this side uses of a duplex handle. The channel may be one-way.
    pub(crate) fn at<H: ByteSource + ByteSink + 'static>(
        side: Side,
        half: impl Fn() -> H,
    ) -> Halves {
        let both = Halves::both(half);
        match side {
            Side::Tx => Halves { from: None, ..both },
            Side::Rx => Halves { to: None, ..both },
            _ => both,
        }
    }

    /// Returns the live end of a channel of this kind. A pipe reads and writes in chunks of this size.
    pub(crate) fn attach(self, chunks: ChunkSize, kind: Kind) -> Attached {
        let from = OneDirection::of(self.from, ONLY_SENDS);
        let to = OneDirection::of(self.to, ONLY_RECEIVES);
        match kind {
            Kind::Pipe => Attached::Pipe(Box::new(MessageEnd::new(from, to, chunks))),
            _ => Attached::Stream(Box::new(ByteEnd::new(from, to))),
        }
    }
}
