//! The bytes of messages: their encoding, generated payloads, and the fingerprint that a record keeps.

pub(super) mod codec;
mod fingerprint;
pub(crate) mod payload;

pub use fingerprint::Content;

use crate::plan::Item;

/// Returns the fingerprint of an item as `codec` encodes it.
pub fn content_of(item: &Item, codec: codec::Codec) -> Result<Content, codec::EncodeError> {
    codec.encode(item).map(|bytes| Content::of(&bytes))
}
