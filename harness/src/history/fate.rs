//! What happened to every item of a lane: delivered, doubled, invented, changed or lost.
//!
//! Under kills an item may disappear without a break, because a get that never returned may have
//! taken it. So an item counts as lost only if the history shows that it can no longer arrive, and if
//! no such get can have taken it.

use std::collections::BTreeMap;

use crate::history::OperationId;
use crate::history::pairing::{Entry, Group, NEVER, Traffic};
use crate::plan::ProcessIndex;

/// The fates of one lane's items.
#[derive(Clone, Debug, Default)]
pub struct Fates {
    /// The number of puts whose items were certainly got.
    pub delivered: u64,
    /// The number of other puts that have a get of an equal item. Each get may have returned the item of
    /// an equal put twice, and another item may still be inside.
    pub ambiguous: u64,
    /// Items that were got more often than put: the first get, and the extra one.
    pub doubled: Vec<(Entry, Entry)>,
    /// Gets of items that no process put, except those in `changed`.
    pub invented: Vec<Entry>,
    /// Puts that certainly had no effect, and gets that returned their items nevertheless.
    pub resurrected: Vec<(Entry, Entry)>,
    /// Puts whose items are missing, and gets that returned something else instead.
    pub changed: Vec<(Entry, Entry)>,
    /// Puts, and gets that had returned their items before the put started.
    pub early: Vec<(Entry, Entry)>,
    /// Items that were put and can no longer be got.
    pub lost: Vec<Lost>,
    /// Every put that returned ok and whose item was never got, lost or not, by return.
    pub missing: Vec<Entry>,
}

/// An item that can no longer be got.
#[derive(Clone, Copy, Debug)]
pub struct Lost {
    /// Its put.
    pub put: Entry,
    /// The evidence for that.
    pub because: Because,
}

/// Why an item that was not got is lost and not merely late.
#[derive(Clone, Copy, Debug)]
pub enum Because {
    /// A later item was got.
    Overtaken {
        /// The put of that item.
        put: OperationId,
        /// Its get.
        got: OperationId,
    },
    /// A get returned end of stream.
    Ended(OperationId),
}

impl Because {
    /// Returns the get that shows the loss.
    pub(crate) fn shown_by(self) -> OperationId {
        match self {
            Because::Overtaken { got, .. } => got,
            Because::Ended(end) => end,
        }
    }
}

/// In which order a lane's items come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemOrder {
    /// Items of one producer in its order, for each consumer alone: consumers have buffers.
    OfEachConsumer,
    /// Items of one producer in its order, over all consumers.
    OfEachProducer,
    /// Each item after all that any process put before it.
    Total,
}

impl Fates {
    /// Returns the fates of this lane's items, whose backend promises this order.
    pub fn of(traffic: &Traffic, order: ItemOrder) -> Fates {
        let mut fates = Fates::default();
        let settling = match order {
            ItemOrder::OfEachConsumer => Settling::default(),
            ItemOrder::OfEachProducer | ItemOrder::Total => Settling::of(traffic),
        };
        for group in traffic.groups() {
            fates.add(traffic, group, &settling);
        }
        fates.missing.sort_unstable_by_key(|put| put.returned);
        fates.match_changed();
        // An item may be in the buffer of a consumer that doesn't get it.
        if !fates.missing.is_empty() && order != ItemOrder::OfEachConsumer {
            fates.find_lost(traffic, order == ItemOrder::Total);
        }
        fates
    }

    fn add(&mut self, traffic: &Traffic, group: Group<'_>, settling: &Settling) {
        let Group { puts, gets, .. } = group;
        if puts.is_empty() {
            let twin = |entry: &Entry| entry.content.cmp(&group.content);
            match traffic.refused.binary_search_by(twin) {
                Ok(at) => {
                    let refused = traffic.refused[at];
                    self.resurrected
                        .extend(gets.iter().map(|get| (refused, *get)));
                }
                Err(_) => self.invented.extend(gets),
            }
            return;
        }
        if settling.tells_apart(&group) {
            self.delivered += group.paired() as u64;
        } else {
            self.ambiguous += group.paired() as u64;
        }
        if gets.len() > puts.len() {
            let extra = &gets[puts.len()..];
            self.doubled.extend(extra.iter().map(|get| (gets[0], *get)));
        }
        let by_return = Group::by_return(gets);
        let early = puts
            .iter()
            .zip(&*by_return)
            .filter(|(put, get)| get.returned < put.start)
            .map(|(put, get)| (*put, *get));
        self.early.extend(early);
        // Equal items can't be told apart. Calling the latest ones missing accuses least.
        let by_return = Group::by_return(puts);
        let certain = by_return.iter().filter(|put| put.certain);
        self.missing.extend(certain.skip(gets.len()));
    }

    /// An item that was got but never put, in place of one that was put but never got, counts as one
    /// changed item, not as one lost and one invented.
    fn match_changed(&mut self) {
        self.invented.sort_unstable_by_key(|get| get.start);
        let mut missing = self.missing.iter().copied().peekable();
        let mut alone = Vec::new();
        for get in self.invented.drain(..) {
            match missing.next_if(|put| put.start <= get.returned) {
                Some(put) => self.changed.push((put, get)),
                None => alone.push(get),
            }
        }
        self.invented = alone;
    }

    fn find_lost(&mut self, traffic: &Traffic, linearizable: bool) {
        let changed = self.changed.len();
        let overtaking = Overtaking::of(traffic, linearizable);
        let mut late: Vec<(u64, Lost)> = self.missing[changed..]
            .iter()
            .filter_map(|put| {
                let overtaken = overtaking.of_any(traffic.equal_puts(put.content));
                let ended = traffic
                    .ends
                    .iter()
                    .filter(|end| end.returned > put.returned)
                    .map(|end| (end.returned, Because::Ended(end.id())))
                    .min_by_key(|(returned, _)| *returned);
                let (deadline, because) = overtaken.or(ended)?;
                let deadline = ended.map_or(deadline, |(ended, _)| deadline.min(ended));
                Some((deadline, Lost { put: *put, because }))
            })
            .collect();
        late.sort_by_key(|(deadline, _)| *deadline);
        let mut takers = traffic.takers.iter().peekable();
        self.lost = late
            .into_iter()
            .filter(|(deadline, _)| takers.next_if(|get| get.start <= *deadline).is_none())
            .map(|(_, lost)| lost)
            .collect();
        self.lost.sort_unstable_by_key(|lost| lost.put.returned);
    }
}

/// What shows that no copy of an equal item is left inside.
#[derive(Default)]
struct Settling {
    /// Whether the lane was found empty after the last put.
    is_drained: bool,
    /// For each thread of each process, the last of its puts whose item is unique and was got. Everything
    /// that it had put before came out before.
    last_unique: BTreeMap<(ProcessIndex, u16), usize>,
}

impl Settling {
    fn of(traffic: &Traffic) -> Settling {
        let last_put = traffic.puts.iter().map(|put| put.returned).max();
        let found_empty = traffic.ends.iter().map(|end| end.returned).max();
        let found_empty = found_empty.max(traffic.found_empty);
        let mut last_unique = BTreeMap::new();
        for group in traffic.groups() {
            if let ([put], [_]) = (group.puts, group.gets) {
                let last = last_unique
                    .entry((put.process(), put.thread()))
                    .or_default();
                *last = put.id().index.max(*last);
            }
        }
        Settling {
            is_drained: last_put < found_empty,
            last_unique,
        }
    }

    /// Whether each of these equal items was certainly got once.
    fn tells_apart(&self, group: &Group<'_>) -> bool {
        let is_followed = |put: &Entry| {
            let last = self.last_unique.get(&(put.process(), put.thread()));
            last.is_some_and(|last| put.id().index < *last)
        };
        group.puts.len() < 2 || self.is_drained || group.puts.iter().all(is_followed)
    }
}

/// For each item, the earliest get of a later item.
struct Overtaking {
    /// For each thread of each process.
    by_producer: BTreeMap<(ProcessIndex, u16), Suffixes>,
    by_time: Option<Suffixes>,
}

/// Items by a key, each with the earliest get of it or any later item.
#[derive(Default)]
struct Suffixes(Vec<(u64, Entry, Entry)>);

impl Suffixes {
    fn finish(&mut self) {
        self.0.sort_unstable_by_key(|(key, _, _)| *key);
        let mut best: Option<(Entry, Entry)> = None;
        for (_, put, get) in self.0.iter_mut().rev() {
            match best {
                Some((best_put, best_get)) if best_get.returned < get.returned => {
                    (*put, *get) = (best_put, best_get);
                }
                _ => best = Some((*put, *get)),
            }
        }
    }

    /// The earliest get of an item whose key is greater than this.
    fn after(&self, key: u64) -> Option<(Entry, Entry)> {
        let at = self.0.partition_point(|(other, _, _)| *other <= key);
        self.0.get(at).map(|(_, put, get)| (*put, *get))
    }
}

impl Overtaking {
    fn of(traffic: &Traffic, linearizable: bool) -> Overtaking {
        let mut by_producer: BTreeMap<_, Suffixes> = BTreeMap::new();
        let mut by_time = linearizable.then(Suffixes::default);
        for group in traffic.groups() {
            // Latest returns go with latest puts, which accuses least.
            let gets = Group::by_return(group.gets);
            for (put, get) in group.puts.iter().zip(&*gets) {
                let index = put.id().index as u64;
                let of_producer = by_producer
                    .entry((put.process(), put.thread()))
                    .or_default();
                of_producer.0.push((index, *put, *get));
                if let Some(by_time) = &mut by_time {
                    by_time.0.push((put.start, *put, *get));
                }
            }
        }
        by_producer.values_mut().for_each(Suffixes::finish);
        if let Some(by_time) = &mut by_time {
            by_time.finish();
        }
        Overtaking {
            by_producer,
            by_time,
        }
    }

    /// The latest evidence among these equal items. Any of them may be the missing one, so there must be
    /// evidence for each.
    fn of_any(&self, candidates: &[Entry]) -> Option<(u64, Because)> {
        let shown: Option<Vec<_>> = candidates.iter().map(|put| self.of_item(put)).collect();
        shown?.into_iter().max_by_key(|(deadline, _)| *deadline)
    }

    fn of_item(&self, missing: &Entry) -> Option<(u64, Because)> {
        let index = missing.id().index as u64;
        let process = missing.process();
        let own = self
            .by_producer
            .range((process, 0)..=(process, u16::MAX))
            .filter_map(|(_, items)| items.after(index))
            .filter(|(put, _)| put.is_in_turn_with(missing))
            .min_by_key(|(_, get)| get.returned);
        let any = self
            .by_time
            .as_ref()
            .and_then(|items| items.after(missing.returned));
        let (put, get) = [own, any]
            .into_iter()
            .flatten()
            .filter(|(_, get)| get.returned != NEVER)
            .min_by_key(|(_, get)| get.returned)?;
        let because = Because::Overtaken {
            put: put.id(),
            got: get.id(),
        };
        Some((get.returned, because))
    }
}
