//! What a message is on the wire: encoding of items, and the fingerprint that a record keeps of it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::plan::{Digits, Item};

pub mod codec;
pub mod payload;

/// The longest content that a record holds whole; of longer ones it holds length and hash.
pub const INLINE: usize = 16;

/// What a record keeps of one message's bytes.
///
/// Two contents are equal when length and hash (of up to 16 bytes: the bytes) are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Content {
    length: u64,
    words: [u64; 2],
}

impl Content {
    /// The fingerprint of a message.
    pub fn of(bytes: &[u8]) -> Content {
        let mut inline = [0; INLINE];
        let head = bytes.len().min(INLINE);
        inline[..head].copy_from_slice(&bytes[..head]);
        let (low, high) = inline.split_at(8);
        let mut words = [word(low), word(high)];
        if bytes.len() > INLINE {
            // The head stays, for people; the hash takes the place of the second word.
            words[1] = xxh3_64(bytes);
        }
        Content {
            length: bytes.len() as u64,
            words,
        }
    }

    /// The length of the message in bytes.
    pub fn length(self) -> u64 {
        self.length
    }

    /// The whole message if it is short, else its first eight bytes.
    pub fn head(self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.words.iter().flat_map(|w| w.to_le_bytes()).collect();
        bytes.truncate(if self.is_inline() {
            self.length as usize
        } else {
            8
        });
        bytes
    }

    /// The first byte, if there is one.
    pub(crate) fn first_byte(self) -> Option<u8> {
        (self.length > 0).then_some(self.words[0] as u8)
    }

    /// Whether [`Content::head`] is the whole message.
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

/// The bytes of one item, borrowed where they already exist.
pub(crate) type Encoded<'a> = Cow<'a, [u8]>;

pub(crate) fn big(digits: &Digits) -> &[u8] {
    digits.as_str().as_bytes()
}

/// The fingerprint of an item as `codec` writes it.
pub fn of_item(item: &Item, codec: codec::Codec) -> Result<Content, codec::EncodeError> {
    codec.encode(item).map(|bytes| Content::of(&bytes))
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
    fn a_trailing_zero_byte_makes_another_message() {
        assert_ne!(Content::of(b"a"), Content::of(b"a\0"));
    }

    #[test]
    fn one_bit_far_behind_makes_another_message() {
        let mut bytes = vec![7; 100_000];
        let before = Content::of(&bytes);
        bytes[99_999] ^= 1;
        assert_ne!(before, Content::of(&bytes));
    }
}
