//! Histories in the form in which they are read.

use std::fmt::Write as _;

use super::row::{kind_word, outcome_word};
use crate::linearizable::{NEVER, Operation, Outcome};

/// Adds one operation as one line: peers are called `p` and their number, items are numbers.
pub fn write_line(operation: &Operation, channel: &str, text: &mut String) {
    // A `String` takes all that is written to it.
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
