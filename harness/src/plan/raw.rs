//! Bytes below the messages of a pipe, as a faulty peer may write them.

use std::ops::Range;

use macro_rules_attribute::apply;
use serde::{Deserialize, Serialize};

use super::End;
use crate::backend::with_schema;

/// A write below the layer that frames messages: the library's header for a message of this length, if
/// there is one, and then these bytes as they are; of both together only a part.
#[apply(with_schema)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawWrite {
    /// The sending end.
    pub end: End,
    /// The length that the header states, which no message may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<i64>,
    /// The first byte that is written, of the header and the bytes together.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub from: u64,
    /// The byte after the last one that is written; all of the rest if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u64>,
    /// The bytes.
    #[serde(with = "crate::plan::hex")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub bytes: Vec<u8>,
}

impl RawWrite {
    /// Returns the part of the header and the bytes that is written.
    pub(crate) fn part(&self) -> Range<u64> {
        self.from..self.to.unwrap_or(u64::MAX)
    }

    /// Whether this goes on with the message of which `before` wrote the bytes until `to`.
    pub(crate) fn continues(&self, before: &RawWrite, to: u64) -> bool {
        (self.length, &self.bytes, self.from) == (before.length, &before.bytes, to)
    }
}

/// Whether a field that is 0 by default can be left out.
fn is_zero(number: &u64) -> bool {
    *number == 0
}
