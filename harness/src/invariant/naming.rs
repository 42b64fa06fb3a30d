//! Operations and items in words, for witnesses.

use std::borrow::Cow;

use super::Evidence;
use crate::channel::{End, Kind};
use crate::content::codec::Codec;
use crate::content::{Content, of_item, payload};
use crate::history::OperationId;
use crate::item::Item;
use crate::plan::{Action, ProcessIndex, Source, Step, Value};

/// Payloads longer than this are not generated again for a name's sake.
const LONGEST: u64 = 64 << 20;
/// The most items of one put that are tried for a name.
const MOST: u64 = 10_000;

impl Evidence<'_> {
    /// The name of this process, as in `producer#1`.
    pub(super) fn process(&self, process: ProcessIndex) -> String {
        self.permutation.plan.processes[process].name()
    }

    /// The end as a case file writes it.
    pub(super) fn end_name(&self, end: End) -> String {
        let channel = &self.permutation.plan.channels[end.channel];
        format!("{}{}", channel.name, end.side.suffix())
    }

    /// An item of this channel as people know it.
    pub(super) fn item(&self, channel: usize, content: Content) -> String {
        let codec = self.permutation.plan.channels[channel].codec;
        match self.find_item(channel, content) {
            Some(item) => show(&item),
            None if content.is_inline() => show(&codec.decode(&content.head())),
            None => content.to_string(),
        }
    }

    /// What an operation put or got, in words.
    pub(super) fn item_of(&self, id: OperationId) -> String {
        let operation = self.operation(id);
        match (operation.end, operation.content) {
            (Some(end), Some(content)) => self.item(end.channel, content),
            _ => "nothing".to_owned(),
        }
    }

    /// That it was put, in the word for this operation's channel: "put", "sent" or "written".
    pub(super) fn put_of(&self, id: OperationId) -> &'static str {
        match self.kind(self.operation(id)) {
            Kind::Pipe => "sent",
            Kind::Stream => "written",
            Kind::Queue | Kind::Process => "put",
        }
    }

    /// The operation in words, as in `send p.tx 3`.
    pub(super) fn name(&self, id: OperationId) -> String {
        let operation = self.operation(id);
        let word = operation.kind.word(self.kind(operation));
        match (operation.end, operation.content) {
            (Some(end), Some(_)) => format!("{word} {} {}", self.end_name(end), self.item_of(id)),
            (Some(end), None) => format!("{word} {}", self.end_name(end)),
            _ => word.to_owned(),
        }
    }

    /// Who does what, as in `writer: send p.tx 3`.
    pub(super) fn whole_name(&self, id: OperationId) -> String {
        format!("{}: {}", self.process(id.process), self.name(id))
    }

    /// The item with this content, if it was kept whole or some put of the plan names it.
    pub(super) fn find_item(&self, channel: usize, content: Content) -> Option<Item> {
        let codec = self.permutation.plan.channels[channel].codec;
        if content.is_inline() {
            return Some(codec.decode(&content.head()));
        }
        let number = u64::from_le_bytes(content.head().try_into().unwrap_or_default());
        let (number, size) = (number, content.length());
        if codec == Codec::Bytes && size <= LONGEST && is_payload(content, number) {
            return Some(Item::Payload { number, size });
        }
        let same = |item: &Item| of_item(item, codec).is_ok_and(|known| known == content);
        self.permutation
            .plan
            .steps()
            .flat_map(|(_, step)| candidates(step, channel))
            .find(|item| same(item))
            .map(Cow::into_owned)
    }
}

/// Whether these are the bytes of payload `number`.
pub(super) fn is_payload(content: Content, number: u64) -> bool {
    Content::of(&payload::generate(number, content.length())) == content
}

/// The items that a step itself names.
fn candidates(step: &Step, wanted: usize) -> Vec<Cow<'_, Item>> {
    let Action::Put { end, source, .. } = &step.action else {
        return Vec::new();
    };
    if end.channel != wanted {
        return Vec::new();
    }
    match source {
        Source::Items(values) => values
            .iter()
            .filter_map(|value| match value {
                Value::Literal(item) => Some(Cow::Borrowed(item)),
                _ => None,
            })
            .collect(),
        Source::Count {
            from,
            count,
            size: Some(size),
        } if *size <= LONGEST => (0..(*count).min(MOST))
            .filter_map(|n| u64::try_from(*from).ok()?.checked_add(n))
            .map(|number| {
                let size = *size;
                Cow::Owned(Item::Payload { number, size })
            })
            .collect(),
        Source::Count { .. } => Vec::new(),
    }
}

fn show(item: &Item) -> String {
    match item {
        Item::Bytes(bytes) if bytes.is_empty() => "the empty message".to_owned(),
        Item::Text(text) => format!("{text:?}"),
        other => other.to_string(),
    }
}
