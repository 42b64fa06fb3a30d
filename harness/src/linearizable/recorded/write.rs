//! Writes histories in the format that [`Reading`](super::Reading) reads.

use std::fmt::Write as _;

use super::line::{kind_word, outcome_word};
use crate::linearizable::history::{NEVER, Operation, Outcome};

/// Appends an operation as one line. Peers are named `p` and their number; items are numbers.
pub fn write_line(operation: &Operation, channel: &str, text: &mut String) {
    // Writing to a `String` can't fail.
    let _ = write!(
        text,
        r#"{{"peer":"p{}","channel":{},"op":"{}""#,
        operation.peer,
        serde_json::Value::from(channel),
        kind_word(operation.kind),
    );
    if operation.item != Operation::NO_ITEM {
        let _ = write!(text, r#","item":{}"#, operation.item);
    }
    let _ = write!(text, r#","start":{}"#, operation.start);
    match outcome_word(operation.outcome) {
        Some(word) if operation.end != NEVER => {
            let _ = write!(text, r#","end":{},"outcome":"{word}""#, operation.end);
        }
        _ => text.push_str(r#","end":null,"outcome":null"#),
    }
    if let Outcome::Error { definite } = operation.outcome {
        let _ = write!(text, r#","definite":{definite}"#);
    }
    text.push_str("}\n");
}
