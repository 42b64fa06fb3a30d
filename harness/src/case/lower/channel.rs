//! `[channels.C]`.

use toml::de::DeValue;

use super::fields::Fields;
use super::word::{named, number, owned, word};
use super::{Node, mismatch, span, table};
use crate::case::diagnostic::{Diagnostics, Span};
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
    let duplex = fields.take("duplex").and_then(|node| match node.get_ref() {
        DeValue::Boolean(value) => Some(span(node).with(*value)),
        _ => mismatch(node, "true or false", errors),
    });
    let mode = fields.take("mode").and_then(|node| owned(node, errors));
    fields.finish(errors);
    Some(Channel {
        name: name?,
        kind: kind?,
        capacity,
        duplex,
        mode,
    })
}
