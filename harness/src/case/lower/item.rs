//! Lowers items, and references to them.

use std::collections::BTreeMap;

use toml::de::{DeInteger, DeTable, DeValue};

use super::fields::in_file_order;
use super::{Node, list, mismatch, span, table};
use crate::case::diagnostic::{Diagnostic, Diagnostics, Span, Spanned};
use crate::case::model::{Piece, Term, Until};
use crate::case::name;
use crate::plan::{Item, hex};

/// The meaning of a text in the position of a value.
pub(super) enum TextMeaning {
    /// Literal text, with a leading `$$` replaced by `$`.
    Plain(String),
    /// `$none`, `$unsendable`, `$undecodable`.
    Item(Item),
    /// `$end`.
    End,
    /// `$x`.
    Reference(String),
}

/// Returns the meaning of this text; `None` and a mistake if it begins with `$` but isn't a reference.
pub(super) fn meaning(text: &str, span: Span, errors: &mut Diagnostics) -> Option<TextMeaning> {
    let Some(rest) = text.strip_prefix('$') else {
        return Some(TextMeaning::Plain(text.to_owned()));
    };
    if rest.starts_with('$') {
        return Some(TextMeaning::Plain(rest.to_owned()));
    }
    match rest {
        "none" => Some(TextMeaning::Item(Item::None)),
        "unsendable" => Some(TextMeaning::Item(Item::Unsendable)),
        "undecodable" => Some(TextMeaning::Item(Item::Undecodable)),
        "end" => Some(TextMeaning::End),
        name if name::is_variable(name) => Some(TextMeaning::Reference(name.to_owned())),
        _ => {
            let message = format!("`{text}` looks like a reference, but `{rest}` isn't a name");
            let help = format!("for the text `{text}` write `${text}`");
            errors.push(Diagnostic::new(span, message).help(help));
            None
        }
    }
}

/// An item or a reference to one.
pub(super) fn term(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Spanned<Term<Item>>> {
    match until(node, errors)?.value {
        Until::Item(term) => Some(span(node).with(term)),
        Until::End => {
            let end = Diagnostic::new(span(node), "`$end` isn't an item")
                .help("use it only in `until`; to expect the outcome, write `expect = \"end\"`");
            errors.push(end);
            None
        }
    }
}

/// An item, a reference to one, or `$end`.
pub(super) fn until(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Spanned<Until>> {
    let position = span(node);
    let value = match node.get_ref() {
        DeValue::String(text) => match meaning(text, position, errors)? {
            TextMeaning::Plain(text) => Until::Item(Term::Literal(Item::Text(text))),
            TextMeaning::Item(item) => Until::Item(Term::Literal(item)),
            TextMeaning::End => Until::End,
            TextMeaning::Reference(name) => Until::Item(Term::Reference(name)),
        },
        _ => Until::Item(Term::Literal(literal(node, errors)?)),
    };
    Some(position.with(value))
}

/// An item without references.
pub(super) fn literal(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Item> {
    let position = span(node);
    match node.get_ref() {
        DeValue::String(text) => match meaning(text, position, errors)? {
            TextMeaning::Plain(text) => Some(Item::Text(text)),
            TextMeaning::Item(item) => Some(item),
            TextMeaning::End | TextMeaning::Reference(_) => {
                let message = format!("`{text}` isn't allowed here: this value is fixed");
                let help = format!("for the text `{text}` write `${text}`");
                errors.push(Diagnostic::new(position, message).help(help));
                None
            }
        },
        DeValue::Boolean(value) => Some(Item::Bool(*value)),
        DeValue::Integer(digits) => integer(digits, position, errors).map(Item::Int),
        DeValue::Float(float) => match float.as_str().parse::<f64>() {
            Ok(value) => Some(Item::Float(value.into())),
            Err(_) => mismatch(node, "a float", errors),
        },
        DeValue::Datetime(_) => mismatch(node, "an item", errors),
        DeValue::Array(_) => list(node, "a list", errors, literal).map(Item::List),
        DeValue::Table(table) => tagged(table, position, errors),
    }
}

/// An integer of 64 bits.
pub(super) fn integer(
    digits: &DeInteger<'_>,
    position: Span,
    errors: &mut Diagnostics,
) -> Option<i64> {
    let value = i64::from_str_radix(digits.as_str(), digits.radix()).ok();
    if value.is_none() {
        let help = format!("write `{{ int = \"{}\" }}`", digits.as_str());
        let too_large = Diagnostic::new(position, "a TOML integer has at most 64 bits");
        errors.push(if digits.radix() == 10 {
            too_large.help(help)
        } else {
            too_large.help("write it as `{ int = \"digits\" }`, in decimal digits")
        });
    }
    value
}

/// `{ int = … }`, `{ bytes = … }`, `{ map = … }`.
fn tagged(fields: &DeTable<'_>, position: Span, errors: &mut Diagnostics) -> Option<Item> {
    let fields = in_file_order(fields);
    let [field] = fields.as_slice() else {
        let message = "an item that is a table must have exactly one key";
        let help = "write `{ int = \"digits\" }`, `{ bytes = \"hex\" }` or `{ map = { … } }`";
        errors.push(Diagnostic::new(position, message).help(help));
        return None;
    };
    let node = field.node;
    match (field.key, node.get_ref()) {
        ("int", DeValue::String(digits)) => Item::integer(digits).or_else(|| {
            let message = format!("`{digits}` isn't a decimal integer");
            errors.push(Diagnostic::new(span(node), message));
            None
        }),
        ("int", _) => mismatch(node, "decimal digits as text", errors),
        ("bytes", DeValue::String(digits)) => bytes(digits, span(node), errors).map(Item::Bytes),
        ("bytes", _) => mismatch(node, "hexadecimal digits as text", errors),
        ("map", _) => {
            let entries = in_file_order(table(node, "a table of named items", errors)?);
            let lowered = entries
                .into_iter()
                .map(|entry| Some((entry.key.to_owned(), literal(entry.node, errors)?)));
            // Collected first, so that the mistakes in every entry are found.
            let lowered: Vec<Option<(String, Item)>> = lowered.collect();
            let map: Option<BTreeMap<_, _>> = lowered.into_iter().collect();
            map.map(Item::Map)
        }
        (key, _) => {
            let help = match name::nearest(key, ["int", "bytes", "map"]) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("for a map write `{{ map = {{ {key} = … }} }}`"),
            };
            let message = format!("no kind of item is called `{key}`");
            errors.push(Diagnostic::new(field.key_span, message).help(help));
            None
        }
    }
}

/// Bytes as hexadecimal digits.
pub(super) fn bytes(digits: &str, position: Span, errors: &mut Diagnostics) -> Option<Vec<u8>> {
    let bytes = hex::decode(digits);
    if bytes.is_none() {
        errors.push(Diagnostic::new(
            position,
            "bytes must be pairs of hexadecimal digits",
        ));
    }
    bytes
}

/// The pieces of a text to print.
pub(super) fn pieces(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Spanned<Vec<Piece>>> {
    let DeValue::String(text) = node.get_ref() else {
        return mismatch(node, "text", errors);
    };
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest: &str = text;
    while let Some(at) = rest.find('$') {
        plain.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            plain.push('$');
            rest = after;
            continue;
        }
        let (name, after) = rest.split_at(name::reference_length(rest));
        if name.is_empty() {
            let message = "`$` begins a reference, but no name follows it";
            let help = "for the character itself write `$$`";
            errors.push(Diagnostic::new(span(node), message).help(help));
            return None;
        }
        if !plain.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
        }
        pieces.push(Piece::Reference(name.to_owned()));
        rest = after;
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    Some(span(node).with(pieces))
}
