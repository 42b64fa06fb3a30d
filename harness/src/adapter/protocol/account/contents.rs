//! Converts the items that adapters report into the contents of messages.

use std::collections::{BTreeMap, BTreeSet};

use crate::backend::Kind;
use crate::history::Aside;
use crate::plan::{
    Action, Codec, Content, End, Item, Limit, Plan, ProcessIndex, Source, Value, payload,
};

/// Adapters report received bytes as a payload only if they are longer than this. Fewer bytes may
/// look like a payload by chance.
const SHORT: usize = 64;

/// How many bytes of a corrupt message are kept.
const KEPT: usize = 48;

/// A process, and the number of its operation.
type OperationOf = (ProcessIndex, usize);

/// A payload's number and size.
type Payload = (u64, u64);

/// The contents of a run's messages so far.
#[derive(Debug)]
pub(super) struct Contents {
    codecs: Vec<Codec>,
    /// The size of the largest payload in the plan. No process can receive a larger one.
    largest: u64,
    /// Short messages that may be payloads.
    short: Vec<(OperationOf, Vec<u8>)>,
    /// The payloads of the run. Generating their bytes takes long, so this happens after the run: its
    /// processes would wait for it.
    made_later: Vec<(OperationOf, Codec, Payload)>,
    /// The bytes of the short payloads that were put.
    payloads: BTreeSet<Vec<u8>>,
}

impl Contents {
    pub(super) fn of(plan: &Plan) -> Contents {
        Contents {
            codecs: plan.channels.iter().map(|channel| channel.codec).collect(),
            largest: largest_payload(plan),
            short: Vec::new(),
            made_later: Vec::new(),
            payloads: BTreeSet::new(),
        }
    }

    /// Returns the content of an item that this operation puts, or `None` if [`Contents::settle`]
    /// returns it.
    pub(super) fn put(
        &mut self,
        of: OperationOf,
        item: Item,
        end: End,
    ) -> Result<Option<Content>, String> {
        self.check(&item)?;
        let codec = self.codecs[end.channel];
        match &item {
            Item::Payload { number, size } if codec == Codec::Tagged && *size <= SHORT as u64 => {
                self.payloads.insert(payload::generate(*number, *size));
            }
            _ => self.keep_short(of, &item, codec),
        }
        if let Item::Payload { number, size } = item {
            self.made_later.push((of, codec, (number, size)));
            return Ok(None);
        }
        Ok(Some(Content::of(&encode(&item, codec))))
    }

    /// Returns the content of an item that this operation received, with an excerpt if it is long and
    /// corrupt. Returns `None` if [`Contents::settle`] returns it.
    pub(super) fn got(
        &mut self,
        of: OperationOf,
        item: Item,
        end: End,
        plan: &Plan,
    ) -> Result<Option<(Content, Option<Aside>)>, String> {
        self.check(&item)?;
        let codec = self.codecs[end.channel];
        if let Item::Payload { number, size } = item {
            self.made_later.push((of, codec, (number, size)));
            return Ok(None);
        }
        self.keep_short(of, &item, codec);
        let bytes = encode(&item, codec);
        let content = Content::of(&bytes);
        // A stream's read may begin anywhere, so it isn't known what it should contain.
        let has_beginning = plan.channels[end.channel].kind != Kind::Stream;
        let fault = codec
            .fault(&bytes)
            .filter(|_| has_beginning && !content.is_inline());
        let aside = fault.map(|offset| Aside {
            operation: of.1,
            offset: offset as u64,
            bytes: bytes[offset..].iter().copied().take(KEPT).collect(),
        });
        Ok(Some((content, aside)))
    }

    fn keep_short(&mut self, of: OperationOf, item: &Item, codec: Codec) {
        if let (Codec::Tagged, Item::Bytes(bytes)) = (codec, item)
            && bytes.len() <= SHORT
        {
            self.short.push((of, bytes.clone()));
        }
    }

    /// Checks the size of an item, so that an adapter can't make the harness use up all memory.
    fn check(&self, item: &Item) -> Result<(), String> {
        match item {
            Item::Payload { size, .. } if *size > self.largest => Err(format!(
                "has a payload of {size} bytes, and the plan's largest has {}",
                self.largest
            )),
            Item::List(items) => items.iter().try_for_each(|item| self.check(item)),
            Item::Map(entries) => entries.values().try_for_each(|item| self.check(item)),
            _ => Ok(()),
        }
    }

    /// Returns the contents that are known only at the end: those of payloads, and those of short
    /// messages that are a payload of the run.
    pub(super) fn settle(&mut self) -> Vec<(OperationOf, Content)> {
        let mut settled = Vec::new();
        let mut made = BTreeMap::new();
        for (of, codec, (number, size)) in self.made_later.drain(..) {
            let content = made
                .entry((codec, number, size))
                .or_insert_with(|| Content::of(&encode(&Item::Payload { number, size }, codec)));
            settled.push((of, *content));
        }
        for (of, bytes) in self.short.drain(..) {
            if let Some(number) = payload::number(&bytes).filter(|_| self.payloads.contains(&bytes))
            {
                let size = bytes.len() as u64;
                let bytes = encode(&Item::Payload { number, size }, Codec::Tagged);
                settled.push((of, Content::of(&bytes)));
            }
        }
        settled
    }
}

/// Encodes an item as a channel with this codec does. If the codec can't encode the item, returns
/// other bytes, which don't equal any message that was put.
fn encode(item: &Item, codec: Codec) -> Vec<u8> {
    match (codec.encode(item), item) {
        (Ok(bytes), _) => bytes.into_owned(),
        (Err(_), Item::Bytes(bytes)) => bytes.clone(),
        (Err(_), item) => Codec::Tagged
            .encode(item)
            .map(|bytes| bytes.into_owned())
            .unwrap_or_default(),
    }
}

fn largest_payload(plan: &Plan) -> u64 {
    let of_vars = plan
        .processes
        .iter()
        .flat_map(|process| process.vars.values().map(of_item));
    let of_steps = plan.steps().map(|(_, step)| match &step.action {
        Action::Put {
            source: Source::Items(values),
            ..
        }
        | Action::Get {
            limit: Limit::Until(values),
            ..
        } => of_values(values),
        Action::Put {
            source: Source::Count { size, .. },
            ..
        } => size.unwrap_or(0),
        Action::Set { vars } => of_values(vars.values()),
        _ => 0,
    });
    of_vars.chain(of_steps).max().unwrap_or(0)
}

fn of_values<'a>(values: impl IntoIterator<Item = &'a Value>) -> u64 {
    let sizes = values.into_iter().map(|value| match value {
        Value::Literal(item) => of_item(item),
        Value::Sized { size, .. } => *size,
        Value::Reference(_) => 0,
    });
    sizes.max().unwrap_or(0)
}

fn of_item(item: &Item) -> u64 {
    match item {
        Item::Payload { size, .. } => *size,
        Item::List(items) => items.iter().map(of_item).max().unwrap_or(0),
        Item::Map(entries) => entries.values().map(of_item).max().unwrap_or(0),
        _ => 0,
    }
}
