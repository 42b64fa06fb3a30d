//! Matches puts with gets, and decides about operations that never returned.
//!
//! A put that never returned had its effect if its item was got; otherwise it can be left out. A get
//! that never returned may have taken any item that no other get returned. The items that such gets
//! took are chosen such that no other choice is judged better.

use super::claims::{Claims, Order};
use super::history::{History, Kind, NEVER, NO_OPERATION, Operation, Outcome};
use super::lifetime::Lifetime;
use super::sorting::{self, Stamped};
use super::violation::{Found, Pattern};

mod deadlines;

use deadlines::deadlines;

/// An operation that reported a state of the whole queue: empty, full, or at the end of the stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct StateReport {
    pub(super) start: u64,
    pub(super) end: u64,
    /// The index of the operation.
    pub(super) operation: u32,
}

impl StateReport {
    fn of(index: u32, operation: &Operation) -> StateReport {
        StateReport {
            start: operation.start,
            end: operation.end,
            operation: index,
        }
    }
}

/// A history in which each operation either has its effect or has none.
#[derive(Debug, Default)]
pub(super) struct Completion {
    /// All items that were in the queue at some time.
    pub(super) items: Vec<Lifetime>,
    /// How many of these items no get returned. They are the last ones.
    pub(super) missing: usize,
    /// Gets that never returned, by their starts.
    pub(super) takers: Vec<Stamped>,
    /// Gets that claim that the queue was empty.
    pub(super) empties: Vec<StateReport>,
    /// Puts that found the queue full.
    pub(super) fulls: Vec<StateReport>,
    /// Gets that reported the end of the stream.
    pub(super) ends: Vec<StateReport>,
    /// Puts that may have had an effect, of items that no get returned, by their starts.
    pub(super) open_puts: Vec<Stamped>,
    /// When the first get reported the end: no item was put or got later.
    pub(super) end: Option<u64>,
}

impl Completion {
    /// Completes the history. The completion is unusable if this adds to `found`.
    pub(super) fn of(history: &History, claims: &Claims, found: &mut Found) -> Completion {
        let mut completion = Completion {
            items: vec![Lifetime::NONE; history.items as usize],
            ..Completion::default()
        };
        for (index, operation) in (0..).zip(&history.operations) {
            completion.enter(history, claims, index, operation, found);
        }
        completion.check(history, found);
        if found.is_empty() {
            completion.leave_out(history);
            completion.take(history, claims.order);
        }
        completion
    }

    fn enter(
        &mut self,
        history: &History,
        claims: &Claims,
        index: u32,
        operation: &Operation,
        found: &mut Found,
    ) {
        if !operation.is_well_formed(history.items) {
            return found.add(Pattern::Malformed, [index]);
        }
        match (operation.kind, operation.outcome) {
            (Kind::Put, outcome) => {
                let item = &mut self.items[operation.item as usize];
                if item.put != NO_OPERATION {
                    return found.add(Pattern::TwicePut, [item.put, index]);
                }
                item.put = index;
                item.put_start = operation.start;
                match outcome {
                    Outcome::Ok => item.put_end = operation.end,
                    Outcome::Full => self.fulls.push(StateReport::of(index, operation)),
                    _ => {}
                }
            }
            (Kind::Get, Outcome::Ok) => {
                let item = &mut self.items[operation.item as usize];
                if item.get != NO_OPERATION {
                    return found.add(Pattern::Repeat, [item.put, item.get, index]);
                }
                item.get = index;
                item.get_start = operation.start;
                item.get_end = operation.end;
            }
            (Kind::Get, Outcome::End) => self.ends.push(StateReport::of(index, operation)),
            (Kind::Get, outcome) if outcome.is_open() => {
                self.takers.push((operation.start, index));
            }
            (Kind::Get, outcome) if claims.is_empty_claim(outcome) => {
                self.empties.push(StateReport::of(index, operation));
            }
            (Kind::Get | Kind::Close, _) => {}
        }
    }

    /// Checks that each item that was got had been put before.
    fn check(&self, history: &History, found: &mut Found) {
        for item in &self.items {
            if item.get == NO_OPERATION {
                continue;
            }
            if item.put == NO_OPERATION {
                found.add(Pattern::Fresh, [item.get]);
            } else if item.get_end < item.put_start {
                found.add(Pattern::Fresh, [item.put, item.get]);
            } else {
                let outcome = history.operations[item.put as usize].outcome;
                if !outcome.may_have_effect() {
                    found.add(Pattern::Resurrected, [item.put, item.get]);
                }
            }
        }
    }

    /// Removes items that were never in the queue, and moves items that no get returned to the end.
    fn leave_out(&mut self, history: &History) {
        let mut missing = Vec::new();
        self.items.retain(|item| {
            if item.get != NO_OPERATION {
                return true;
            }
            if item.put_end != NEVER {
                missing.push(*item);
            } else if let Some(put) = history.operations.get(item.put as usize)
                && put.outcome.may_have_effect()
            {
                self.open_puts.push((put.start, item.put));
            }
            false
        });
        self.missing = missing.len();
        self.items.append(&mut missing);
    }

    /// Returns the items by the ends of their puts.
    pub(super) fn by_put_end(&self) -> Vec<Stamped> {
        sorting::by_stamp((0..).zip(&self.items).map(|(n, item)| (item.put_end, n)))
    }

    /// Whether it is unknown which items the gets that never returned took.
    pub(super) fn has_choice(&self) -> bool {
        self.missing > 0 && !self.takers.is_empty()
    }

    /// Limits all puts and gets to this stamp.
    pub(super) fn close(&mut self, end: u64) {
        self.end = Some(end);
        for item in &mut self.items {
            item.put_end = item.put_end.min(end);
            item.get_end = item.get_end.min(end);
        }
        for full in &mut self.fulls {
            full.end = full.end.min(end);
        }
        self.open_puts.retain(|(start, _)| *start <= end);
    }

    /// Gives each get that never returned an item that no other get returned: the first get takes the
    /// item that must leave first.
    fn take(&mut self, history: &History, order: Order) {
        sorting::sort(&mut self.takers);
        if self.takers.is_empty() || self.missing == 0 {
            return;
        }
        let first = self.items.len() - self.missing;
        if order == Order::PerProducer {
            let deadlines = deadlines(&self.items, history);
            let mut by_deadline: Vec<(u64, Lifetime)> = deadlines
                .into_iter()
                .zip(self.items.iter().copied())
                .skip(first)
                .collect();
            by_deadline.sort_unstable_by_key(|(deadline, item)| (*deadline, item.put_end));
            for (place, (_, item)) in self.items[first..].iter_mut().zip(by_deadline) {
                *place = item;
            }
        } else {
            self.items[first..].sort_unstable_by_key(|item| item.put_end);
        }
        for (item, (start, taker)) in self.items[first..].iter_mut().zip(&self.takers) {
            item.get_start = *start;
            item.get = *taker;
        }
    }
}
