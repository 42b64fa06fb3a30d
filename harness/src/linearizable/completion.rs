//! Which get returned which put's item, and what became of what never returned.
//!
//! A put that never returned happened if its item was got; else it can be left out. A get that never
//! returned may have taken any item that nobody is known to have got: the items that such gets took
//! are chosen so that no other choice can be judged better.

use super::order::deadlines;
use super::sorting::{self, Stamped};
use super::violation::{Found, Pattern};
use super::{Claims, History, Kind, NEVER, Operation, Order, Outcome};

/// No operation.
pub(super) const NOBODY: u32 = u32::MAX;

/// When an item was put and got; what never happened is at [`NEVER`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) put_start: u64,
    pub(super) put_end: u64,
    pub(super) get_start: u64,
    pub(super) get_end: u64,
    /// The put, by index.
    pub(super) put: u32,
    /// The get, by index; [`NOBODY`] if there is none.
    pub(super) get: u32,
}

impl Item {
    pub(super) const ABSENT: Item = Item {
        put_start: NEVER,
        put_end: NEVER,
        get_start: NEVER,
        get_end: NEVER,
        put: NOBODY,
        get: NOBODY,
    };

    /// Whether some get may have taken it.
    pub(super) fn leaves(&self) -> bool {
        self.get_start != NEVER
    }
}

/// An operation that was told something about the whole queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    pub(super) start: u64,
    pub(super) end: u64,
    /// Which, by index.
    pub(super) operation: u32,
}

impl Told {
    fn of(index: u32, operation: &Operation) -> Told {
        Told {
            start: operation.start,
            end: operation.end,
            operation: index,
        }
    }
}

/// A history of which each operation either has its effect, or has none.
#[derive(Debug, Default)]
pub(super) struct Completion {
    /// All items that were inside at some time.
    pub(super) items: Vec<Item>,
    /// How many of them nobody is known to have got: the last ones.
    pub(super) missing: usize,
    /// Gets that never returned, by their starts.
    pub(super) takers: Vec<Stamped>,
    /// Gets that say that the queue was empty.
    pub(super) empties: Vec<Told>,
    /// Puts that say that it was full.
    pub(super) fulls: Vec<Told>,
    /// Gets that were told the end.
    pub(super) ends: Vec<Told>,
    /// Puts that may have had an effect, of items that nobody is known to have got, by their starts.
    pub(super) open_puts: Vec<Stamped>,
    /// When the end was told: nothing was put or got later than that.
    pub(super) end: Option<u64>,
}

impl Completion {
    /// Completes the history, unless that shows already what is wrong with it.
    pub(super) fn of(history: &History, claims: &Claims, found: &mut Found) -> Completion {
        let mut completion = Completion {
            items: vec![Item::ABSENT; history.items as usize],
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
        if !is_well_formed(operation, history.items) {
            return found.add(Pattern::Malformed, [index]);
        }
        match (operation.kind, operation.outcome) {
            (Kind::Put, outcome) => {
                let item = &mut self.items[operation.item as usize];
                if item.put != NOBODY {
                    return found.add(Pattern::TwicePut, [item.put, index]);
                }
                item.put = index;
                item.put_start = operation.start;
                match outcome {
                    Outcome::Ok => item.put_end = operation.end,
                    Outcome::Full => self.fulls.push(Told::of(index, operation)),
                    _ => {}
                }
            }
            (Kind::Get, Outcome::Ok) => {
                let item = &mut self.items[operation.item as usize];
                if item.get != NOBODY {
                    return found.add(Pattern::Repeat, [item.put, item.get, index]);
                }
                item.get = index;
                item.get_start = operation.start;
                item.get_end = operation.end;
            }
            (Kind::Get, Outcome::End) => self.ends.push(Told::of(index, operation)),
            (Kind::Get, outcome) if outcome.is_open() => {
                self.takers.push((operation.start, index));
            }
            (Kind::Get, outcome) if outcome.says_empty(claims.empty) => {
                self.empties.push(Told::of(index, operation));
            }
            (Kind::Get | Kind::Close, _) => {}
        }
    }

    /// Whether all that was got had been put.
    fn check(&self, history: &History, found: &mut Found) {
        for item in &self.items {
            if item.get == NOBODY {
                continue;
            }
            if item.put == NOBODY {
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

    /// Leaves out what was never inside, and moves what nobody is known to have got to the end.
    fn leave_out(&mut self, history: &History) {
        let mut missing = Vec::new();
        self.items.retain(|item| {
            if item.get != NOBODY {
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

    /// The items by the ends of their puts.
    pub(super) fn by_put_end(&self) -> Vec<Stamped> {
        sorting::by_stamp((0..).zip(&self.items).map(|(n, item)| (item.put_end, n)))
    }

    /// Whether gets that never returned may have taken some items or others.
    pub(super) fn has_choice(&self) -> bool {
        self.missing > 0 && !self.takers.is_empty()
    }

    /// Lets nothing be put or got later than this.
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

    /// Lets gets that never returned take items that nobody is known to have got: the first of them
    /// what is needed out first.
    fn take(&mut self, history: &History, order: Order) {
        sorting::sort(&mut self.takers);
        if self.takers.is_empty() || self.missing == 0 {
            return;
        }
        let first = self.items.len() - self.missing;
        if order == Order::PerProducer {
            let deadlines = deadlines(&self.items, history);
            let mut by_deadline: Vec<(u64, Item)> = deadlines
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

/// Whether there can be such an operation, where items are less than this.
pub(super) fn is_well_formed(operation: &Operation, items: u32) -> bool {
    let Operation { kind, outcome, .. } = *operation;
    let never_returned = operation.end == NEVER;
    operation.start <= operation.end
        && (outcome == Outcome::Pending) == never_returned
        && kind.can_come_to(outcome)
        && (!operation.has_item() || operation.item < items)
}
