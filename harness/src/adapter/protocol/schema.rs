//! The JSON Schemas of both directions of the protocol.

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
    pub fn schema(self) -> &'static str {
        match self {
            MessageDirection::ToAdapter => {
                include_str!("../../../adapters/schemas/to-adapter.json")
            }
            MessageDirection::FromAdapter => {
                include_str!("../../../adapters/schemas/from-adapter.json")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use schemars::schema_for;

    use super::*;
    use crate::adapter::protocol::message::{FromAdapter, ToAdapter, VERSION};

    /// If this environment variable is set, the test writes the files.
    const UPDATE: &str = "IPC_CONFORMANCE_UPDATE_SCHEMAS";

    /// Returns the schema that the types of this crate have.
    fn of_types(direction: MessageDirection) -> String {
        let mut schema = match direction {
            MessageDirection::ToAdapter => schema_for!(ToAdapter),
            MessageDirection::FromAdapter => schema_for!(FromAdapter),
        };
        let title = format!("{}, adapter protocol {VERSION}", direction.name());
        schema.insert("title".to_owned(), title.into());
        let mut text = serde_json::to_string_pretty(&schema).unwrap();
        text.push('\n');
        text
    }

    #[test]
    fn the_schema_files_are_those_of_the_types() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/adapters/schemas");
        for direction in MessageDirection::ALL {
            let file = folder.join(direction.name()).with_extension("json");
            let text = of_types(direction);
            if std::env::var_os(UPDATE).is_some() {
                fs::write(&file, &text).unwrap();
            }
            let is_same = fs::read_to_string(&file).unwrap().replace("\r\n", "\n") == text;
            assert!(
                is_same,
                "{} isn't up to date: run this test again with {UPDATE}=1",
                file.display()
            );
        }
    }
}
