//! Cutting writes and reads into pieces, as an operating system may.

use std::io::{self, Read, Write};

/// In a parcel's data: write and read this end in tiny pieces.
pub(crate) const IN_PIECES: &[u8] = b"in pieces";

/// How long the next piece is.
#[derive(Clone, Debug)]
pub(crate) struct ChunkSize {
    tiny: bool,
    taken: usize,
}

impl ChunkSize {
    /// As a parcel's data say.
    pub(super) fn asked_for(data: &[u8]) -> ChunkSize {
        if data == IN_PIECES {
            ChunkSize::tiny()
        } else {
            ChunkSize::whole()
        }
    }

    /// As long as it may be.
    pub(crate) fn whole() -> ChunkSize {
        ChunkSize {
            tiny: false,
            taken: 0,
        }
    }

    /// One, two or three bytes, and a 64th of what is left on top, so that 16 MiB take some
    /// thousand pieces and not millions.
    pub(crate) fn tiny() -> ChunkSize {
        ChunkSize {
            tiny: true,
            taken: 0,
        }
    }

    /// The length of the next piece of something this long: 0 only of nothing.
    pub(crate) fn next(&mut self, length: usize) -> usize {
        if !self.tiny {
            return length;
        }
        self.taken = self.taken.wrapping_add(1);
        length.min(1 + self.taken % 3 + length / 64)
    }
}

/// A reader or writer that moves one piece at a time.
pub(super) struct Chunked<'a, T> {
    pub(super) inner: T,
    pub(super) pieces: &'a mut ChunkSize,
}

impl<T: Read> Read for Chunked<'_, T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let piece = self.pieces.next(buffer.len());
        self.inner.read(&mut buffer[..piece])
    }
}

impl<T: Write> Write for Chunked<'_, T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = self.pieces.next(bytes.len());
        self.inner.write(&bytes[..piece])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiny_pieces_of_sixteen_mebibytes_are_some_thousand() {
        let mut pieces = ChunkSize::tiny();
        let (mut left, mut count) = (16 << 20, 0);
        while left > 0 {
            let piece = pieces.next(left);
            assert!((1..=left).contains(&piece));
            left -= piece;
            count += 1;
        }
        assert!(count < 10_000, "{count} pieces");
    }

    #[test]
    fn a_tiny_write_takes_a_few_bytes_only() {
        let mut written = Vec::new();
        let mut pieces = ChunkSize::tiny();
        let mut to = Chunked {
            inner: &mut written,
            pieces: &mut pieces,
        };
        assert!((1..=3).contains(&to.write(&[7; 60]).unwrap()));
    }

    #[test]
    fn nothing_is_one_piece_of_nothing() {
        assert_eq!(ChunkSize::tiny().next(0), 0);
    }
}
