//! How each channel's items become bytes, by what the case sends over it.

use std::collections::BTreeMap;

use crate::backend::{End, Lane};
use crate::plan::content::codec::Codec;
use crate::plan::{Action, Item, Process, Source, Step, Value};

/// Which sorts of items something can be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sorts {
    bytes: bool,
    text: bool,
    other: bool,
}

impl Sorts {
    fn of(item: &Item) -> Sorts {
        let mut sorts = Sorts::default();
        match item {
            Item::Bytes(_) | Item::Payload { .. } => sorts.bytes = true,
            Item::Text(_) => sorts.text = true,
            _ => sorts.other = true,
        }
        sorts
    }

    fn and(self, more: Sorts) -> Sorts {
        Sorts {
            bytes: self.bytes || more.bytes,
            text: self.text || more.text,
            other: self.other || more.other,
        }
    }
}

/// What lanes and variables can carry, as far as it is known.
#[derive(Default, PartialEq, Clone)]
struct Carried {
    /// The channel as which each is counted.
    counted_as: Vec<usize>,
    lanes: BTreeMap<Lane, Sorts>,
    variables: BTreeMap<String, Sorts>,
}

impl Carried {
    fn counted(&self, lane: Lane) -> Lane {
        let channel = self.counted_as.get(lane.channel).copied();
        Lane {
            channel: channel.unwrap_or(lane.channel),
            ..lane
        }
    }

    fn lane(&self, lane: Lane) -> Sorts {
        self.lanes
            .get(&self.counted(lane))
            .copied()
            .unwrap_or_default()
    }

    fn value(&self, value: &Value, item: Option<Lane>) -> Sorts {
        match value {
            Value::Literal(item) => Sorts::of(item),
            Value::Sized { .. } => Sorts {
                bytes: true,
                ..Sorts::default()
            },
            Value::Reference(name) => match (name.as_str(), item) {
                ("item", Some(lane)) => self.lane(lane),
                ("n", _) => Sorts::of(&Item::Int(0)),
                (name, _) => self.variables.get(name).copied().unwrap_or_default(),
            },
        }
    }

    fn sends(&mut self, end: End, sorts: Sorts) {
        let lane = self.counted(end.sends_on());
        let lane = self.lanes.entry(lane).or_default();
        *lane = lane.and(sorts);
    }

    fn keeps(&mut self, variable: &str, sorts: Sorts) {
        let kept = self.variables.entry(variable.to_owned()).or_default();
        *kept = kept.and(sorts);
    }

    /// Goes through the steps once; `item` is the lane that `$item` came from.
    fn follow(&mut self, steps: &[Step], item: Option<Lane>) {
        for step in steps {
            match &step.action {
                Action::Put { end, source, .. } => {
                    let sorts = match source {
                        Source::Items(values) => values
                            .iter()
                            .map(|value| self.value(value, item))
                            .fold(Sorts::default(), Sorts::and),
                        Source::Count { size: Some(_), .. } => Sorts::of(&Item::Bytes(Vec::new())),
                        Source::Count { size: None, .. } => Sorts::of(&Item::Int(0)),
                    };
                    self.sends(*end, sorts);
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

/// The codec of each of `channels` channels: plain where all items are bytes, or all text.
/// `vars` are the variables that the case itself gives a first value; `counted_as` says as which
/// channel each is counted, as all connections of one endpoint are.
pub(super) fn derive(
    processes: &[Process],
    vars: &BTreeMap<String, Item>,
    counted_as: Vec<usize>,
    channels: usize,
) -> Vec<Codec> {
    let mut carried = Carried {
        counted_as,
        ..Carried::default()
    };
    for (name, item) in vars {
        carried.keeps(name, Sorts::of(item));
    }
    // What `$item` and variables carry follows from other lanes; sorts are only ever added.
    loop {
        let before = carried.clone();
        for process in processes {
            carried.follow(&process.steps, None);
        }
        if carried == before {
            break;
        }
    }
    (0..channels)
        .map(|channel| {
            let lanes = carried.lanes.iter();
            let sorts = lanes
                .filter(|(lane, _)| lane.channel == channel)
                .fold(Sorts::default(), |all, (_, sorts)| all.and(*sorts));
            match (sorts.bytes, sorts.text, sorts.other) {
                (true, false, false) => Codec::Bytes,
                (false, true, false) => Codec::Text,
                _ => Codec::Tagged,
            }
        })
        .collect()
}
