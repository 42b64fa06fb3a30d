//! Moves that send and receive items.

use super::items::{expected, source};
use super::recipe::{Move, Size};
use super::steps::{How, LONG, SHORT, at, count, get, literal, put, step};
use super::world::{BYTES, ITEMS, Lane, Stocked, World};
use crate::backend::{Outcome, Wait};
use crate::case::model::{Action, Event, Get, Repeat, Source, Term};

impl Size {
    /// Returns the length in bytes; none for a number as it is.
    fn length(self, is_stream: bool) -> Option<u64> {
        let around = |length: u64, by: i8| length.saturating_add_signed(i64::from(by));
        match self {
            Size::Number if is_stream => Some(8),
            Size::Number => None,
            Size::Empty if !is_stream => Some(0),
            Size::Empty | Size::One => Some(1),
            Size::Small => Some(100),
            Size::Page(by) => Some(around(4096, by)),
            Size::Pipe(by) => Some(around(65_536, by)),
            Size::Large => Some(300_000),
        }
    }
}

impl World {
    /// Returns so many new items. Very short ones can't carry a number of their own.
    pub(super) fn items(&mut self, n: usize, size: Size) -> Vec<Stocked> {
        let size = size.length(self.is_stream());
        let fresh = |_| {
            self.next += 1;
            let number = match size {
                Some(0) => 0,
                Some(1) => self.next % 256,
                _ => self.next,
            };
            Stocked { number, size }
        };
        (0..n).map(fresh).collect()
    }

    /// Returns whether the lane has room for these items, whatever was received so far.
    pub(super) fn has_room(&self, lane: usize, items: &[Stocked]) -> bool {
        let lane = &self.lanes[lane];
        let most = lane.most + items.len() as i64;
        let bytes: u64 = items.iter().map(|item| item.bytes()).sum();
        lane.capacity.is_none_or(|capacity| most <= capacity)
            && most <= ITEMS
            && lane.bytes + bytes <= BYTES
    }

    /// Makes a process wait for what must come before its next put into a lane.
    pub(super) fn before_put(&mut self, lane: usize, party: usize, style: u8) {
        let after = self.lanes[lane].put_after.clone();
        self.order_all(&after, party, style);
        if self.is_stream() && (style / 2).is_multiple_of(2) {
            let after = self.lanes[lane].last_gets.clone();
            self.order_all(&after, party, style);
        }
        // Producers of a bounded queue compete for room.
        if self.lanes[lane].capacity.is_some() && self.lanes[lane].senders.len() > 1 {
            let after = self.lanes[lane].last_puts.clone();
            self.order_all(&after, party, style);
        }
    }

    /// Makes a process wait for what must come before its next get from a lane.
    pub(super) fn before_get(&mut self, lane: usize, party: usize, style: u8) {
        let after = self.lanes[lane].get_after.clone();
        self.order_all(&after, party, style);
        // Consumers compete for items.
        if self.lanes[lane].receivers.len() > 1 {
            let after = self.lanes[lane].last_gets.clone();
            self.order_all(&after, party, style);
        }
    }

    /// Adds the steps that put these items, which then are in the lane.
    pub(super) fn send(&mut self, lane: usize, party: usize, items: &[Stocked], how: How) {
        for action in self.sending_steps(lane, party, items, how) {
            self.push(party, action);
        }
        self.sent(lane, party, items);
    }

    pub(super) fn sending_steps(
        &self,
        lane: usize,
        party: usize,
        items: &[Stocked],
        how: How,
    ) -> Vec<Action> {
        let Some(on) = self.lanes[lane].sending(party) else {
            return Vec::new();
        };
        let runs = items.chunk_by(|a, b| a.size == b.size);
        let steps = runs.map(|run| put(self.word(), on, source(run), run[0].size, how.clone()));
        steps.collect()
    }

    pub(super) fn sent(&mut self, lane: usize, party: usize, items: &[Stocked]) {
        let now = self.now(party);
        let is_stream = self.is_stream();
        let mut gets = self.lanes[lane].last_gets.iter();
        let follows_gets = gets.all(|get| self.is_known(*get, party));
        let lane = &mut self.lanes[lane];
        lane.last_puts.retain(|(one, _)| *one != party);
        lane.last_puts.push(now);
        lane.bytes += items.iter().map(|item| item.bytes()).sum::<u64>();
        lane.least += items.len() as i64;
        lane.most += items.len() as i64;
        lane.unmarked += items.len() as u64;
        if is_stream {
            // A read takes everything, also what is written before it returns.
            let most = if follows_gets { 1 } else { 0 };
            lane.least = lane.least.min(most);
        }
        if let Some(stock) = &mut lane.stock {
            stock.extend(items);
        }
        if lane.senders.len() > 1 {
            lane.stock = None;
        }
    }

    /// Adds the steps that get so many items, which then are no longer in the lane.
    pub(super) fn receive(&mut self, lane: usize, party: usize, n: usize, how: How, style: u8) {
        for action in self.receiving_steps(lane, party, n, how, style) {
            self.push(party, action);
        }
        self.received(lane, party, n);
    }

    pub(super) fn receiving_steps(
        &self,
        lane: usize,
        party: usize,
        n: usize,
        how: How,
        style: u8,
    ) -> Vec<Action> {
        let Some(on) = self.lanes[lane].receiving(party) else {
            return Vec::new();
        };
        let word = self.word();
        let known = self.lanes[lane].stock.as_ref();
        let known =
            known.filter(|stock| !self.is_stream() && !style.is_multiple_of(3) && stock.len() >= n);
        match known {
            Some(stock) => {
                let items: Vec<Stocked> = stock.iter().take(n).copied().collect();
                let runs = items.chunk_by(|a, b| a.size == b.size);
                let steps = runs.map(|run| get(word, on, expected(run), run[0].size, how.clone()));
                steps.collect()
            }
            None => vec![get(word, on, count(n), None, how)],
        }
    }

    pub(super) fn received(&mut self, lane: usize, party: usize, n: usize) {
        let now = self.now(party);
        let is_stream = self.is_stream();
        let lane = &mut self.lanes[lane];
        lane.last_gets.retain(|(one, _)| *one != party);
        lane.last_gets.push(now);
        if is_stream {
            lane.least -= n as i64;
            return;
        }
        lane.took(n as i64, n as i64);
    }

    pub(super) fn put(&mut self, lane: usize, one: &Move) {
        let Some((sender, receiver)) = self.pair(lane, one.pick) else {
            return;
        };
        let items = self.items(1 + usize::from(one.n % 3), one.size);
        if self.has_room(lane, &items) {
            self.ready(&[sender]);
            self.before_put(lane, sender, one.style);
            if one.style % 8 == 7 && one.size == Size::Number && self.is_queue() {
                self.send_round_by_round(lane, sender, items.len());
            } else {
                self.send(lane, sender, &items, How::default());
            }
        } else {
            self.exchange(lane, sender, receiver, &items, one);
        }
    }

    /// Puts 0, 1, … by a loop. Other puts of this kind put equal items.
    fn send_round_by_round(&mut self, lane: usize, party: usize, n: usize) {
        let items: Vec<Stocked> = (0..n as u64)
            .map(|number| Stocked { number, size: None })
            .collect();
        let Some(on) = self.lanes[lane].sending(party).cloned() else {
            return;
        };
        let round = Source::Item(at(Term::Reference("n".to_owned())));
        let steps = vec![step(put(self.word(), &on, round, None, How::default()))];
        let count = literal(n as u64);
        self.push(party, Action::Repeat(Repeat { count, steps }));
        self.sent(lane, party, &items);
    }

    /// One process puts more than there is room for, and another one receives everything.
    fn exchange(
        &mut self,
        lane: usize,
        sender: usize,
        receiver: usize,
        items: &[Stocked],
        one: &Move,
    ) {
        if !self.lanes[lane].is_certain() || self.is_stream() {
            return;
        }
        self.ready(&[sender, receiver]);
        self.before_put(lane, sender, one.style);
        self.before_get(lane, receiver, one.style);
        self.send(lane, sender, items, How::default());
        let all = usize::try_from(self.lanes[lane].least).unwrap_or(0);
        self.receive(lane, receiver, all, How::default(), one.style);
        // A put of another producer could be received in place of what has no room.
        let now = self.now(receiver);
        self.lanes[lane].put_after.push(now);
    }

    pub(super) fn get(&mut self, lane: usize, one: &Move) {
        let inside = usize::try_from(self.lanes[lane].least).unwrap_or(0);
        let Some(receiver) = self.receivers(lane, one.pick).first().copied() else {
            return;
        };
        if inside == 0 {
            self.waited_get(lane, one);
            return;
        }
        let n = 1 + usize::from(one.n) % inside;
        self.ready(&[receiver]);
        self.before_get(lane, receiver, one.style);
        let how = match one.style / 16 % 4 {
            0 => How::default().waiting(LONG),
            _ => How::default(),
        };
        self.receive(lane, receiver, n, how, one.style);
    }

    pub(super) fn waited_get(&mut self, lane: usize, one: &Move) {
        let items = self.items(1, Size::Number);
        let Some((sender, receiver)) = self.pair(lane, one.pick) else {
            return;
        };
        let is_empty = self.lanes[lane].most == 0 && self.lanes[lane].least == 0;
        if !is_empty || !self.has_room(lane, &items) {
            return;
        }
        self.ready(&[sender, receiver]);
        self.before_put(lane, sender, one.style);
        self.before_get(lane, receiver, one.style);
        let label = self.fresh("l");
        let how = How::default().labelled(&label);
        let awaited = match one.style % 4 {
            0 => Some(Event::Started(at(label))),
            1 | 2 => Some(Event::Blocked(at(label))),
            _ => None,
        };
        let awaited_is_blocked = matches!(awaited, Some(Event::Blocked(_)));
        // The get is written first, and the model takes the item afterwards.
        let steps = self.receiving_steps(lane, receiver, 1, how, 0);
        steps
            .into_iter()
            .for_each(|action| self.push(receiver, action));
        if let Some(event) = awaited {
            self.push(sender, Action::Await(event));
            // No other process may put before the get was seen to be blocked.
            let now = self.now(sender);
            self.lanes[lane].put_after.push(now);
        }
        if awaited_is_blocked && one.n.is_multiple_of(2) {
            self.signals(receiver, sender, one.n / 2);
        }
        self.send(lane, sender, &items, How::default());
        self.received(lane, receiver, 1);
    }

    pub(super) fn full(&mut self, lane: usize, one: &Move) {
        let Some(capacity) = self.lanes[lane].capacity else {
            return;
        };
        let Some((sender, receiver)) = self.pair(lane, one.pick) else {
            return;
        };
        if !self.lanes[lane].is_certain() {
            return;
        }
        self.ready(&[sender, receiver]);
        self.before_put(lane, sender, one.style);
        let room = usize::try_from(capacity - self.lanes[lane].most).unwrap_or(0);
        let filling = self.items(room, Size::Number);
        if !filling.is_empty() {
            self.send(lane, sender, &filling, How::default());
        }
        let extra = self.items(1, Size::Number);
        let how = match one.style % 3 {
            0 => How::expecting(&[Outcome::Full]).waiting(Wait::Never),
            1 => How::expecting(&[Outcome::Timeout]).waiting(SHORT),
            _ => {
                self.before_get(lane, receiver, one.style);
                let label = self.fresh("l");
                self.send(lane, sender, &extra, How::default().labelled(&label));
                self.push(receiver, Action::Await(Event::Blocked(at(label))));
                self.receive(lane, receiver, 1, How::default(), one.style);
                return;
            }
        };
        for action in self.sending_steps(lane, sender, &extra, how) {
            self.push(sender, action);
        }
        let now = self.now(sender);
        self.lanes[lane].get_after.push(now);
    }

    /// All consumers get at the same time, so which item each gets isn't known.
    pub(super) fn together(&mut self, lane: usize, one: &Move) {
        let receivers = self.receivers(lane, one.pick);
        let inside = usize::try_from(self.lanes[lane].least).unwrap_or(0);
        if receivers.len() < 2 || inside < receivers.len() || !self.lanes[lane].is_certain() {
            return;
        }
        self.ready(&receivers);
        let before = self.lanes[lane].last_gets.clone();
        let guards = self.lanes[lane].get_after.clone();
        for receiver in &receivers {
            self.order_all(&before, *receiver, one.style);
            self.order_all(&guards, *receiver, one.style);
        }
        self.lanes[lane].stock = None;
        let share = inside / receivers.len();
        for receiver in receivers {
            self.receive(lane, receiver, share, How::default(), one.style);
        }
    }

    /// One end of a duplex channel sends requests, and the other replies to each.
    pub(super) fn replies(&mut self, lane: usize, one: &Move) {
        let Some(back) = self.lanes[lane].back else {
            return;
        };
        let is_empty = |lane: &Lane| lane.most == 0 && lane.least == 0;
        let both_empty = is_empty(&self.lanes[lane]) && is_empty(&self.lanes[back]);
        let (Some((asker, replier)), true) = (self.pair(lane, 0), both_empty) else {
            return;
        };
        if self.is_stream() || self.pair(back, 0) != Some((replier, asker)) {
            return;
        }
        let items = self.items(1 + usize::from(one.n % 4), Size::Number);
        self.ready(&[asker, replier]);
        for (lane, from, to) in [(lane, asker, replier), (back, replier, asker)] {
            self.before_put(lane, from, one.style);
            self.before_get(lane, to, one.style);
        }
        self.send(lane, asker, &items, How::default());
        let reply = Source::Item(at(Term::Reference("item".to_owned())));
        let (Some(on), Some(from)) = (
            self.lanes[lane].receiving(replier).cloned(),
            self.lanes[back].sending(replier).cloned(),
        ) else {
            return;
        };
        let word = self.word();
        let asked = get(word, &on, count(items.len()), None, How::default());
        if let Action::Get(asked) = asked {
            let each = vec![step(put(word, &from, reply, None, How::default()))];
            self.push(replier, Action::Get(Get { each, ..asked }));
        }
        self.received(lane, replier, items.len());
        self.sent(back, replier, &items);
        self.receive(back, asker, items.len(), How::default(), one.style);
    }
}
