//! The entries of a spool's pipe.

/// The place of a message.
pub(super) struct Slip {
    /// The number of the sender's file.
    pub(super) number: u64,
    /// The offset of its first byte.
    pub(super) offset: u64,
    /// The number of its bytes.
    pub(super) length: u64,
}

impl Slip {
    /// Far below the 512 bytes that every POSIX system writes in one piece.
    pub(super) const SIZE: usize = 24;

    pub(super) fn to_bytes(&self) -> [u8; Slip::SIZE] {
        let mut bytes = [0; Slip::SIZE];
        let words = [self.number, self.offset, self.length];
        for (place, word) in bytes.chunks_exact_mut(8).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    pub(super) fn from_bytes(bytes: [u8; Slip::SIZE]) -> Slip {
        let (words, _) = bytes.as_chunks();
        let [number, offset, length] = [0, 1, 2].map(|place| u64::from_le_bytes(words[place]));
        Slip {
            number,
            offset,
            length,
        }
    }
}
