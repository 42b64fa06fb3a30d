//! The backends that an adapter hosts, as it declares them.

use macro_rules_attribute::apply;
use serde::{Deserialize, Serialize};

use crate::backend::{Capabilities, Capability, Key, Kind, LargestDepth, with_schema};

/// A backend that an adapter hosts.
#[apply(with_schema)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Hosted {
    /// The kind of channel that the backend implements.
    pub kind: Kind,
    /// Its name, such as `cpython-fork/Queue`. No two backends of a kind have the same.
    pub name: String,
    /// A line for people: how the backend uses the library.
    pub about: String,
    /// The name of the library under test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library: Option<String>,
    /// The library's version, as the library writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What the backend can do on this system.
    pub capabilities: Declared,
}

impl Hosted {
    /// Returns the texts for people.
    pub(super) fn texts(&mut self) -> impl Iterator<Item = &mut String> {
        let always = [&mut self.name, &mut self.about];
        let maybe = [&mut self.library, &mut self.version];
        always.into_iter().chain(maybe.into_iter().flatten())
    }

    /// Returns the backend's key.
    pub fn key(&self) -> Key {
        Key::new(self.kind, self.name.clone())
    }
}

/// The declared capabilities of a backend.
#[apply(with_schema)]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Declared {
    /// The capabilities of the library itself.
    pub native: Vec<Capability>,
    /// The capabilities that the adapter adds.
    pub composed: Vec<Capability>,
    /// The longest message in bytes; null if there is no limit.
    pub largest_message: Option<u64>,
    /// The largest capacity of a channel; null if there is no limit.
    pub largest_capacity: Option<u64>,
    /// How much fits into a queue for which a case chooses no capacity; null if there is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub largest_depth: Option<LargestDepth>,
}

impl From<Declared> for Capabilities {
    /// A capability that is declared both ways counts as composed.
    fn from(declared: Declared) -> Capabilities {
        let mut capabilities = Capabilities::new()
            .native(declared.native)
            .composed(declared.composed);
        capabilities.largest_message = declared.largest_message;
        capabilities.largest_capacity = declared.largest_capacity;
        capabilities.largest_depth = declared.largest_depth.unwrap_or_default();
        capabilities
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capability_declared_both_ways_is_composed() {
        let declared = Declared {
            native: vec![Capability::Poll],
            composed: vec![Capability::Poll],
            ..Declared::default()
        };
        let support = Capabilities::from(declared).support(Capability::Poll);
        assert_eq!(support, Some(crate::backend::Support::Composed));
    }
}
