//! Derives the codec of each channel from the items that the case sends over it.

use std::collections::BTreeMap;

use crate::plan::{Action, Codec, End, Item, Lane, Process, Source, Step, Value};

/// A set of kinds of items, as far as codecs tell them apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct ItemKinds {
    bytes: bool,
    text: bool,
    other: bool,
}

impl ItemKinds {
    fn of(item: &Item) -> ItemKinds {
        let mut kinds = ItemKinds::default();
        match item {
            Item::Bytes(_) | Item::Payload { .. } => kinds.bytes = true,
            Item::Text(_) => kinds.text = true,
            _ => kinds.other = true,
        }
        kinds
    }

    fn and(self, more: ItemKinds) -> ItemKinds {
        ItemKinds {
            bytes: self.bytes || more.bytes,
            text: self.text || more.text,
            other: self.other || more.other,
        }
    }
}

/// The kinds of items that lanes carry and variables store, as far as they are known.
#[derive(Default, PartialEq, Clone)]
struct ItemFlow {
    /// The index under which each channel is counted.
    counted_as: Vec<usize>,
    lanes: BTreeMap<Lane, ItemKinds>,
    variables: BTreeMap<String, ItemKinds>,
}

impl ItemFlow {
    fn counted(&self, lane: Lane) -> Lane {
        let channel = self.counted_as.get(lane.channel).copied();
        Lane {
            channel: channel.unwrap_or(lane.channel),
            ..lane
        }
    }

    fn lane(&self, lane: Lane) -> ItemKinds {
        self.lanes
            .get(&self.counted(lane))
            .copied()
            .unwrap_or_default()
    }

    fn value(&self, value: &Value, item: Option<Lane>) -> ItemKinds {
        match value {
            Value::Literal(item) => ItemKinds::of(item),
            Value::Sized { .. } => ItemKinds {
                bytes: true,
                ..ItemKinds::default()
            },
            Value::Reference(name) => match (name.as_str(), item) {
                ("item", Some(lane)) => self.lane(lane),
                ("n", _) => ItemKinds::of(&Item::Int(0)),
                (name, _) => self.variables.get(name).copied().unwrap_or_default(),
            },
        }
    }

    fn sends(&mut self, end: End, kinds: ItemKinds) {
        let lane = self.counted(end.sends_on());
        let lane = self.lanes.entry(lane).or_default();
        *lane = lane.and(kinds);
    }

    fn keeps(&mut self, variable: &str, kinds: ItemKinds) {
        let kept = self.variables.entry(variable.to_owned()).or_default();
        *kept = kept.and(kinds);
    }

    /// Follows the steps once; `item` is the lane that `$item` comes from.
    fn follow(&mut self, steps: &[Step], item: Option<Lane>) {
        for step in steps {
            match &step.action {
                Action::Put { end, source, .. } => {
                    let kinds = match source {
                        Source::Items(values) => values
                            .iter()
                            .map(|value| self.value(value, item))
                            .fold(ItemKinds::default(), ItemKinds::and),
                        Source::Count { size: Some(_), .. } => {
                            ItemKinds::of(&Item::Bytes(Vec::new()))
                        }
                        Source::Count { size: None, .. } => ItemKinds::of(&Item::Int(0)),
                    };
                    self.sends(*end, kinds);
                }
                Action::Get {
                    end, each, into, ..
                } => {
                    let lane = end.receives_from();
                    if let Some(variable) = into {
                        self.keeps(variable, self.lane(lane));
                    }
                    self.follow(each, Some(lane));
                }
                Action::Raw(raw) if raw.length.is_some() && !raw.bytes.is_empty() => {
                    self.sends(raw.end, ItemKinds::of(&Item::Bytes(Vec::new())));
                }
                Action::Repeat { steps, .. } => self.follow(steps, item),
                Action::Threads { threads } => {
                    let threads = threads.iter();
                    threads.for_each(|steps| self.follow(steps, item));
                }
                Action::Set { vars } => {
                    for (name, value) in vars {
                        self.keeps(name, self.value(value, item));
                    }
                }
                _ => {}
            }
        }
    }
}

/// Returns the codec of each of the first `channels` channels: plain if all items are bytes, or all are
/// text. `vars` are the first values of variables; `counted_as` holds the index under which each
/// channel is counted, which all connections of one endpoint share.
pub(super) fn derive(
    processes: &[Process],
    vars: &BTreeMap<String, Item>,
    counted_as: Vec<usize>,
    channels: usize,
) -> Vec<Codec> {
    let mut flow = ItemFlow {
        counted_as,
        ..ItemFlow::default()
    };
    for (name, item) in vars {
        flow.keeps(name, ItemKinds::of(item));
    }
    // The kinds of `$item` and of variables depend on other lanes. Kinds are only added, so this ends.
    loop {
        let before = flow.clone();
        for process in processes {
            flow.follow(&process.steps, None);
        }
        if flow == before {
            break;
        }
    }
    (0..channels)
        .map(|channel| {
            let lanes = flow.lanes.iter();
            let kinds = lanes
                .filter(|(lane, _)| lane.channel == channel)
                .fold(ItemKinds::default(), |all, (_, kinds)| all.and(*kinds));
            match (kinds.bytes, kinds.text, kinds.other) {
                (true, false, false) => Codec::Bytes,
                (false, true, false) => Codec::Text,
                _ => Codec::Tagged,
            }
        })
        .collect()
}
