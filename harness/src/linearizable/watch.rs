//! Judges operations as they come, by their starts, and forgets them: for histories that are too
//! large to be kept.
//!
//! What is inside is remembered, and of what was inside only that it was. That takes gets of which
//! it is known what they took, and a queue without a capacity, for which one has to look ahead.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::completion::is_well_formed;
use super::end::Peers;
use super::violation::Pattern;
use super::{Claims, Empty, Judgement, Kind, NEVER, Operation, Order, Outcome};

mod items;
mod lane;
mod proof;

use items::Items;
use lane::Lane;
use proof::Proof;

/// A judge of what comes.
#[derive(Debug)]
pub struct Watch {
    order: Order,
    empty: Option<Empty>,
    /// When the latest operation started.
    now: u64,
    /// What has started, and is to return.
    under_way: BinaryHeap<Reverse<Return>>,
    items: Items,
    /// Where items are in order: one for each producer, or a single one.
    lanes: Vec<Lane>,
    /// How many items are certainly inside: put, and no get of theirs has started.
    inside: u64,
    /// Since when that is more than none.
    busy_since: u64,
    peers: Peers,
    /// The latest put of each peer.
    puts: Vec<Option<Witness>>,
    /// The first get to return that was told the end.
    end: Option<Witness>,
    proof: Proof,
}

/// An operation, and whatever number the caller knows it by.
pub type Witness = (u64, Operation);

/// What all operations that came come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// What they come to; the operations of its violations are indexes into
    /// [`Watched::witnesses`].
    pub judgement: Judgement,
    /// Those that prove it.
    pub witnesses: Vec<Witness>,
}

/// Why a history can't be judged as it comes, but only as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Unfit {
    /// It started before one that came earlier.
    #[error("it starts before one that came earlier")]
    OutOfOrder,
    /// Nobody knows what it took.
    #[error("it may have taken an item without returning it")]
    Open,
    /// An operation that can't be.
    #[error("it makes no sense")]
    Malformed,
}

/// What is under way, the first to return first.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Return(Witness);

impl Return {
    fn key(&self) -> (u64, u64) {
        let Return((number, operation)) = self;
        (operation.end, *number)
    }
}

impl Ord for Return {
    fn cmp(&self, other: &Return) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Return {
    fn partial_cmp(&self, other: &Return) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Watch {
    /// A judge of one queue's operations, none of which have come; none where the claims are such
    /// that one has to look ahead.
    pub fn of(claims: &Claims) -> Option<Watch> {
        claims.capacity.is_none().then(|| Watch {
            order: claims.order,
            empty: claims.empty,
            now: 0,
            under_way: BinaryHeap::new(),
            items: Items::default(),
            lanes: vec![Lane::default()],
            inside: 0,
            busy_since: 0,
            peers: Peers::default(),
            puts: Vec::new(),
            end: None,
            proof: Proof::default(),
        })
    }

    /// Takes the next operation, by the number that the caller knows it by: none that comes later
    /// starts earlier.
    ///
    /// # Errors
    /// Where the history can't be judged as it comes. Nothing has changed then.
    pub fn see(&mut self, number: u64, operation: Operation) -> Result<(), Unfit> {
        if operation.start < self.now {
            return Err(Unfit::OutOfOrder);
        }
        if !is_well_formed(&operation, Operation::NO_ITEM) {
            return Err(Unfit::Malformed);
        }
        if operation.kind == Kind::Get && operation.outcome.is_open() {
            return Err(Unfit::Open);
        }
        // What ends as this starts is concurrent with it.
        self.pass(operation.start);
        self.now = operation.start;
        let witness = (number, operation);
        self.peers.see(operation.peer, &operation);
        match (operation.kind, operation.outcome) {
            (Kind::Put, _) => self.start_put(witness),
            (Kind::Get, Outcome::Ok) => self.start_get(witness),
            (Kind::Get | Kind::Close, _) => {}
        }
        if operation.end != NEVER && operation.kind != Kind::Close {
            self.under_way.push(Reverse(Return(witness)));
        }
        Ok(())
    }

    /// What all that came comes to, now that nothing more does.
    pub fn finish(mut self) -> Watched {
        self.pass(NEVER);
        if let Some(end) = self.end {
            for writer in self.peers.not_closed_by(end.1.end) {
                let put = self.puts[writer as usize];
                self.proof
                    .add(Pattern::EarlyEnd, [end].into_iter().chain(put));
            }
            for item in self.lanes.iter().flat_map(Lane::items) {
                if let Some(put) = self.items.waiting(item) {
                    self.proof.add(Pattern::Lost, [put, end]);
                }
            }
        }
        self.proof.finish()
    }

    /// Lets everything return that does so before this moment.
    fn pass(&mut self, now: u64) {
        while let Some(Reverse(Return((_, next)))) = self.under_way.peek()
            && next.end < now
            && let Some(Reverse(Return(witness))) = self.under_way.pop()
        {
            let operation = &witness.1;
            match (operation.kind, operation.outcome) {
                (Kind::Put, Outcome::Ok) => self.end_put(operation),
                (Kind::Get, Outcome::Ok) => self.end_get(operation),
                (Kind::Get, Outcome::End) => self.end = self.end.or(Some(witness)),
                (Kind::Get, outcome) if outcome.says_empty(self.empty) => self.told_empty(witness),
                _ => {}
            }
        }
    }

    fn start_put(&mut self, witness: Witness) {
        let (_, put) = witness;
        let peer = put.peer as usize;
        if self.puts.len() <= peer {
            self.puts.resize(peer + 1, None);
        }
        self.puts[peer] = Some(witness);
        if !put.outcome.may_have_effect() {
            if let Some(item) = self.items.get(put.item) {
                item.failed = Some(witness);
            }
            return;
        }
        if put.outcome == Outcome::Ok
            && let Some(end) = self.end
        {
            self.proof.add(Pattern::EarlyEnd, [end, witness]);
        }
        let lane = match self.order {
            Order::PerProducer => put.peer,
            Order::Fifo | Order::Unordered => 0,
        };
        if self.lanes.len() <= lane as usize {
            self.lanes.resize(lane as usize + 1, Lane::default());
        }
        let before = self.lanes[lane as usize].entered();
        match self.items.get(put.item) {
            None => self.proof.add(Pattern::TwicePut, [witness]),
            Some(item) => match item.put {
                Some(first) => self.proof.add(Pattern::TwicePut, [first, witness]),
                None => {
                    item.put = Some(witness);
                    item.lane = lane;
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
        let lane = &mut self.lanes[item.lane as usize];
        lane.push(put.item);
        if is_taken {
            lane.let_go(&self.items);
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

    fn start_get(&mut self, witness: Witness) {
        let (_, get) = witness;
        let Some(item) = self.items.get(get.item) else {
            return self.proof.add(Pattern::Repeat, [witness]);
        };
        if let Some(first) = item.get {
            return self.proof.add(Pattern::Repeat, [first, witness]);
        }
        item.get = Some(witness);
        if item.has_entered {
            self.inside -= 1;
            self.lanes[item.lane as usize].let_go(&self.items);
        }
        self.proof.got(witness);
        if let Some(end) = self.end {
            self.proof.add(Pattern::AfterEnd, [end, witness]);
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
            return self.proof.add(pattern, [got].into_iter().chain(failed));
        };
        let is_over = item.has_entered || put.1.outcome != Outcome::Ok;
        if self.order != Order::Unordered {
            let (lane, before) = (item.lane as usize, item.before);
            self.pass_by(lane, before, put, got);
        }
        if let Some(end) = self.end.filter(|end| end.1.end < put.1.start)
            && put.1.outcome != Outcome::Ok
        {
            self.proof.add(Pattern::EarlyEnd, [end, put]);
        }
        if is_over {
            self.items.forget(get.item);
        }
    }

    /// Whether the first that nobody has asked for was inside before this one was put.
    fn pass_by(&mut self, lane: usize, before: u64, put: Witness, got: Witness) {
        if let Some(first) = self.lanes[lane].first_before(before)
            && let Some(passed) = self.items.waiting(first)
        {
            self.proof.passed_by(passed, put, got);
        }
    }

    fn told_empty(&mut self, told: Witness) {
        if self.inside == 0 || told.1.start <= self.busy_since {
            return;
        }
        let mut inside = self.lanes.iter().flat_map(Lane::items);
        let put = inside.find_map(|item| self.items.waiting(item));
        self.proof
            .add(Pattern::Empty, [told].into_iter().chain(put));
    }
}

#[cfg(test)]
mod tests;
