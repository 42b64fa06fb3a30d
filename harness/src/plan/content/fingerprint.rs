//! The fingerprint of a message.

use std::fmt;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::plan::hex;

/// The longest message whose bytes a record holds; of longer ones it holds the length and a hash.
const INLINE: usize = 16;

/// The fingerprint of one message, which records hold in place of its bytes.
///
/// It consists of the length and the bytes, or a hash of them if there are more than 16.
/// Messages with equal fingerprints count as equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Content {
    length: u64,
    words: [u64; 2],
}

impl Content {
    /// Returns the fingerprint of a message.
    pub fn of(bytes: &[u8]) -> Content {
        let mut inline = [0; INLINE];
        let head = bytes.len().min(INLINE);
        inline[..head].copy_from_slice(&bytes[..head]);
        let (low, high) = inline.split_at(8);
        let mut words = [word(low), word(high)];
        if bytes.len() > INLINE {
            // Reports show the first word, so only the second gives way to the hash.
            words[1] = xxh3_64(bytes);
        }
        Content {
            length: bytes.len() as u64,
            words,
        }
    }

    /// Returns the length of the message in bytes.
    pub fn length(self) -> u64 {
        self.length
    }

    /// Returns the message if it is inline, or else its first eight bytes.
    pub fn head(self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.words.iter().flat_map(|w| w.to_le_bytes()).collect();
        bytes.truncate(if self.is_inline() {
            self.length as usize
        } else {
            8
        });
        bytes
    }

    /// Returns the first byte of the message, if it has one.
    pub(crate) fn first_byte(self) -> Option<u8> {
        (self.length > 0).then_some(self.words[0] as u8)
    }

    /// Returns whether [`Content::head`] is the whole message.
    pub fn is_inline(self) -> bool {
        self.length <= INLINE as u64
    }

    pub(crate) fn to_words(self) -> [u64; 3] {
        [self.length, self.words[0], self.words[1]]
    }

    pub(crate) fn from_words([length, first, second]: [u64; 3]) -> Content {
        Content {
            length,
            words: [first, second],
        }
    }
}

fn word(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// Writes the known bytes in hexadecimal: all of a short message, or the first eight and the length.
impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(&self.head()))?;
        if !self.is_inline() {
            write!(f, "… ({} bytes)", self.length())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(b"")]
    #[case(b"a")]
    #[case(b"0123456789abcdef")]
    fn a_short_message_is_kept_whole(#[case] bytes: &[u8]) {
        assert_eq!(Content::of(bytes).head(), bytes);
    }

    #[test]
    fn a_trailing_zero_byte_changes_the_fingerprint() {
        assert_ne!(Content::of(b"a"), Content::of(b"a\0"));
    }

    #[test]
    fn one_bit_at_the_end_of_a_long_message_changes_the_fingerprint() {
        let mut bytes = vec![7; 100_000];
        let before = Content::of(&bytes);
        bytes[99_999] ^= 1;
        assert_ne!(before, Content::of(&bytes));
    }
}
