//! A queue in the middle of a search, and the way back.

use std::collections::HashSet;

use super::actions::{Actions, What};
use super::places::{Lists, Places};
use crate::linearizable::completion::NOBODY;
use crate::linearizable::{NEVER, Order};

/// Something that can take effect next.
#[derive(Clone, Copy, Debug)]
pub(super) enum Move {
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

pub(super) struct State<'a> {
    actions: &'a Actions,
    done: Vec<bool>,
    open: Vec<bool>,
    /// Actions that have started and have had no effect.
    puts: Places,
    gets: Places,
    empties: Places,
    fulls: Places,
    /// How many gets are open that may take what nobody is known to have got.
    takers: u32,
    /// How many of them have.
    taken: usize,
    queue: Vec<Lane>,
    inside: Vec<bool>,
    /// Items inside that nobody is known to have got.
    stuck: Places,
    count: u64,
    /// Items that were not put yet and surely are got, by when.
    unput: Lists,
    changes: Vec<Change>,
    fingerprint: u128,
    seen: HashSet<u128>,
}

/// Items that come in order: all that were ever put, and how many of them have left.
#[derive(Clone, Default)]
struct Lane {
    items: Vec<u32>,
    left: usize,
    /// How many are inside that nobody is known to have got.
    stuck: usize,
}

impl<'a> State<'a> {
    pub(super) fn new(actions: &'a Actions) -> State<'a> {
        let (all, items) = (actions.all.len(), actions.items.len());
        let mut by_get_end: Vec<u32> = (0..items as u32).collect();
        by_get_end.retain(|item| actions.items[*item as usize].get_end != NEVER);
        by_get_end.sort_unstable_by_key(|item| actions.items[*item as usize].get_end);
        let lane = |item: u32| (item, actions.items[item as usize].lane as usize);
        State {
            actions,
            done: vec![false; all],
            open: vec![false; all],
            puts: Places::below(all),
            gets: Places::below(all),
            empties: Places::below(all),
            fulls: Places::below(all),
            takers: 0,
            taken: 0,
            queue: vec![Lane::default(); actions.lanes],
            inside: vec![false; items],
            stuck: Places::below(items),
            count: 0,
            unput: Lists::of(items, actions.lanes, by_get_end.into_iter().map(lane)),
            changes: Vec::new(),
            fingerprint: 0,
            seen: HashSet::new(),
        }
    }

    pub(super) fn is_done(&self, action: u32) -> bool {
        self.done[action as usize]
    }

    /// Whether the search was never here before, at this event.
    pub(super) fn is_new(&mut self, event: usize) -> bool {
        self.seen
            .insert(self.fingerprint ^ mix(event as u64, u64::MAX))
    }

    /// How many changes there were.
    pub(super) fn trail(&self) -> usize {
        self.changes.len()
    }

    /// Lets an action start.
    pub(super) fn open(&mut self, action: u32) {
        self.open[action as usize] = true;
        self.changes.push(Change::Opened(action));
        let what = self.actions.all[action as usize].what;
        match self.set(what) {
            Some(set) => set.add(action),
            None => self.takers += 1,
        }
        match what {
            What::Get(item) => self.settle(Some(item)),
            What::Take => {
                let free = self
                    .stuck
                    .members()
                    .iter()
                    .copied()
                    .find(|item| self.is_first(*item));
                self.settle(free);
            }
            What::Empty | What::Full => self.settle(None),
            What::Put(_) => {}
        }
    }

    /// What can take effect so that this action can, the most promising last.
    pub(super) fn moves(&self, goal: u32, moves: &mut Vec<Move>) {
        let first = moves.len();
        let goal = self.actions.all[goal as usize].what;
        if self.count < self.actions.capacity && (goal != What::Empty || self.actions.has_fulls) {
            let puts = self.puts.members().iter().filter_map(|put| self.item(*put));
            moves.extend(puts.filter(|item| self.may_put(*item)).map(Move::Put));
        }
        let gets = self.gets.members().iter().filter_map(|get| self.item(*get));
        let takes = self
            .stuck
            .members()
            .iter()
            .copied()
            .filter(|_| self.takers > 0);
        let leaving = gets.chain(takes).filter(|item| self.is_first(*item));
        moves.extend(leaving.map(Move::Get));
        let until = |item: &u32| self.actions.items[*item as usize].get_end;
        moves[first..].sort_by_key(|next| {
            let rank = match next {
                Move::Get(item) => (u8::from(goal == What::Full), until(item)),
                Move::Put(item) => (u8::from(goal != What::Full), until(item)),
            };
            std::cmp::Reverse(rank)
        });
    }

    /// Does one of [`State::moves`].
    pub(super) fn make(&mut self, next: Move) {
        match next {
            Move::Put(item) => {
                self.put(item);
                self.settle(Some(item));
            }
            Move::Get(item) => {
                let next = self.leave(item);
                self.settle(next);
            }
        }
    }

    /// Undoes all changes but the first ones.
    pub(super) fn undo(&mut self, trail: usize) {
        while self.changes.len() > trail {
            let change = self.changes.pop().expect("there is one more");
            self.undo_change(change);
        }
    }

    /// Does what can only help: this item leaves if it can, and those behind it, and who waits to
    /// find the queue empty or full finds it so.
    fn settle(&mut self, mut next: Option<u32>) {
        loop {
            self.tell();
            match next.filter(|item| self.leaves_at_once(*item)) {
                Some(item) => next = self.leave(item),
                None => return,
            }
        }
    }

    fn tell(&mut self) {
        while self.count == 0
            && let Some(told) = self.empties.members().last().copied()
        {
            self.finish(told);
        }
        while self.count >= self.actions.capacity
            && let Some(told) = self.fulls.members().last().copied()
        {
            self.finish(told);
        }
    }

    fn leaves_at_once(&self, item: u32) -> bool {
        let known = &self.actions.items[item as usize];
        let getter = match known.get {
            NOBODY => self.takers > 0,
            get => self.open[get as usize],
        };
        known.at_once && getter && self.is_first(item)
    }

    /// Whether it is inside, and the next of its lane.
    fn is_first(&self, item: u32) -> bool {
        let lane = &self.queue[self.actions.items[item as usize].lane as usize];
        let first = || lane.items.get(lane.left) == Some(&item);
        self.inside[item as usize] && (self.actions.order == Order::Unordered || first())
    }

    /// Whether it doesn't stand in the way of the next item that surely is got: no earlier itself, or
    /// not taken in time with all that are in the way already.
    fn may_put(&self, item: u32) -> bool {
        if self.actions.order == Order::Unordered {
            return true;
        }
        let known = &self.actions.items[item as usize];
        let mut unput = self
            .unput
            .first_two(known.lane as usize)
            .filter(|other| *other != item);
        let Some(next) = unput.next() else {
            return true;
        };
        let until = self.actions.items[next as usize].get_end;
        if known.get != NOBODY {
            return known.get_start <= until;
        }
        let in_time = self.actions.takers.partition_point(|start| *start <= until);
        let in_the_way = self.queue[known.lane as usize].stuck + 1;
        self.taken + in_the_way <= in_time
    }

    fn put(&mut self, item: u32) {
        let known = self.actions.items[item as usize];
        self.finish(known.put);
        self.fingerprint ^= self.place(item, 0);
        self.queue[known.lane as usize].items.push(item);
        self.inside[item as usize] = true;
        self.count += 1;
        if known.get == NOBODY {
            self.stuck.add(item);
            self.queue[known.lane as usize].stuck += 1;
        }
        if known.get_end != NEVER {
            self.unput.take(item);
        }
        self.changes.push(Change::Put(item));
    }

    /// Lets an item leave; says which comes next.
    fn leave(&mut self, item: u32) -> Option<u32> {
        let known = self.actions.items[item as usize];
        match known.get {
            NOBODY => {
                self.takers -= 1;
                self.taken += 1;
                self.changes.push(Change::Taken);
                self.stuck.take(item);
                self.queue[known.lane as usize].stuck -= 1;
            }
            get => self.finish(get),
        }
        self.changes.push(Change::Left(item));
        self.inside[item as usize] = false;
        self.count -= 1;
        let lane = &mut self.queue[known.lane as usize];
        if self.actions.order != Order::Unordered {
            lane.left += 1;
        }
        let next = lane.items.get(lane.left).copied();
        self.fingerprint ^= self.place(item, 1);
        next
    }

    fn finish(&mut self, action: u32) {
        self.done[action as usize] = true;
        self.open[action as usize] = false;
        self.fingerprint ^= mix(u64::from(action), 0);
        if let Some(set) = self.set(self.actions.all[action as usize].what) {
            set.take(action);
        }
        self.changes.push(Change::Done(action));
    }

    fn undo_change(&mut self, change: Change) {
        match change {
            Change::Opened(action) => {
                self.open[action as usize] = false;
                match self.set(self.actions.all[action as usize].what) {
                    Some(set) => set.undo_add(),
                    None => self.takers -= 1,
                }
            }
            Change::Done(action) => {
                self.done[action as usize] = false;
                self.open[action as usize] = true;
                self.fingerprint ^= mix(u64::from(action), 0);
                if let Some(set) = self.set(self.actions.all[action as usize].what) {
                    set.undo_take(action);
                }
            }
            Change::Put(item) => {
                let known = self.actions.items[item as usize];
                if known.get_end != NEVER {
                    self.unput.undo_take(item);
                }
                if known.get == NOBODY {
                    self.stuck.undo_add();
                    self.queue[known.lane as usize].stuck -= 1;
                }
                self.count -= 1;
                self.inside[item as usize] = false;
                self.queue[known.lane as usize].items.pop();
                self.fingerprint ^= self.place(item, 0);
            }
            Change::Left(item) => {
                let known = self.actions.items[item as usize];
                self.fingerprint ^= self.place(item, 1);
                if self.actions.order != Order::Unordered {
                    self.queue[known.lane as usize].left -= 1;
                }
                self.count += 1;
                self.inside[item as usize] = true;
                if known.get == NOBODY {
                    self.stuck.undo_take(item);
                    self.queue[known.lane as usize].stuck += 1;
                }
            }
            Change::Taken => {
                self.takers += 1;
                self.taken -= 1;
            }
        }
    }

    /// What an item's being inside adds to the fingerprint: that of its place, before it is put or
    /// when it has left.
    fn place(&self, item: u32, gone: usize) -> u128 {
        let lane = &self.queue[self.actions.items[item as usize].lane as usize];
        let place = match (self.actions.order, gone) {
            (Order::Unordered, _) => 0,
            (_, 0) => lane.items.len(),
            (_, gone) => lane.left - gone,
        };
        mix(u64::from(item), place as u64 + 1)
    }

    /// Where actions of this kind wait until they take effect; none for those that only count.
    fn set(&mut self, what: What) -> Option<&mut Places> {
        Some(match what {
            What::Put(_) => &mut self.puts,
            What::Get(_) => &mut self.gets,
            What::Empty => &mut self.empties,
            What::Full => &mut self.fulls,
            What::Take => return None,
        })
    }

    fn item(&self, action: u32) -> Option<u32> {
        match self.actions.all[action as usize].what {
            What::Put(item) | What::Get(item) => Some(item),
            What::Take | What::Empty | What::Full => None,
        }
    }
}

/// A number that two pairs share with a chance of one in 2^128.
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
