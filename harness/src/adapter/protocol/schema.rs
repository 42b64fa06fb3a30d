//! The JSON Schemas of both directions of the protocol.

use schemars::schema_for;

use super::message::{FromAdapter, ToAdapter, VERSION};

/// The direction of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageDirection {
    /// From the harness to the adapter.
    ToAdapter,
    /// From the adapter to the harness.
    FromAdapter,
}

impl MessageDirection {
    /// Both directions.
    pub const ALL: [MessageDirection; 2] =
        [MessageDirection::ToAdapter, MessageDirection::FromAdapter];

    /// Returns the name of the schema's file, without its extension.
    pub fn name(self) -> &'static str {
        match self {
            MessageDirection::ToAdapter => "to-adapter",
            MessageDirection::FromAdapter => "from-adapter",
        }
    }

    /// Returns the schema of each line in this direction, as text.
    pub fn schema(self) -> String {
        let mut schema = match self {
            MessageDirection::ToAdapter => schema_for!(ToAdapter),
            MessageDirection::FromAdapter => schema_for!(FromAdapter),
        };
        let title = format!("{}, adapter protocol {VERSION}", self.name());
        schema.insert("title".to_owned(), title.into());
        let mut text = serde_json::to_string_pretty(&schema).expect("a schema is JSON already");
        text.push('\n');
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// `ipc-conformance adapter schema` prints the right contents.
    #[test]
    fn the_schema_files_are_up_to_date() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/adapters/schemas");
        for direction in MessageDirection::ALL {
            let file = folder.join(direction.name()).with_extension("json");
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            let is_same = text.replace("\r\n", "\n") == direction.schema();
            assert!(is_same, "{} isn't up to date", file.display());
        }
    }
}
