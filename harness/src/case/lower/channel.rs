//! `[channels.C]`.

use super::fields::Fields;
use super::word::{boolean, named, number, text, word};
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
    fields.finish(errors);
    Some(Channel {
        name: name?,
        kind: kind?,
        capacity,
        duplex,
        mode,
        length,
        backlog,
    })
}

/// `"0600"`: octal digits, as Unix writes who may do what.
fn mode(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Spanned<u32>> {
    let digits = text(node, "a mode, as in \"0600\"", errors)?;
    let octal = digits.len() == 4 && digits.bytes().all(|digit| matches!(digit, b'0'..=b'7'));
    let mode = u32::from_str_radix(digits, 8).ok().filter(|_| octal);
    if mode.is_none() {
        let message = format!("`{digits}` is no mode");
        let help = "a mode is four octal digits, as in \"0600\": only the owner may connect";
        errors.push(Diagnostic::new(span(node), message).help(help));
    }
    mode.map(|mode| span(node).with(mode))
}
