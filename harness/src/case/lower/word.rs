//! Lowers words, numbers, durations and names.

use std::time::Duration;

use toml::de::DeValue;

use super::item::{TextMeaning, integer, meaning};
use super::{Node, mismatch, span};
use crate::backend::Side;
use crate::case::diagnostic::{Diagnostic, Diagnostics, Span, Spanned};
use crate::case::model::{EndName, Target, Term};
use crate::case::name;
use crate::plan::Item;

/// A text.
pub(crate) fn text<'t>(
    node: &'t Node<'_>,
    expected: &str,
    errors: &mut Diagnostics,
) -> Option<&'t str> {
    match node.get_ref() {
        DeValue::String(text) => Some(text),
        _ => mismatch(node, expected, errors),
    }
}

/// The key of a `connect`; `$none` for no key.
pub(super) fn key(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Spanned<Option<String>>> {
    let text = text(node, "a key as text, or \"$none\"", errors)?;
    let position = span(node);
    let known = match meaning(text, position, errors)? {
        TextMeaning::Item(Item::None) => None,
        TextMeaning::Plain(key) => Some(key),
        TextMeaning::Item(_) | TextMeaning::End | TextMeaning::Reference(_) => {
            let message = format!("`{text}` isn't a key: a key is fixed text");
            let help = format!("for the text `{text}` write `${text}`");
            errors.push(Diagnostic::new(position, message).help(help));
            return None;
        }
    };
    Some(position.with(known))
}

/// True or false.
pub(super) fn boolean(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Spanned<bool>> {
    match node.get_ref() {
        DeValue::Boolean(value) => Some(span(node).with(*value)),
        _ => mismatch(node, "true or false", errors),
    }
}

/// A text, as an owned string.
pub(crate) fn owned(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Spanned<String>> {
    text(node, "text", errors).map(|text| span(node).with(text.to_owned()))
}

/// Adds the mistake that this is none of the words for `what`.
fn unknown<T>(
    word: &str,
    what: &str,
    words: &[&str],
    position: Span,
    errors: &mut Diagnostics,
) -> Option<T> {
    let message = format!("unknown {what} `{word}`");
    errors.push(Diagnostic::new(position, message).help(name::instead(word, words)));
    None
}

/// One of a few words, each with its meaning.
pub(crate) fn word<T: Clone>(
    node: &Node<'_>,
    what: &str,
    words: &[(&str, T)],
    errors: &mut Diagnostics,
) -> Option<Spanned<T>> {
    let word = text(node, &format!("a word for {what}"), errors)?;
    let position = span(node);
    match words.iter().find(|(known, _)| *known == word) {
        Some((_, meaning)) => Some(position.with(meaning.clone())),
        None => {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            unknown(word, what, &known, position, errors)
        }
    }
}

/// A reference, or any other value that `literal` lowers.
pub(super) fn term<T>(
    node: &Node<'_>,
    errors: &mut Diagnostics,
    literal: impl FnOnce(&Node<'_>, &mut Diagnostics) -> Option<T>,
) -> Option<Spanned<Term<T>>> {
    let position = span(node);
    let value = match node.get_ref() {
        DeValue::String(text) if text.starts_with('$') => match meaning(text, position, errors)? {
            TextMeaning::Reference(name) => Term::Reference(name),
            TextMeaning::Plain(_) | TextMeaning::Item(_) | TextMeaning::End => {
                let message = format!("`{text}` isn't allowed here");
                let help = "a reference here names an axis, or is `$i`";
                errors.push(Diagnostic::new(position, message).help(help));
                return None;
            }
        },
        _ => Term::Literal(literal(node, errors)?),
    };
    Some(position.with(value))
}

/// An integer, which may be negative.
pub(super) fn whole(node: &Node<'_>, errors: &mut Diagnostics) -> Option<i64> {
    match node.get_ref() {
        DeValue::Integer(digits) => integer(digits, span(node), errors),
        _ => mismatch(node, "a number", errors),
    }
}

/// An integer that isn't negative.
pub(super) fn natural(node: &Node<'_>, errors: &mut Diagnostics) -> Option<u64> {
    let natural = u64::try_from(whole(node, errors)?).ok();
    if natural.is_none() {
        errors.push(Diagnostic::new(span(node), "this number can't be negative"));
    }
    natural
}

/// A number or a reference to one.
pub(super) fn number(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Spanned<Term<u64>>> {
    term(node, errors, natural)
}

/// An exit code. Unix systems keep only its lowest eight bits.
pub(super) fn code(node: &Node<'_>, errors: &mut Diagnostics) -> Option<i32> {
    let value = natural(node, errors)?;
    let code = u8::try_from(value).ok();
    if code.is_none() {
        let message = "an exit code can't be above 255: some systems keep only eight bits";
        errors.push(Diagnostic::new(span(node), message));
    }
    code.map(i32::from)
}

/// `"200ms"`, `"2s"`.
pub(super) fn duration(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Duration> {
    let text = text(node, "a duration, as in \"200ms\"", errors)?;
    let duration = parse_duration(text);
    if duration.is_none() {
        let message = format!("`{text}` isn't a duration");
        let help = "write a whole number and `ms` or `s`, as in \"200ms\" or \"2s\"";
        errors.push(Diagnostic::new(span(node), message).help(help));
    }
    duration
}

/// Parses a duration; `None` if the text isn't one.
pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
    let unit = text.find(|c: char| !c.is_ascii_digit())?;
    let (digits, unit) = text.split_at(unit);
    let number: u64 = digits.parse().ok()?;
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        // Checked, so that the duration in milliseconds fits 64 bits too.
        "s" => number.checked_mul(1000).map(Duration::from_millis),
        _ => None,
    }
}

/// A text that is the name of a channel, a process, a label or a barrier.
pub(super) fn identifier(
    node: &Node<'_>,
    what: &str,
    errors: &mut Diagnostics,
) -> Option<Spanned<String>> {
    let text = text(node, &format!("the name of {what}"), errors)?;
    named(text, span(node), what, errors)
}

/// The name of a channel, a process, a label or a barrier, as a key or a part of a text.
pub(super) fn named(
    text: &str,
    position: Span,
    what: &str,
    errors: &mut Diagnostics,
) -> Option<Spanned<String>> {
    if name::is_identifier(text) {
        return Some(position.with(text.to_owned()));
    }
    let message = format!("`{text}` can't be the name of {what}");
    let help = "begin with a lower-case letter, and use only `a` to `z`, `0` to `9` and `-`";
    errors.push(Diagnostic::new(position, message).help(help));
    None
}

/// The name of an axis or a variable.
pub(super) fn variable(
    text: &str,
    position: Span,
    what: &str,
    errors: &mut Diagnostics,
) -> Option<Spanned<String>> {
    if !name::is_variable(text) {
        let message = format!("`{text}` can't be the name of {what}");
        let help = "begin with a lower-case letter, and use only `a` to `z`, `0` to `9` and `_`";
        errors.push(Diagnostic::new(position, message).help(help));
        return None;
    }
    if let "item" | "n" | "i" | "none" | "end" | "unsendable" | "undecodable" = text {
        let message = format!("`${text}` is reserved, so it can't be the name of {what}");
        errors.push(Diagnostic::new(position, message));
        return None;
    }
    Some(position.with(text.to_owned()))
}

const SIDES: [(&str, Side); 4] = [
    ("tx", Side::Tx),
    ("rx", Side::Rx),
    ("a", Side::A),
    ("b", Side::B),
];

/// `q`, `p.tx`, `p.rx`, `p.a`, `p.b`.
pub(super) fn end(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Spanned<EndName>> {
    let text = text(node, "an end, as in \"q\" or \"p.tx\"", errors)?;
    let position = span(node);
    let (channel, side) = match text.split_once('.') {
        None => (text, Side::Queue),
        Some((channel, side)) => match SIDES.iter().find(|(word, _)| *word == side) {
            Some((_, side)) => (channel, *side),
            None => {
                let words = SIDES.map(|(word, _)| word);
                return unknown(side, "end of a channel", &words, position, errors);
            }
        },
    };
    let channel = named(channel, position, "a channel", errors)?.value;
    Some(position.with(EndName { channel, side }))
}

/// `P` or `P#1`.
pub(super) fn target(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Spanned<Target>> {
    let text = text(node, "the name of a process", errors)?;
    let position = span(node);
    let (process, replica) = match text.split_once('#') {
        None => (text, None),
        Some((process, digits)) => match digits.parse() {
            Ok(replica) if digits.bytes().all(|b| b.is_ascii_digit()) => (process, Some(replica)),
            _ => {
                let message = format!("`{digits}` isn't the number of a replica");
                let help = format!("the first replica is `{process}#0`");
                errors.push(Diagnostic::new(position, message).help(help));
                return None;
            }
        },
    };
    let process = named(process, position, "a process", errors)?.value;
    Some(position.with(Target { process, replica }))
}
