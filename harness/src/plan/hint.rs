//! What a process can ask a queue about its content.

use macro_rules_attribute::apply;
use serde::{Deserialize, Serialize};

use crate::backend::with_schema;

/// A question about the content of a queue. Documents call the answers hints, because other processes may
/// change the content before the caller looks at them.
#[apply(with_schema)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hint {
    /// How many items it holds.
    Size,
    /// Whether it holds none: the outcome is `empty`, or otherwise `ok`.
    IsEmpty,
    /// Whether it has no room: the outcome is `full`, or otherwise `ok`.
    IsFull,
}

impl Hint {
    /// Every question.
    pub const ALL: [Hint; 3] = [Hint::Size, Hint::IsEmpty, Hint::IsFull];

    /// Returns the word for it in case files.
    pub fn word(self) -> &'static str {
        match self {
            Hint::Size => "size",
            Hint::IsEmpty => "is-empty",
            Hint::IsFull => "is-full",
        }
    }
}
