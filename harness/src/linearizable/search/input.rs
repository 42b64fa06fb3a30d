//! The effects that a search puts in order, and the windows in which they may take place.

use crate::linearizable::claims::{Claims, Order};
use crate::linearizable::completion::Completion;
use crate::linearizable::history::{History, NEVER, NO_OPERATION};
use crate::linearizable::lifetime::Lifetime;

/// The moment at which an operation takes effect.
#[derive(Clone, Copy, Debug)]
pub(super) struct LinearizationPoint {
    pub(super) kind: PointKind,
    /// The index of the operation.
    pub(super) operation: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PointKind {
    /// Puts this item.
    Put(u32),
    /// Gets this item.
    Get(u32),
    /// Gets an item that no get returned.
    Take,
    /// Finds the queue empty.
    Empty,
    /// Finds the queue full.
    Full,
}

/// An item, as the search needs it.
#[derive(Clone, Copy, Debug)]
pub(super) struct SearchItem {
    /// The FIFO in which it keeps its place: one for each producer, or a single one.
    pub(super) fifo: u32,
    /// The point of its put.
    pub(super) put: u32,
    /// The point of its get; [`NO_OPERATION`] if no get returned it.
    pub(super) get: u32,
    /// It is got no earlier than this; [`NEVER`] if no get returned it.
    pub(super) get_start: u64,
    /// It is got no later than this; [`NEVER`] if it needn't be got.
    pub(super) get_end: u64,
    /// Whether it can be got as early as possible without ruling out any order.
    pub(super) at_once: bool,
}

/// The start or the end of the window in which an operation takes effect, with its point.
#[derive(Clone, Copy, Debug)]
pub(super) enum WindowEdge {
    Start(u32),
    End(u32),
}

/// All that a search needs to know.
pub(super) struct SearchInput {
    pub(super) points: Vec<LinearizationPoint>,
    pub(super) items: Vec<SearchItem>,
    /// The starts of the gets that may take items that no get returned.
    pub(super) takers: Vec<u64>,
    /// In the order of their stamps; at equal stamps, starts before ends.
    pub(super) edges: Vec<WindowEdge>,
    pub(super) order: Order,
    pub(super) fifos: usize,
    pub(super) capacity: u64,
    /// Whether a put reported "full": an item may then have to stay although its get has started.
    pub(super) has_fulls: bool,
}

impl SearchInput {
    pub(super) fn of(history: &History, completion: &Completion, claims: &Claims) -> SearchInput {
        let mut builder = InputBuilder {
            input: SearchInput {
                points: Vec::new(),
                items: Vec::new(),
                takers: completion.takers.iter().map(|(start, _)| *start).collect(),
                edges: Vec::new(),
                order: claims.order,
                fifos: 1,
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

struct InputBuilder {
    input: SearchInput,
    /// The edges with their stamps, and with the rank that orders edges of equal stamps.
    stamped: Vec<(u64, u8, WindowEdge)>,
}

const STARTS: u8 = 0;
const ENDS: u8 = 1;
const LAST: u8 = 2;

impl InputBuilder {
    fn add_items(&mut self, history: &History, completion: &Completion) {
        let known = completion.items.len() - completion.missing;
        for (n, item) in completion.items.iter().enumerate() {
            let got = n < known;
            self.add_item(history, completion, item, got);
        }
        if !self.input.has_fulls {
            return;
        }
        for (start, put) in &completion.open_puts {
            let item = Lifetime {
                put_start: *start,
                put: *put,
                ..Lifetime::NONE
            };
            self.add_item(history, completion, &item, false);
        }
    }

    fn add_item(&mut self, history: &History, completion: &Completion, item: &Lifetime, got: bool) {
        let n = self.input.items.len() as u32;
        let put = self.add(PointKind::Put(n), item.put, item.put_start, item.put_end);
        let mut entry = SearchItem {
            fifo: 0,
            put,
            get: NO_OPERATION,
            get_start: NEVER,
            get_end: NEVER,
            at_once: false,
        };
        if self.input.order == Order::PerProducer {
            entry.fifo = item.producer(history) as u32;
            self.input.fifos = self.input.fifos.max(entry.fifo as usize + 1);
        }
        if got {
            entry.get = self.add(PointKind::Get(n), item.get, item.get_start, item.get_end);
            (entry.get_start, entry.get_end) = (item.get_start, item.get_end);
            let meanwhile = |start, end| start <= item.get_end && item.get_start <= end;
            entry.at_once = !self.input.has_fulls
                || !completion
                    .fulls
                    .iter()
                    .any(|full| meanwhile(full.start, full.end));
        } else {
            // With several producers, it matters which producer's item is taken.
            entry.at_once = !self.input.has_fulls && self.input.order != Order::PerProducer;
        }
        self.input.items.push(entry);
    }

    fn add_rest(&mut self, completion: &Completion) {
        for (start, operation) in &completion.takers {
            self.add(PointKind::Take, *operation, *start, NEVER);
        }
        for report in &completion.empties {
            self.add(PointKind::Empty, report.operation, report.start, report.end);
        }
        if self.input.has_fulls {
            for report in &completion.fulls {
                self.add(PointKind::Full, report.operation, report.start, report.end);
            }
        }
        if let Some(end) = completion.end {
            let first = completion.ends.iter().find(|report| report.end == end);
            let operation = first.map_or(NO_OPERATION, |report| report.operation);
            let point = self.input.points.len() as u32;
            self.input.points.push(LinearizationPoint {
                kind: PointKind::Empty,
                operation,
            });
            // After all other effects, the queue must be empty.
            self.stamped.push((end, LAST, WindowEdge::Start(point)));
            self.stamped.push((end, LAST + 1, WindowEdge::End(point)));
        }
    }

    fn add(&mut self, kind: PointKind, operation: u32, start: u64, end: u64) -> u32 {
        let point = self.input.points.len() as u32;
        self.input
            .points
            .push(LinearizationPoint { kind, operation });
        self.stamped.push((start, STARTS, WindowEdge::Start(point)));
        if end != NEVER {
            self.stamped.push((end, ENDS, WindowEdge::End(point)));
        }
        point
    }

    fn finish(mut self) -> SearchInput {
        self.stamped.sort_by_key(|(stamp, rank, _)| (*stamp, *rank));
        let edges = self.stamped.into_iter().map(|(_, _, edge)| edge);
        self.input.edges = edges.collect();
        self.input
    }
}
