//! Items as adapters report them, made into the contents that records keep of messages.

use std::collections::{BTreeMap, BTreeSet};

use super::process::Told;
use crate::backend::{End, Kind};
use crate::history::Aside;
use crate::plan::content::codec::Codec;
use crate::plan::content::{Content, payload};
use crate::plan::{Action, Item, Limit, Plan, ProcessIndex, Source, Value};

/// Adapters report received bytes as a payload only where they are longer than this: of fewer it is
/// too easily chance that they are one.
const SHORT: usize = 64;

/// The most bytes that are kept of a message that isn't as it was made.
const KEPT: usize = 48;

/// The operation of a process.
type By = (ProcessIndex, usize);

/// A payload's number and size.
type Payload = (u64, u64);

/// What is known of a run's contents.
#[derive(Debug)]
pub(super) struct Contents {
    codecs: Vec<Codec>,
    /// The largest payload that the plan makes: a larger one nobody can have got.
    largest: u64,
    /// Short bytes where payloads may have been put, and who put or got them.
    short: Vec<(By, Vec<u8>)>,
    /// The payloads that were put or got, by whom: making their bytes takes longer than what else is
    /// done with a message, and while a run goes on its processes wait for that.
    made_later: Vec<(By, Codec, Payload)>,
    /// The bytes of the short payloads that were put on such channels.
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

    /// What is put, by this operation of this process; none where [`Contents::settle`] says it.
    pub(super) fn put(&mut self, by: By, item: Item, end: End) -> Result<Option<Content>, String> {
        self.check(&item)?;
        let codec = self.codecs[end.channel];
        match &item {
            Item::Payload { number, size } if codec == Codec::Tagged && *size <= SHORT as u64 => {
                self.payloads.insert(payload::generate(*number, *size));
            }
            _ => self.keep_short(by, &item, codec),
        }
        if let Item::Payload { number, size } = item {
            self.made_later.push((by, codec, (number, size)));
            return Ok(None);
        }
        Ok(Some(Content::of(&encode(&item, codec))))
    }

    /// What was got, by this operation of this process, and some of it where it is long and not as
    /// it was made; none where [`Contents::settle`] says it.
    pub(super) fn got(
        &mut self,
        by: By,
        item: Item,
        end: End,
        plan: &Plan,
    ) -> Result<Option<(Content, Option<Aside>)>, String> {
        self.check(&item)?;
        let codec = self.codecs[end.channel];
        if let Item::Payload { number, size } = item {
            self.made_later.push((by, codec, (number, size)));
            return Ok(None);
        }
        self.keep_short(by, &item, codec);
        let bytes = encode(&item, codec);
        let content = Content::of(&bytes);
        // Of a stream's reads nobody knows here where they begin.
        let has_beginning = plan.channels[end.channel].kind != Kind::Stream;
        let fault = codec
            .fault(&bytes)
            .filter(|_| has_beginning && !content.is_inline());
        let aside = fault.map(|offset| Aside {
            operation: by.1,
            offset: offset as u64,
            bytes: bytes[offset..].iter().copied().take(KEPT).collect(),
        });
        Ok(Some((content, aside)))
    }

    fn keep_short(&mut self, by: By, item: &Item, codec: Codec) {
        if let (Codec::Tagged, Item::Bytes(bytes)) = (codec, item)
            && bytes.len() <= SHORT
        {
            self.short.push((by, bytes.clone()));
        }
    }

    /// Whether it can be made: what an adapter says mustn't have us take all the memory there is.
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

    /// Says what is known only at the end: of payloads their bytes, and of short bytes which payload
    /// they are, if somebody put that.
    pub(super) fn settle(&mut self, processes: &mut [Told]) {
        let mut made = BTreeMap::new();
        for ((process, operation), codec, (number, size)) in self.made_later.drain(..) {
            let content = made
                .entry((codec, number, size))
                .or_insert_with(|| Content::of(&encode(&Item::Payload { number, size }, codec)));
            processes[process].operations[operation].content = Some(*content);
        }
        for ((process, operation), bytes) in self.short.drain(..) {
            if let Some(number) = payload::number(&bytes).filter(|_| self.payloads.contains(&bytes))
            {
                let size = bytes.len() as u64;
                let bytes = encode(&Item::Payload { number, size }, Codec::Tagged);
                processes[process].operations[operation].content = Some(Content::of(&bytes));
            }
        }
    }
}

/// The bytes that a channel with this codec carries for an item. Something else than it can carry is
/// still some message, and not the one that was put.
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
