//! Lowers `[channels.C]`.

use super::fields::Fields;
use super::word::{boolean, key, named, number, text, word};
use super::{Node, span, table};
use crate::case::diagnostic::{Diagnostic, Diagnostics, Span, Spanned};
use crate::case::model::{Channel, ChannelKind};

const KINDS: [(&str, ChannelKind); 4] = [
    ("queue", ChannelKind::Queue),
    ("pipe", ChannelKind::Pipe),
    ("stream", ChannelKind::Stream),
    ("endpoint", ChannelKind::Endpoint),
];

/// One channel.
pub(super) fn channel(
    key: &str,
    key_span: Span,
    node: &Node<'_>,
    errors: &mut Diagnostics,
) -> Option<Channel> {
    let name = named(key, key_span, "a channel", errors);
    let mut fields = Fields::of("a channel", table(node, "a table", errors)?, key_span);
    let kind = fields
        .require("kind", errors)
        .and_then(|node| word(node, "kind of channel", &KINDS, errors));
    let capacity = fields
        .take("capacity")
        .and_then(|node| number(node, errors));
    let duplex = fields.take("duplex").and_then(|node| boolean(node, errors));
    let mode = fields.take("mode").and_then(|node| mode(node, errors));
    let length = fields.take("length").and_then(|node| number(node, errors));
    let backlog = fields.take("backlog").and_then(|node| number(node, errors));
    let key = fields
        .take("key")
        .and_then(|node| endpoint_key(node, errors));
    fields.finish(errors);
    Some(Channel {
        name: name?,
        kind: kind?,
        capacity,
        duplex,
        mode,
        length,
        backlog,
        key,
    })
}

/// The key of an endpoint, which can't be `$none`.
fn endpoint_key(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Spanned<String>> {
    let known = key(node, errors)?;
    if known.value.is_none() {
        let message = "an endpoint can't have the key `\"$none\"`";
        let help = "leave `key` out; `\"$none\"` is for a `connect` without a key";
        errors.push(Diagnostic::new(known.span, message).help(help));
    }
    known.value.map(|key| known.span.with(key))
}

/// `"0600"`: Unix permission bits.
fn mode(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Spanned<u32>> {
    let digits = text(node, "a mode, as in \"0600\"", errors)?;
    let octal = digits.len() == 4 && digits.bytes().all(|digit| matches!(digit, b'0'..=b'7'));
    let mode = u32::from_str_radix(digits, 8).ok().filter(|_| octal);
    if mode.is_none() {
        let message = format!("`{digits}` isn't a mode");
        let help = "write four octal digits, as in \"0600\", which lets only the owner connect";
        errors.push(Diagnostic::new(span(node), message).help(help));
    }
    mode.map(|mode| span(node).with(mode))
}
