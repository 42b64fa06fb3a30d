//! Cutting writes and reads into chunks, as an operating system may do.

use std::io::{self, Read, Write};

/// In a parcel's data: this end writes and reads tiny chunks.
pub(crate) const TINY_CHUNKS: &[u8] = b"in pieces";

/// How many bytes one write or read moves.
#[derive(Clone, Debug)]
pub(crate) struct ChunkSize {
    tiny: bool,
    taken: usize,
}

impl ChunkSize {
    /// Returns the size that a parcel's data ask for.
    pub(super) fn asked_for(data: &[u8]) -> ChunkSize {
        if data == TINY_CHUNKS {
            ChunkSize::tiny()
        } else {
            ChunkSize::whole()
        }
    }

    /// Returns no limit.
    pub(crate) fn whole() -> ChunkSize {
        ChunkSize {
            tiny: false,
            taken: 0,
        }
    }

    /// Returns one, two or three bytes, plus a 64th of the remaining bytes. So 16 MiB take some thousand
    /// chunks and not millions.
    pub(crate) fn tiny() -> ChunkSize {
        ChunkSize {
            tiny: true,
            taken: 0,
        }
    }

    /// Returns the size of the next chunk if this many bytes remain. It is 0 only if none remain.
    pub(crate) fn next(&mut self, length: usize) -> usize {
        if !self.tiny {
            return length;
        }
        self.taken = self.taken.wrapping_add(1);
        length.min(1 + self.taken % 3 + length / 64)
    }
}

/// A reader or writer that moves one chunk at a time.
pub(super) struct Chunked<'a, T> {
    pub(super) inner: T,
    pub(super) size: &'a mut ChunkSize,
}

impl<T: Read> Read for Chunked<'_, T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let piece = self.size.next(buffer.len());
        self.inner.read(&mut buffer[..piece])
    }
}

impl<T: Write> Write for Chunked<'_, T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = self.size.next(bytes.len());
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
    fn sixteen_mebibytes_are_some_thousand_tiny_chunks() {
        let mut pieces = ChunkSize::tiny();
        let (mut left, mut count) = (16 << 20, 0);
        while left > 0 {
            let piece = pieces.next(left);
            assert!((1..=left).contains(&piece));
            left -= piece;
            count += 1;
        }
        assert!(count < 10_000, "{count} chunks");
    }

    #[test]
    fn a_tiny_write_writes_only_a_few_bytes() {
        let mut written = Vec::new();
        let mut pieces = ChunkSize::tiny();
        let mut to = Chunked {
            inner: &mut written,
            size: &mut pieces,
        };
        assert!((1..=3).contains(&to.write(&[7; 60]).unwrap()));
    }

    #[test]
    fn a_chunk_of_no_bytes_is_empty() {
        assert_eq!(ChunkSize::tiny().next(0), 0);
    }
}
