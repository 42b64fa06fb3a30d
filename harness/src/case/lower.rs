//! Lowers TOML tables to the parsed form of a case.
//!
//! Each part is lowered by itself. A part with a mistake becomes `None` and a diagnostic, and lowering
//! goes on, so that one pass finds all mistakes.

use toml::de::{DeTable, DeValue};

use super::diagnostic::{Diagnostic, Diagnostics, Span};

mod channel;
pub(crate) mod fields;
mod item;
mod operation;
mod process;
mod step;
mod top;
pub(crate) mod word;

pub(super) use top::case;
pub(crate) use word::parse_duration;

/// A TOML value and its position.
pub(crate) type Node<'i> = toml::Spanned<DeValue<'i>>;

/// Parses TOML.
///
/// # Errors
/// Returns only the first mistake, because the rest of the text is uncertain after it.
pub(crate) fn root(text: &str) -> Result<toml::Spanned<DeTable<'_>>, Diagnostic> {
    DeTable::parse(text).map_err(|error| {
        let place = error.span().unwrap_or(text.len()..text.len());
        Diagnostic::new(Span::from(place), error.message())
    })
}

pub(crate) fn span(node: &Node<'_>) -> Span {
    node.span().into()
}

/// Names the type of a value, for "expected …, found …".
fn found(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// Adds the mistake that a value has the wrong type.
fn mismatch<T>(node: &Node<'_>, expected: &str, errors: &mut Diagnostics) -> Option<T> {
    let message = format!("expected {expected}, found {}", found(node.get_ref()));
    errors.push(Diagnostic::new(span(node), message));
    None
}

pub(crate) fn table<'t, 'i>(
    node: &'t Node<'i>,
    expected: &str,
    errors: &mut Diagnostics,
) -> Option<&'t DeTable<'i>> {
    match node.get_ref() {
        DeValue::Table(table) => Some(table),
        _ => mismatch(node, expected, errors),
    }
}

/// Lowers each element of a list; `None` if the value isn't a list.
pub(crate) fn list<T>(
    node: &Node<'_>,
    expected: &str,
    errors: &mut Diagnostics,
    mut lower: impl FnMut(&Node<'_>, &mut Diagnostics) -> Option<T>,
) -> Option<Vec<T>> {
    match node.get_ref() {
        DeValue::Array(nodes) => {
            let lowered = nodes.iter().filter_map(|node| lower(node, errors));
            Some(lowered.collect())
        }
        _ => mismatch(node, expected, errors),
    }
}

/// Lowers each element of a list, or the value itself if it isn't a list.
pub(crate) fn one_or_list<T>(
    node: &Node<'_>,
    errors: &mut Diagnostics,
    mut lower: impl FnMut(&Node<'_>, &mut Diagnostics) -> Option<T>,
) -> Vec<T> {
    match node.get_ref() {
        DeValue::Array(nodes) => nodes.iter().filter_map(|n| lower(n, errors)).collect(),
        _ => lower(node, errors).into_iter().collect(),
    }
}
