//! Judges operations one by one, in the order of their starts, for histories that are too large to
//! keep.
//!
//! The judge remembers the items that are in the queue; for an item that has left, only that it was
//! there. This requires that each get tells which item it took, and that the queue claims no capacity,
//! which can only be judged with knowledge of later operations.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::claims::{Claims, Order};
use super::closings::Closings;
use super::history::{Kind, NEVER, Operation, Outcome};
use super::violation::Pattern;

mod backlog;
mod items;
mod numbered;
mod violations;

pub(crate) use numbered::NumberedOperation;
pub(crate) use violations::OnlineJudgement;

use backlog::Backlog;
use items::TrackedItems;
use numbered::PendingReturn;
use violations::WitnessedViolations;

/// A judge that sees one operation at a time.
#[derive(Debug)]
pub struct OnlineJudge {
    claims: Claims,
    /// The start of the latest operation.
    now: u64,
    /// Operations that have started and are still to return.
    under_way: BinaryHeap<Reverse<PendingReturn>>,
    items: TrackedItems,
    /// One for each producer if only those keep an order, or a single one.
    fifos: Vec<Backlog>,
    /// The number of items that are certainly in the queue: put, and their get hasn't started.
    inside: u64,
    /// The stamp since which that number has been above zero.
    busy_since: u64,
    closings: Closings,
    /// The latest put of each peer.
    puts: Vec<Option<NumberedOperation>>,
    /// The first get to return that reported the end of the stream.
    end: Option<NumberedOperation>,
    violations: WitnessedViolations,
}

/// Why a history can't be judged one operation at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum OnlineError {
    /// The operation starts before an earlier one.
    #[error("this one starts before an earlier one")]
    OutOfOrder,
    /// It is unknown which item the operation took.
    #[error("it is unknown which item this one took")]
    Open,
    /// The operation is impossible.
    #[error("this one is impossible")]
    Malformed,
}

impl OnlineJudge {
    /// Starts to judge a queue. Returns `None` if it claims a capacity.
    pub fn of(claims: &Claims) -> Option<OnlineJudge> {
        claims.capacity.is_none().then(|| OnlineJudge {
            claims: *claims,
            now: 0,
            under_way: BinaryHeap::new(),
            items: TrackedItems::default(),
            fifos: vec![Backlog::default()],
            inside: 0,
            busy_since: 0,
            closings: Closings::default(),
            puts: Vec::new(),
            end: None,
            violations: WitnessedViolations::default(),
        })
    }

    /// Adds the next operation, in the order of their starts. `number` identifies it for the caller.
    ///
    /// # Errors
    /// If the operation can't be judged without keeping others. The judge is then unchanged.
    pub fn see(&mut self, number: u64, operation: Operation) -> Result<(), OnlineError> {
        if operation.start < self.now {
            return Err(OnlineError::OutOfOrder);
        }
        if !operation.is_well_formed(Operation::NO_ITEM) {
            return Err(OnlineError::Malformed);
        }
        if operation.kind == Kind::Get && operation.outcome.is_open() {
            return Err(OnlineError::Open);
        }
        // An operation that ends at the stamp at which this one starts is concurrent with it.
        self.pass(operation.start);
        self.now = operation.start;
        let numbered = (number, operation);
        self.closings.add(operation.peer, &operation);
        match (operation.kind, operation.outcome) {
            (Kind::Put, _) => self.start_put(numbered),
            (Kind::Get, Outcome::Ok) => self.start_get(numbered),
            (Kind::Get | Kind::Close, _) => {}
        }
        if operation.end != NEVER && operation.kind != Kind::Close {
            self.under_way.push(Reverse(PendingReturn(numbered)));
        }
        Ok(())
    }

    /// Ends the history, and returns the judgement.
    pub fn finish(mut self) -> OnlineJudgement {
        self.pass(NEVER);
        if let Some(end) = self.end {
            for writer in self.closings.not_closed_by(end.1.end) {
                let put = self.puts[writer as usize];
                self.violations
                    .add(Pattern::EarlyEnd, [end].into_iter().chain(put));
            }
            for item in self.fifos.iter().flat_map(Backlog::items) {
                if let Some(put) = self.items.waiting(item) {
                    self.violations.add(Pattern::Lost, [put, end]);
                }
            }
        }
        self.violations.finish()
    }

    /// Handles the returns before this stamp.
    fn pass(&mut self, now: u64) {
        while let Some(Reverse(PendingReturn((_, next)))) = self.under_way.peek()
            && next.end < now
            && let Some(Reverse(PendingReturn(numbered))) = self.under_way.pop()
        {
            let operation = &numbered.1;
            match (operation.kind, operation.outcome) {
                (Kind::Put, Outcome::Ok) => self.end_put(operation),
                (Kind::Get, Outcome::Ok) => self.end_get(operation),
                (Kind::Get, Outcome::End) => self.end = self.end.or(Some(numbered)),
                (Kind::Get, outcome) if self.claims.is_empty_claim(outcome) => {
                    self.check_empty(numbered)
                }
                _ => {}
            }
        }
    }

    fn start_put(&mut self, numbered: NumberedOperation) {
        let (_, put) = numbered;
        let peer = put.peer as usize;
        if self.puts.len() <= peer {
            self.puts.resize(peer + 1, None);
        }
        self.puts[peer] = Some(numbered);
        if !put.outcome.may_have_effect() {
            if let Some(item) = self.items.get(put.item) {
                item.failed = Some(numbered);
            }
            return;
        }
        if put.outcome == Outcome::Ok
            && let Some(end) = self.end
        {
            self.violations.add(Pattern::EarlyEnd, [end, numbered]);
        }
        let fifo = match self.claims.order {
            Order::PerProducer => put.peer,
            Order::Fifo | Order::Unordered => 0,
        };
        if self.fifos.len() <= fifo as usize {
            self.fifos.resize(fifo as usize + 1, Backlog::default());
        }
        let before = self.fifos[fifo as usize].entered();
        match self.items.get(put.item) {
            None => self.violations.add(Pattern::TwicePut, [numbered]),
            Some(item) => match item.put {
                Some(first) => self.violations.add(Pattern::TwicePut, [first, numbered]),
                None => {
                    item.put = Some(numbered);
                    item.fifo = fifo;
                    item.before = before;
                }
            },
        }
    }

    fn end_put(&mut self, put: &Operation) {
        let Some(item) = self.items.get(put.item).filter(|item| !item.has_entered) else {
            return;
        };
        item.has_entered = true;
        let (is_taken, is_over) = (item.get.is_some(), item.has_left);
        let fifo = &mut self.fifos[item.fifo as usize];
        fifo.push(put.item);
        if is_taken {
            fifo.let_go(&self.items);
        } else {
            if self.inside == 0 {
                self.busy_since = put.end;
            }
            self.inside += 1;
        }
        if is_over {
            self.items.forget(put.item);
        }
    }

    fn start_get(&mut self, numbered: NumberedOperation) {
        let (_, get) = numbered;
        let Some(item) = self.items.get(get.item) else {
            return self.violations.add(Pattern::Repeat, [numbered]);
        };
        if let Some(first) = item.get {
            return self.violations.add(Pattern::Repeat, [first, numbered]);
        }
        item.get = Some(numbered);
        if item.has_entered {
            self.inside -= 1;
            self.fifos[item.fifo as usize].let_go(&self.items);
        }
        self.violations.got(numbered);
        if let Some(end) = self.end {
            self.violations.add(Pattern::AfterEnd, [end, numbered]);
        }
    }

    fn end_get(&mut self, get: &Operation) {
        let Some(item) = self.items.get(get.item).filter(|item| !item.has_left) else {
            return;
        };
        item.has_left = true;
        let (Some(got), failed) = (item.get, item.failed) else {
            return;
        };
        let Some(put) = item.put else {
            let (pattern, failed) = match failed {
                Some(_) => (Pattern::Resurrected, failed),
                None => (Pattern::Fresh, None),
            };
            return self
                .violations
                .add(pattern, [got].into_iter().chain(failed));
        };
        let is_over = item.has_entered || put.1.outcome != Outcome::Ok;
        if self.claims.order != Order::Unordered {
            let (fifo, before) = (item.fifo as usize, item.before);
            self.check_overtaken(fifo, before, put, got);
        }
        if let Some(end) = self.end.filter(|end| end.1.end < put.1.start)
            && put.1.outcome != Outcome::Ok
        {
            self.violations.add(Pattern::EarlyEnd, [end, put]);
        }
        if is_over {
            self.items.forget(get.item);
        }
    }

    /// Finds out whether an item had entered before this one was put, and is still waiting.
    fn check_overtaken(
        &mut self,
        fifo: usize,
        before: u64,
        put: NumberedOperation,
        got: NumberedOperation,
    ) {
        if let Some(first) = self.fifos[fifo].first_before(before)
            && let Some(overtaken) = self.items.waiting(first)
        {
            self.violations.add_overtaken(overtaken, put, got);
        }
    }

    fn check_empty(&mut self, get: NumberedOperation) {
        if self.inside == 0 || get.1.start <= self.busy_since {
            return;
        }
        let mut inside = self.fifos.iter().flat_map(Backlog::items);
        let put = inside.find_map(|item| self.items.waiting(item));
        self.violations
            .add(Pattern::Empty, [get].into_iter().chain(put));
    }
}

#[cfg(test)]
mod tests;
