//! What must take effect, and in which order time brings it up.

use crate::linearizable::completion::{Completion, Item, NOBODY};
use crate::linearizable::order::producer;
use crate::linearizable::{Claims, History, NEVER, Order};

/// Something that takes effect at one moment, if at all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Action {
    pub(super) what: What,
    /// The operation whose effect it is, by index.
    pub(super) operation: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Puts this item.
    Put(u32),
    /// Gets this item.
    Get(u32),
    /// Gets an item that nobody is known to have got.
    Take,
    /// Finds the queue empty.
    Empty,
    /// Finds the queue full.
    Full,
}

/// What the search knows of an item.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// The lane in which it keeps its place.
    pub(super) lane: u32,
    pub(super) put: u32,
    /// Its get's action; [`NOBODY`] if nobody is known to have got it.
    pub(super) get: u32,
    /// It is got no earlier than this; [`NEVER`] if nobody is known to have got it.
    pub(super) get_start: u64,
    /// It is got no later than this; [`NEVER`] if it needn't be.
    pub(super) get_end: u64,
    /// Whether there is no harm in getting it as early as can be.
    pub(super) at_once: bool,
}

/// The start or the end of the time in which an action takes effect.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    Start(u32),
    End(u32),
}

pub(super) struct Actions {
    pub(super) all: Vec<Action>,
    pub(super) items: Vec<Known>,
    /// The starts of gets that may take what nobody is known to have got.
    pub(super) takers: Vec<u64>,
    /// By time; of one stamp, starts before ends.
    pub(super) events: Vec<Event>,
    pub(super) order: Order,
    pub(super) lanes: usize,
    pub(super) capacity: u64,
    /// Whether anybody was told that the queue was full: then an item may have to stay for a while.
    pub(super) has_fulls: bool,
}

impl Actions {
    pub(super) fn of(history: &History, completion: &Completion, claims: &Claims) -> Actions {
        let mut builder = Builder {
            actions: Actions {
                all: Vec::new(),
                items: Vec::new(),
                takers: completion.takers.iter().map(|(start, _)| *start).collect(),
                events: Vec::new(),
                order: claims.order,
                lanes: 1,
                capacity: claims.capacity.unwrap_or(u64::MAX),
                has_fulls: claims.capacity.is_some() && !completion.fulls.is_empty(),
            },
            stamped: Vec::new(),
        };
        builder.add_items(history, completion);
        builder.add_rest(completion);
        builder.finish()
    }
}

struct Builder {
    actions: Actions,
    /// Events by their stamps, and where those are equal, by this rank.
    stamped: Vec<(u64, u8, Event)>,
}

const STARTS: u8 = 0;
const ENDS: u8 = 1;
const LAST: u8 = 2;

impl Builder {
    fn add_items(&mut self, history: &History, completion: &Completion) {
        let known = completion.items.len() - completion.missing;
        for (n, item) in completion.items.iter().enumerate() {
            let got = n < known;
            self.add_item(history, completion, item, got);
        }
        if !self.actions.has_fulls {
            return;
        }
        for (start, put) in &completion.open_puts {
            let item = Item {
                put_start: *start,
                put: *put,
                ..Item::ABSENT
            };
            self.add_item(history, completion, &item, false);
        }
    }

    fn add_item(&mut self, history: &History, completion: &Completion, item: &Item, got: bool) {
        let n = self.actions.items.len() as u32;
        let put = self.add(What::Put(n), item.put, item.put_start, item.put_end);
        let mut known = Known {
            lane: 0,
            put,
            get: NOBODY,
            get_start: NEVER,
            get_end: NEVER,
            at_once: false,
        };
        if self.actions.order == Order::PerProducer {
            known.lane = producer(history, item) as u32;
            self.actions.lanes = self.actions.lanes.max(known.lane as usize + 1);
        }
        if got {
            known.get = self.add(What::Get(n), item.get, item.get_start, item.get_end);
            (known.get_start, known.get_end) = (item.get_start, item.get_end);
            let meanwhile = |start, end| start <= item.get_end && item.get_start <= end;
            known.at_once = !self.actions.has_fulls
                || !completion
                    .fulls
                    .iter()
                    .any(|full| meanwhile(full.start, full.end));
        } else {
            // Which item of several producers is taken makes a difference.
            known.at_once = !self.actions.has_fulls && self.actions.order != Order::PerProducer;
        }
        self.actions.items.push(known);
    }

    fn add_rest(&mut self, completion: &Completion) {
        for (start, operation) in &completion.takers {
            self.add(What::Take, *operation, *start, NEVER);
        }
        for told in &completion.empties {
            self.add(What::Empty, told.operation, told.start, told.end);
        }
        if self.actions.has_fulls {
            for told in &completion.fulls {
                self.add(What::Full, told.operation, told.start, told.end);
            }
        }
        if let Some(end) = completion.end {
            let first = completion.ends.iter().find(|told| told.end == end);
            let operation = first.map_or(NOBODY, |told| told.operation);
            let action = self.actions.all.len() as u32;
            self.actions.all.push(Action {
                what: What::Empty,
                operation,
            });
            // When everything has happened that ever will, nothing is left.
            self.stamped.push((end, LAST, Event::Start(action)));
            self.stamped.push((end, LAST + 1, Event::End(action)));
        }
    }

    fn add(&mut self, what: What, operation: u32, start: u64, end: u64) -> u32 {
        let action = self.actions.all.len() as u32;
        self.actions.all.push(Action { what, operation });
        self.stamped.push((start, STARTS, Event::Start(action)));
        if end != NEVER {
            self.stamped.push((end, ENDS, Event::End(action)));
        }
        action
    }

    fn finish(mut self) -> Actions {
        self.stamped.sort_by_key(|(stamp, rank, _)| (*stamp, *rank));
        let events = self.stamped.into_iter().map(|(_, _, event)| event);
        self.actions.events = events.collect();
        self.actions
    }
}
