//! The queue during a search, and how to undo each change.

use std::collections::HashSet;

use super::input::{PointKind, SearchInput};
use super::places::{Lists, Places};
use crate::linearizable::claims::Order;
use crate::linearizable::history::{NEVER, NO_OPERATION};

/// An effect that can come next.
#[derive(Clone, Copy, Debug)]
pub(super) enum Effect {
    /// An item is put.
    Put(u32),
    /// An item is got.
    Get(u32),
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Opened(u32),
    Done(u32),
    Put(u32),
    Left(u32),
    Taken,
}

pub(super) struct SearchState<'a> {
    input: &'a SearchInput,
    done: Vec<bool>,
    open: Vec<bool>,
    /// Points whose window has started and that haven't taken effect, by their kind.
    puts: Places,
    gets: Places,
    empties: Places,
    fulls: Places,
    /// The number of open gets that may take an item that no get returned.
    takers: u32,
    /// The number of such gets that took one.
    taken: usize,
    fifos: Vec<SearchFifo>,
    inside: Vec<bool>,
    /// Items in the queue that no get returned.
    stuck: Places,
    count: u64,
    /// Items that aren't put yet and are certainly got, by the ends of their gets.
    unput: Lists,
    changes: Vec<Change>,
    fingerprint: u128,
    seen: HashSet<u128>,
}

/// The items of one FIFO.
#[derive(Clone, Default)]
struct SearchFifo {
    /// All items that were ever put.
    items: Vec<u32>,
    /// How many of them have left.
    left: usize,
    /// How many are in the queue that no get returned.
    stuck: usize,
}

impl<'a> SearchState<'a> {
    pub(super) fn new(input: &'a SearchInput) -> SearchState<'a> {
        let (all, items) = (input.points.len(), input.items.len());
        let mut by_get_end: Vec<u32> = (0..items as u32).collect();
        by_get_end.retain(|item| input.items[*item as usize].get_end != NEVER);
        by_get_end.sort_unstable_by_key(|item| input.items[*item as usize].get_end);
        let fifo = |item: u32| (item, input.items[item as usize].fifo as usize);
        SearchState {
            input,
            done: vec![false; all],
            open: vec![false; all],
            puts: Places::below(all),
            gets: Places::below(all),
            empties: Places::below(all),
            fulls: Places::below(all),
            takers: 0,
            taken: 0,
            fifos: vec![SearchFifo::default(); input.fifos],
            inside: vec![false; items],
            stuck: Places::below(items),
            count: 0,
            unput: Lists::of(items, input.fifos, by_get_end.into_iter().map(fifo)),
            changes: Vec::new(),
            fingerprint: 0,
            seen: HashSet::new(),
        }
    }

    pub(super) fn is_done(&self, point: u32) -> bool {
        self.done[point as usize]
    }

    /// Whether the search sees this state at this edge for the first time.
    pub(super) fn is_new(&mut self, edge: usize) -> bool {
        self.seen
            .insert(self.fingerprint ^ mix(edge as u64, u64::MAX))
    }

    /// Returns the number of changes so far, for [`SearchState::undo`].
    pub(super) fn trail(&self) -> usize {
        self.changes.len()
    }

    /// Starts the window of a point.
    pub(super) fn open(&mut self, point: u32) {
        self.open[point as usize] = true;
        self.changes.push(Change::Opened(point));
        let kind = self.input.points[point as usize].kind;
        match self.set(kind) {
            Some(set) => set.add(point),
            None => self.takers += 1,
        }
        match kind {
            PointKind::Get(item) => self.settle(Some(item)),
            PointKind::Take => {
                let free = self
                    .stuck
                    .members()
                    .iter()
                    .copied()
                    .find(|item| self.is_first(*item));
                self.settle(free);
            }
            PointKind::Empty | PointKind::Full => self.settle(None),
            PointKind::Put(_) => {}
        }
    }

    /// Appends the effects that can come next and may lead to this point, the most promising last.
    pub(super) fn candidates(&self, goal: u32, candidates: &mut Vec<Effect>) {
        let first = candidates.len();
        let goal = self.input.points[goal as usize].kind;
        if self.count < self.input.capacity && (goal != PointKind::Empty || self.input.has_fulls) {
            let puts = self.puts.members().iter().filter_map(|put| self.item(*put));
            candidates.extend(puts.filter(|item| self.may_put(*item)).map(Effect::Put));
        }
        let gets = self.gets.members().iter().filter_map(|get| self.item(*get));
        let takes = self
            .stuck
            .members()
            .iter()
            .copied()
            .filter(|_| self.takers > 0);
        let leaving = gets.chain(takes).filter(|item| self.is_first(*item));
        candidates.extend(leaving.map(Effect::Get));
        let until = |item: &u32| self.input.items[*item as usize].get_end;
        candidates[first..].sort_by_key(|next| {
            let rank = match next {
                Effect::Get(item) => (u8::from(goal == PointKind::Full), until(item)),
                Effect::Put(item) => (u8::from(goal != PointKind::Full), until(item)),
            };
            std::cmp::Reverse(rank)
        });
    }

    /// Applies one of [`SearchState::candidates`].
    pub(super) fn apply(&mut self, next: Effect) {
        match next {
            Effect::Put(item) => {
                self.put(item);
                self.settle(Some(item));
            }
            Effect::Get(item) => {
                let next = self.leave(item);
                self.settle(next);
            }
        }
    }

    /// Undoes changes until only this many are left.
    pub(super) fn undo(&mut self, trail: usize) {
        while self.changes.len() > trail {
            let change = self.changes.pop().expect("there is one more");
            self.undo_change(change);
        }
    }

    /// Applies effects that can only help: this item leaves if it can, then the items after it, and
    /// calls that reported "empty" or "full" take effect when the queue is so.
    fn settle(&mut self, mut next: Option<u32>) {
        loop {
            self.settle_reports();
            match next.filter(|item| self.leaves_at_once(*item)) {
                Some(item) => next = self.leave(item),
                None => return,
            }
        }
    }

    fn settle_reports(&mut self) {
        while self.count == 0
            && let Some(point) = self.empties.members().last().copied()
        {
            self.finish(point);
        }
        while self.count >= self.input.capacity
            && let Some(point) = self.fulls.members().last().copied()
        {
            self.finish(point);
        }
    }

    fn leaves_at_once(&self, item: u32) -> bool {
        let entry = &self.input.items[item as usize];
        let getter = match entry.get {
            NO_OPERATION => self.takers > 0,
            get => self.open[get as usize],
        };
        entry.at_once && getter && self.is_first(item)
    }

    /// Whether the item is in the queue and can leave next.
    fn is_first(&self, item: u32) -> bool {
        let fifo = &self.fifos[self.input.items[item as usize].fifo as usize];
        let first = || fifo.items.get(fifo.left) == Some(&item);
        self.inside[item as usize] && (self.input.order == Order::Unordered || first())
    }

    /// Whether the item can be put now without blocking the next item that is certainly got: it can
    /// leave in time itself, or be taken in time together with the items that block already.
    fn may_put(&self, item: u32) -> bool {
        if self.input.order == Order::Unordered {
            return true;
        }
        let entry = &self.input.items[item as usize];
        let mut unput = self
            .unput
            .first_two(entry.fifo as usize)
            .filter(|other| *other != item);
        let Some(next) = unput.next() else {
            return true;
        };
        let until = self.input.items[next as usize].get_end;
        if entry.get != NO_OPERATION {
            return entry.get_start <= until;
        }
        let in_time = self.input.takers.partition_point(|start| *start <= until);
        let blocking = self.fifos[entry.fifo as usize].stuck + 1;
        self.taken + blocking <= in_time
    }

    fn put(&mut self, item: u32) {
        let entry = self.input.items[item as usize];
        self.finish(entry.put);
        self.fingerprint ^= self.place(item, 0);
        self.fifos[entry.fifo as usize].items.push(item);
        self.inside[item as usize] = true;
        self.count += 1;
        if entry.get == NO_OPERATION {
            self.stuck.add(item);
            self.fifos[entry.fifo as usize].stuck += 1;
        }
        if entry.get_end != NEVER {
            self.unput.take(item);
        }
        self.changes.push(Change::Put(item));
    }

    /// Removes an item, and returns the item that is next.
    fn leave(&mut self, item: u32) -> Option<u32> {
        let entry = self.input.items[item as usize];
        match entry.get {
            NO_OPERATION => {
                self.takers -= 1;
                self.taken += 1;
                self.changes.push(Change::Taken);
                self.stuck.take(item);
                self.fifos[entry.fifo as usize].stuck -= 1;
            }
            get => self.finish(get),
        }
        self.changes.push(Change::Left(item));
        self.inside[item as usize] = false;
        self.count -= 1;
        let fifo = &mut self.fifos[entry.fifo as usize];
        if self.input.order != Order::Unordered {
            fifo.left += 1;
        }
        let next = fifo.items.get(fifo.left).copied();
        self.fingerprint ^= self.place(item, 1);
        next
    }

    fn finish(&mut self, point: u32) {
        self.done[point as usize] = true;
        self.open[point as usize] = false;
        self.fingerprint ^= mix(u64::from(point), 0);
        if let Some(set) = self.set(self.input.points[point as usize].kind) {
            set.take(point);
        }
        self.changes.push(Change::Done(point));
    }

    fn undo_change(&mut self, change: Change) {
        match change {
            Change::Opened(point) => {
                self.open[point as usize] = false;
                match self.set(self.input.points[point as usize].kind) {
                    Some(set) => set.undo_add(),
                    None => self.takers -= 1,
                }
            }
            Change::Done(point) => {
                self.done[point as usize] = false;
                self.open[point as usize] = true;
                self.fingerprint ^= mix(u64::from(point), 0);
                if let Some(set) = self.set(self.input.points[point as usize].kind) {
                    set.undo_take(point);
                }
            }
            Change::Put(item) => {
                let entry = self.input.items[item as usize];
                if entry.get_end != NEVER {
                    self.unput.undo_take(item);
                }
                if entry.get == NO_OPERATION {
                    self.stuck.undo_add();
                    self.fifos[entry.fifo as usize].stuck -= 1;
                }
                self.count -= 1;
                self.inside[item as usize] = false;
                self.fifos[entry.fifo as usize].items.pop();
                self.fingerprint ^= self.place(item, 0);
            }
            Change::Left(item) => {
                let entry = self.input.items[item as usize];
                self.fingerprint ^= self.place(item, 1);
                if self.input.order != Order::Unordered {
                    self.fifos[entry.fifo as usize].left -= 1;
                }
                self.count += 1;
                self.inside[item as usize] = true;
                if entry.get == NO_OPERATION {
                    self.stuck.undo_take(item);
                    self.fifos[entry.fifo as usize].stuck += 1;
                }
            }
            Change::Taken => {
                self.takers += 1;
                self.taken -= 1;
            }
        }
    }

    /// Returns what an item in the queue contributes to the fingerprint, by its place. `gone` is 0
    /// before the item is put and 1 after it left.
    fn place(&self, item: u32, gone: usize) -> u128 {
        let fifo = &self.fifos[self.input.items[item as usize].fifo as usize];
        let place = match (self.input.order, gone) {
            (Order::Unordered, _) => 0,
            (_, 0) => fifo.items.len(),
            (_, gone) => fifo.left - gone,
        };
        mix(u64::from(item), place as u64 + 1)
    }

    /// Returns the set of open points of this kind; takes are only counted.
    fn set(&mut self, kind: PointKind) -> Option<&mut Places> {
        Some(match kind {
            PointKind::Put(_) => &mut self.puts,
            PointKind::Get(_) => &mut self.gets,
            PointKind::Empty => &mut self.empties,
            PointKind::Full => &mut self.fulls,
            PointKind::Take => return None,
        })
    }

    fn item(&self, point: u32) -> Option<u32> {
        match self.input.points[point as usize].kind {
            PointKind::Put(item) | PointKind::Get(item) => Some(item),
            PointKind::Take | PointKind::Empty | PointKind::Full => None,
        }
    }
}

/// Hashes a pair: two pairs share the result with a chance of one in 2^128.
fn mix(one: u64, other: u64) -> u128 {
    let half = |seed: u64| {
        let mut bits = one.wrapping_add(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        bits = (bits ^ (bits >> 29))
            .wrapping_add(other)
            .wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 32)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    };
    u128::from(half(1)) << 64 | u128::from(half(0x5851_f42d_4c95_7f2d))
}
