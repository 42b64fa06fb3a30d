//! Names of the contents in a history: the plan's items, wherever they can be recognised.

use std::collections::HashMap;
use std::fmt;

use crate::plan::{
    Action, Codec, Content, Item, Limit, Plan, Source, Step, Value, content_of, payload,
};

/// The longest text that is shown whole, in characters.
const LONGEST: usize = 60;

/// A content, as people read it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Name {
    /// This item.
    Item(Item),
    /// Not an item that could have been sent.
    Unknown(Content),
}

/// Names contents, and caches the names.
#[derive(Debug)]
pub(crate) struct Naming {
    codecs: Vec<Codec>,
    names: HashMap<(usize, Content), Name>,
}

impl Naming {
    /// Makes the names of everything that this plan's processes may send.
    pub(crate) fn of(plan: &Plan) -> Naming {
        let mut items = Vec::new();
        for process in &plan.processes {
            items.extend(process.vars.values().cloned());
            collect(&process.steps, 1, &mut items);
        }
        let codecs: Vec<Codec> = plan.channels.iter().map(|c| c.codec).collect();
        let mut names = HashMap::new();
        for (channel, codec) in codecs.iter().enumerate() {
            for item in &items {
                // A payload on a channel of plain bytes contains its number.
                let says_itself = matches!(
                    (codec, item),
                    (Codec::Bytes, Item::Payload { .. }) | (Codec::Tagged, Item::Int(_))
                );
                if let (false, Ok(content)) = (says_itself, content_of(item, *codec)) {
                    names.insert((channel, content), Name::Item(item.clone()));
                }
            }
        }
        Naming { codecs, names }
    }

    /// The name of a content that was seen on this channel.
    pub(crate) fn name(&mut self, channel: usize, content: Content) -> Name {
        let codec = self.codecs[channel];
        let key = (channel, content);
        if let Some(name) = self.names.get(&key) {
            return name.clone();
        }
        if content.is_inline() {
            return Name::Item(codec.decode(&content.head()));
        }
        // Recognising a payload means generating it, so do that once.
        let name = guess(codec, content);
        self.names.insert(key, name.clone());
        name
    }
}

/// The item of a long content that isn't a literal of the plan.
fn guess(codec: Codec, content: Content) -> Name {
    let head = content.head();
    let number = head.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b));
    let size = content.length();
    if codec == Codec::Bytes && Content::of(&payload::generate(number, size)) == content {
        Name::Item(Item::Payload { number, size })
    } else {
        Name::Unknown(content)
    }
}

/// Collects all items that the steps name; `rounds` is how often the `repeat` around them runs.
fn collect(steps: &[Step], rounds: u64, items: &mut Vec<Item>) {
    for step in steps {
        match &step.action {
            Action::Put { source, .. } => match source {
                Source::Items(values) => collect_values(values, rounds, items),
                Source::Count { from, count, size } => {
                    let numbers = (*from..).take(usize::try_from(*count).unwrap_or(usize::MAX));
                    if let Some(size) = *size {
                        items.extend(numbers.map(|number| Item::Payload {
                            number: number as u64,
                            size,
                        }));
                    }
                }
            },
            Action::Get { limit, each, .. } => {
                if let Limit::Until(values) = limit {
                    collect_values(values, rounds, items);
                }
                collect(each, rounds, items);
            }
            Action::Repeat { count, steps } => collect(steps, *count, items),
            Action::Threads { threads } => {
                let threads = threads.iter();
                threads.for_each(|steps| collect(steps, rounds, items));
            }
            Action::Set { vars } => vars.values().for_each(|v| collect_value(v, rounds, items)),
            _ => {}
        }
    }
}

fn collect_values(values: &[Value], rounds: u64, items: &mut Vec<Item>) {
    values
        .iter()
        .for_each(|value| collect_value(value, rounds, items));
}

fn collect_value(value: &Value, rounds: u64, items: &mut Vec<Item>) {
    match value {
        Value::Literal(item) => items.push(item.clone()),
        Value::Reference(_) => {}
        Value::Sized { number, size } => {
            let sized = |number| Item::Payload {
                number,
                size: *size,
            };
            match &**number {
                Value::Literal(Item::Int(number)) => items.push(sized(*number as u64)),
                Value::Literal(_) | Value::Sized { .. } => {}
                // The round is the only number that steps count up by themselves.
                Value::Reference(_) => items.extend((0..rounds).map(sized)),
            }
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Name::Item(Item::Text(text)) => match text.char_indices().nth(LONGEST) {
                Some((cut, _)) => write!(f, "{:?}… ({} bytes)", &text[..cut], text.len()),
                None => write!(f, "{text:?}"),
            },
            Name::Item(Item::Bytes(bytes)) if bytes.is_empty() => f.write_str("no bytes"),
            Name::Item(item) => write!(f, "{item}"),
            Name::Unknown(content) => write!(f, "{content}"),
        }
    }
}
