//! The names of backends.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;

/// A backend's name: the kind of channel that it implements, and a name among those.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Key {
    /// The kind of channel.
    pub kind: Kind,
    /// The name among the backends of that kind, as in `std/pipe`.
    pub name: String,
}

impl Key {
    /// Returns the key of the backend of this kind with this name.
    pub fn new(kind: Kind, name: impl Into<String>) -> Key {
        Key {
            kind,
            name: name.into(),
        }
    }
}

/// As trial names and `--backend` write it: `pipe:std/pipe`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.name)
    }
}
