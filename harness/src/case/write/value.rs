//! Writes values in TOML.

use std::fmt::Write as _;
use std::time::Duration;

use crate::case::model::Term;
use crate::case::{Spanned, name};
use crate::plan::{Item, hex};

/// Writes a text in quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Writing to a string can't fail.
            c if c.is_control() => drop(write!(out, "\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Writes a text in quotes, escaped so that it isn't read as a reference.
pub(super) fn text(text: &str) -> String {
    if text.starts_with('$') {
        quoted(&format!("${text}"))
    } else {
        quoted(text)
    }
}

/// Writes a key, without quotes if TOML allows that.
pub(super) fn bare_or_quoted(key: &str) -> String {
    let bare = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if !key.is_empty() && key.bytes().all(bare) {
        key.to_owned()
    } else {
        quoted(key)
    }
}

/// Writes a list on one line.
pub(super) fn list<T>(values: &[Spanned<T>], write: impl Fn(&T) -> String) -> String {
    let values: Vec<_> = values.iter().map(|value| write(&value.value)).collect();
    format!("[{}]", values.join(", "))
}

/// Writes a list with exactly one element as that element, and any other as a list.
pub(super) fn one_or_list<T>(values: &[Spanned<T>], write: impl Fn(&T) -> String) -> String {
    match values {
        [one] => write(&one.value),
        many => list(many, write),
    }
}

/// Writes a table on one line.
pub(super) fn braces(pairs: impl IntoIterator<Item = String>) -> String {
    let pairs: Vec<_> = pairs.into_iter().collect();
    if pairs.is_empty() {
        "{}".to_owned()
    } else {
        format!("{{ {} }}", pairs.join(", "))
    }
}

/// Writes a reference, or a literal by `write`.
pub(super) fn term<T>(term: &Spanned<Term<T>>, write: impl FnOnce(&T) -> String) -> String {
    match &term.value {
        Term::Literal(value) => write(value),
        Term::Reference(name) => {
            debug_assert!(name::is_variable(name), "{name} can't be referred to");
            format!("\"${name}\"")
        }
    }
}

/// Writes an item, escaped so that it isn't read as a reference.
pub(super) fn item(value: &Item) -> String {
    match value {
        Item::None => quoted("$none"),
        Item::Unsendable | Item::Undecodable => quoted(&value.to_string()),
        Item::Bool(value) => value.to_string(),
        Item::Int(value) => value.to_string(),
        Item::BigInt(digits) => format!("{{ int = \"{}\" }}", digits.as_str()),
        Item::Float(value) => value.to_string(),
        Item::Text(content) => text(content),
        Item::Bytes(bytes) => format!("{{ bytes = \"{}\" }}", hex::encode(bytes)),
        Item::List(items) => {
            let items: Vec<_> = items.iter().map(item).collect();
            format!("[{}]", items.join(", "))
        }
        Item::Map(entries) => {
            let pairs = entries
                .iter()
                .map(|(key, value)| format!("{} = {}", bare_or_quoted(key), item(value)));
            format!("{{ map = {} }}", braces(pairs))
        }
        // Payloads come from `size`, so no case file has one as an item.
        Item::Payload { number, .. } => number.to_string(),
    }
}

/// Writes a duration in seconds if it is a whole number of them, or else in milliseconds.
pub(super) fn duration(time: Duration) -> String {
    let ms = time.as_millis();
    if ms.is_multiple_of(1000) {
        format!("\"{}s\"", ms / 1000)
    } else {
        format!("\"{ms}ms\"")
    }
}
