//! The names of backends.

use std::fmt;

use macro_rules_attribute::apply;
use serde::{Deserialize, Serialize};

use super::Kind;
use super::schema::with_schema;

/// A backend's name: the kind of channel that it implements, and a name among those.
#[apply(with_schema)]
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
