//! From TOML tables to the model.
//!
//! Each part is lowered by itself, and goes on past a mistake: what couldn't be lowered is `None`
//! here and a diagnostic there, so that all mistakes come out at once.

use toml::de::{DeTable, DeValue};

use super::diagnostic::{Diagnostics, Span};

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

/// A TOML value and its place.
pub(crate) type Node<'i> = toml::Spanned<DeValue<'i>>;

pub(crate) fn span(node: &Node<'_>) -> Span {
    node.span().into()
}

/// What a value is, for "expected this, found that".
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

/// Tells that something else was expected here.
fn mismatch<T>(node: &Node<'_>, expected: &str, errors: &mut Diagnostics) -> Option<T> {
    let message = format!("expected {expected}, found {}", found(node.get_ref()));
    errors.push(super::Diagnostic::new(span(node), message));
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

/// Every element of a list, lowered by itself; `None` if it is no list.
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

/// Every element of a list, or the one element that stands in place of a list of one.
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
