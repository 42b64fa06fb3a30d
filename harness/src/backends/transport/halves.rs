//! Both directions of an end, before it is live.

use super::byte_end::ByteEnd;
use super::bytes::{ByteSink, ByteSource};
use super::chunks::ChunkSize;
use super::half::{Half, ONLY_RECEIVES, ONLY_SENDS};
use super::message_end::MessageEnd;
use crate::backend::{Attached, Kind, Side};

/// What one process has of a channel; none where its side has none.
pub(crate) struct Halves {
    pub(crate) from: Option<Box<dyn ByteSource>>,
    pub(crate) to: Option<Box<dyn ByteSink>>,
}

impl Halves {
    /// Both directions of what goes both ways: each has a half of its own.
    pub(crate) fn both<H: ByteSource + ByteSink + 'static>(half: impl Fn() -> H) -> Halves {
        Halves {
            from: Some(Box::new(half())),
            to: Some(Box::new(half())),
        }
    }

    /// Those that this side has of what goes both ways, whether or not the channel does.
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

    /// The live end that they make of a channel of this kind, which reads and writes messages in
    /// such pieces.
    pub(crate) fn attach(self, pieces: ChunkSize, kind: Kind) -> Attached {
        let from = Half::of(self.from, ONLY_SENDS);
        let to = Half::of(self.to, ONLY_RECEIVES);
        match kind {
            Kind::Pipe => Attached::Pipe(Box::new(MessageEnd::new(from, to, pieces))),
            _ => Attached::Stream(Box::new(ByteEnd::new(from, to))),
        }
    }
}
