//! What a link carries.

use crate::backend::Handle;

/// One message with its handles.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    /// The message; see [`crate::peer::wire`] for its meaning.
    pub body: Vec<u8>,
    /// The handles that the message refers to, in its order.
    pub handles: Vec<Handle>,
}

/// What the harness sees on a link.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// The process sent something.
    Frame(Frame),
    /// The process has exited; or it was never started, and its starter has exited.
    Gone,
}

/// The longest accepted body, in bytes. No process sends a longer one.
const LONGEST: usize = 64 << 20;

/// The beginning of a frame: the length of its body and the number of its handles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameHeader {
    pub(super) body: usize,
    pub(super) handles: usize,
}

impl FrameHeader {
    pub(super) const LENGTH: usize = 8;

    pub(super) fn of(frame: &Frame) -> FrameHeader {
        FrameHeader {
            body: frame.body.len(),
            handles: frame.handles.len(),
        }
    }

    pub(super) fn to_bytes(self) -> [u8; FrameHeader::LENGTH] {
        (self.body as u64 | (self.handles as u64) << 32).to_le_bytes()
    }

    pub(super) fn from_bytes(bytes: [u8; FrameHeader::LENGTH]) -> std::io::Result<FrameHeader> {
        let word = u64::from_le_bytes(bytes);
        let header = FrameHeader {
            body: (word & 0xffff_ffff) as usize,
            handles: (word >> 32) as usize,
        };
        if header.body > LONGEST || header.handles > LONGEST {
            return Err(std::io::Error::other(
                "a frame of impossible size on the control link",
            ));
        }
        Ok(header)
    }
}
