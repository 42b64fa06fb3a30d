//! JSON Schemas of both directions of the protocol.

use schemars::schema_for;

use super::{FromAdapter, ToAdapter, VERSION};

/// One direction's messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the harness to the adapter.
    ToAdapter,
    /// From the adapter to the harness.
    FromAdapter,
}

impl Direction {
    /// Both.
    pub const ALL: [Direction; 2] = [Direction::ToAdapter, Direction::FromAdapter];

    /// The name of the schema's file, without its ending.
    pub fn name(self) -> &'static str {
        match self {
            Direction::ToAdapter => "to-adapter",
            Direction::FromAdapter => "from-adapter",
        }
    }

    /// The schema that each line of this direction keeps to, as text.
    pub fn schema(self) -> String {
        let mut schema = match self {
            Direction::ToAdapter => schema_for!(ToAdapter),
            Direction::FromAdapter => schema_for!(FromAdapter),
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

    /// `ipc-conformance adapter schema` prints what belongs there.
    #[test]
    fn the_files_say_what_the_types_say() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/adapters/schemas");
        for direction in Direction::ALL {
            let file = folder.join(direction.name()).with_extension("json");
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            let is_same = text.replace("\r\n", "\n") == direction.schema();
            assert!(is_same, "{} isn't up to date", file.display());
        }
    }
}
