//! Encodes items as the bytes of messages, and decodes them.
//!
//! The codec belongs to the harness, so a library that carries bytes has every kind of value as a
//! *composed* capability only.

use std::borrow::Cow;
use std::collections::BTreeMap;

use macro_rules_attribute::apply;
use serde::{Deserialize, Serialize};

use super::fingerprint::Content;
use crate::backend::encoding::{UNDECODABLE, UNSENDABLE};
use crate::backend::with_schema;
use crate::plan::{Item, payload};

/// The encoding of a channel's items.
///
/// It is derived from the items that the case sends: a channel of plain bytes or plain text carries
/// exactly those, and an empty item is an empty message.
#[apply(with_schema)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Codec {
    /// Bytes and generated payloads, as they are.
    Bytes,
    /// Text, as UTF-8.
    Text,
    /// Any item: one byte for the kind of value, then the value.
    Tagged,
}

/// The error for an item that the channel's codec can't encode.
#[derive(Debug, thiserror::Error)]
#[error("{item} is not {expected}, which is all that this channel carries")]
pub struct EncodeError {
    item: Item,
    expected: &'static str,
}

/// The deepest nesting of lists and maps that is decoded. Deeper bytes are no item, so that a message
/// can't overflow the stack.
const DEEPEST: usize = 128;

impl Codec {
    /// Encodes an item; borrows its bytes where they already exist.
    ///
    /// # Errors
    /// If a codec for bytes or text is given another kind of value.
    pub fn encode(self, item: &Item) -> Result<Cow<'_, [u8]>, EncodeError> {
        let refused = |expected| {
            Err(EncodeError {
                item: item.clone(),
                expected,
            })
        };
        match (self, item) {
            (Codec::Bytes, Item::Bytes(bytes)) => Ok(Cow::Borrowed(bytes)),
            (Codec::Bytes, Item::Payload { number, size }) => {
                Ok(Cow::Owned(payload::generate(*number, *size)))
            }
            (Codec::Bytes, _) => refused("bytes"),
            (Codec::Text, Item::Text(text)) => Ok(Cow::Borrowed(text.as_bytes())),
            (Codec::Text, _) => refused("text"),
            (Codec::Tagged, item) => {
                let mut bytes = Vec::new();
                write(item, &mut bytes);
                Ok(Cow::Owned(bytes))
            }
        }
    }

    /// Returns the kind of value of a message, by its first byte; `None` if the byte names no kind.
    pub(crate) fn value_kind(self, content: Content) -> Option<ValueKind> {
        match self {
            Codec::Bytes => Some(ValueKind::Bytes),
            Codec::Text => Some(ValueKind::Text),
            Codec::Tagged => Some(match content.first_byte()? {
                NONE => ValueKind::None,
                FALSE | TRUE => ValueKind::Bool,
                INT | BIG => ValueKind::Int,
                FLOAT => ValueKind::Float,
                TEXT => ValueKind::Text,
                BYTES | PAYLOAD => ValueKind::Bytes,
                LIST | MAP => ValueKind::Nested,
                _ => return None,
            }),
        }
    }

    /// Returns the offset of the first byte that this codec can't have written; `None` if there is
    /// none. It doesn't know what was sent, so it finds no wrong but well-formed value.
    pub fn fault(self, bytes: &[u8]) -> Option<usize> {
        /// The length of a payload's prefix: its tag and its length.
        const PREFIX: usize = 9;
        match self {
            Codec::Bytes => payload::fault(bytes),
            Codec::Text => std::str::from_utf8(bytes)
                .err()
                .map(|error| error.valid_up_to()),
            Codec::Tagged if bytes.first() == Some(&PAYLOAD) && bytes.len() > PREFIX => {
                payload::fault(&bytes[PREFIX..]).map(|offset| PREFIX + offset)
            }
            Codec::Tagged => {
                let mut rest = bytes;
                let is_whole = read(&mut rest, 0).is_some() && rest.is_empty();
                (!is_whole).then(|| bytes.len() - rest.len())
            }
        }
    }

    /// Decodes an item; returns the bytes as an [`Item::Bytes`] if they encode none.
    pub fn decode(self, bytes: &[u8]) -> Item {
        let decoded = match self {
            Codec::Bytes => payload::number(bytes).map(|number| Item::Payload {
                number,
                size: bytes.len() as u64,
            }),
            Codec::Text => std::str::from_utf8(bytes).ok().map(Item::from),
            Codec::Tagged => {
                let mut rest = bytes;
                read(&mut rest, 0).filter(|_| rest.is_empty())
            }
        };
        decoded.unwrap_or_else(|| Item::Bytes(bytes.to_vec()))
    }
}

/// The kinds of values that clauses tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueKind {
    None,
    Bool,
    Int,
    Float,
    Text,
    Bytes,
    Nested,
}

const NONE: u8 = b'N';
const FALSE: u8 = b'F';
const TRUE: u8 = b'T';
const INT: u8 = b'i';
const BIG: u8 = b'I';
const FLOAT: u8 = b'f';
const TEXT: u8 = b't';
const BYTES: u8 = b'b';
const LIST: u8 = b'l';
const MAP: u8 = b'm';
const PAYLOAD: u8 = b'p';

fn write(item: &Item, out: &mut Vec<u8>) {
    match item {
        Item::None => out.push(NONE),
        Item::Bool(false) => out.push(FALSE),
        Item::Bool(true) => out.push(TRUE),
        Item::Int(value) => {
            out.push(INT);
            out.extend_from_slice(&value.to_le_bytes());
        }
        Item::BigInt(digits) => write_bytes(BIG, digits.as_str().as_bytes(), out),
        Item::Float(value) => {
            out.push(FLOAT);
            out.extend_from_slice(&value.get().to_bits().to_le_bytes());
        }
        Item::Text(text) => write_bytes(TEXT, text.as_bytes(), out),
        Item::Bytes(bytes) => write_bytes(BYTES, bytes, out),
        Item::List(items) => {
            out.push(LIST);
            write_length(items.len(), out);
            items.iter().for_each(|item| write(item, out));
        }
        Item::Map(entries) => {
            out.push(MAP);
            write_length(entries.len(), out);
            for (key, item) in entries {
                write_length(key.len(), out);
                out.extend_from_slice(key.as_bytes());
                write(item, out);
            }
        }
        // It carries no number: no library can tell it from no bytes.
        Item::Payload { size: 0, .. } => write_bytes(BYTES, &[], out),
        Item::Payload { number, size } => {
            out.push(PAYLOAD);
            write_length(*size as usize, out);
            out.extend_from_slice(&payload::generate(*number, *size));
        }
        Item::Unsendable => out.extend_from_slice(UNSENDABLE),
        Item::Undecodable => out.extend_from_slice(UNDECODABLE),
    }
}

fn write_bytes(tag: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    write_length(bytes.len(), out);
    out.extend_from_slice(bytes);
}

fn write_length(length: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(&(length as u64).to_le_bytes());
}

fn read(rest: &mut &[u8], depth: usize) -> Option<Item> {
    if depth > DEEPEST {
        return None;
    }
    for (bytes, item) in [
        (UNSENDABLE, Item::Unsendable),
        (UNDECODABLE, Item::Undecodable),
    ] {
        if let Some(after) = rest.strip_prefix(bytes) {
            *rest = after;
            return Some(item);
        }
    }
    Some(match take(rest, 1)?[0] {
        NONE => Item::None,
        FALSE => Item::Bool(false),
        TRUE => Item::Bool(true),
        INT => Item::Int(i64::from_le_bytes(take(rest, 8)?.try_into().ok()?)),
        BIG => Item::integer(std::str::from_utf8(read_bytes(rest)?).ok()?)?,
        FLOAT => {
            let bits = u64::from_le_bytes(take(rest, 8)?.try_into().ok()?);
            Item::Float(f64::from_bits(bits).into())
        }
        TEXT => Item::Text(std::str::from_utf8(read_bytes(rest)?).ok()?.to_owned()),
        BYTES => Item::Bytes(read_bytes(rest)?.to_vec()),
        LIST => {
            let length = read_length(rest)?;
            Item::List(
                (0..length)
                    .map(|_| read(rest, depth + 1))
                    .collect::<Option<_>>()?,
            )
        }
        MAP => {
            let length = read_length(rest)?;
            let entry = |_| {
                let key = std::str::from_utf8(read_bytes(rest)?).ok()?.to_owned();
                Some((key, read(rest, depth + 1)?))
            };
            Item::Map((0..length).map(entry).collect::<Option<BTreeMap<_, _>>>()?)
        }
        PAYLOAD => {
            let bytes = read_bytes(rest)?;
            Item::Payload {
                number: payload::number(bytes)?,
                size: bytes.len() as u64,
            }
        }
        _ => return None,
    })
}

fn read_bytes<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = read_length(rest)?;
    take(rest, length)
}

/// Reads a length; `None` if fewer bytes than that follow, so that nothing is allocated for them.
fn read_length(rest: &mut &[u8]) -> Option<usize> {
    let length = u64::from_le_bytes(take(rest, 8)?.try_into().ok()?);
    usize::try_from(length)
        .ok()
        .filter(|length| *length <= rest.len())
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (head, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    Some(head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::strategy;
    use proptest::prelude::*;
    use rstest::rstest;

    proptest! {
        #[test]
        fn an_encoded_item_decodes_to_the_same_item(item in strategy::item()) {
            let bytes = Codec::Tagged.encode(&item).unwrap();
            prop_assert_eq!(Codec::Tagged.decode(&bytes), item);
        }

        #[test]
        fn any_bytes_decode_to_an_item(bytes: Vec<u8>) {
            for codec in [Codec::Bytes, Codec::Text, Codec::Tagged] {
                codec.decode(&bytes);
            }
        }
    }

    #[rstest]
    #[case(Codec::Bytes, Item::Bytes(vec![]))]
    #[case(Codec::Text, Item::Text(String::new()))]
    fn an_empty_item_is_an_empty_message(#[case] codec: Codec, #[case] item: Item) {
        assert_eq!(codec.encode(&item).unwrap().len(), 0);
    }

    #[test]
    fn an_empty_payload_is_no_bytes() {
        let payload = Item::Payload { number: 0, size: 0 };
        let encoded = Codec::Tagged.encode(&payload).unwrap();
        assert_eq!(encoded, Codec::Tagged.encode(&Item::Bytes(vec![])).unwrap());
    }

    #[test]
    fn a_length_beyond_the_message_decodes_to_no_list() {
        let mut bytes = vec![TEXT];
        bytes.extend_from_slice(&u64::MAX.to_le_bytes());
        assert!(matches!(Codec::Tagged.decode(&bytes), Item::Bytes(_)));
    }
}
