//! Moves that close ends.

use std::collections::BTreeSet;

use super::recipe::{Move, Size};
use super::steps::{How, at, get, poll, until_end};
use super::world::{Lane, World};
use crate::backend::Outcome;
use crate::case::model::{Action, ChannelKind, EndName, Limit};

impl World {
    /// All writing ends close, and a reader receives the rest and then the end.
    pub(super) fn end(&mut self, lane: usize, one: &Move) {
        self.ready_for(lane);
        let Some(receiver) = self.receivers(lane, one.pick).first().copied() else {
            return;
        };
        // Few queues can be closed for others, and the rest of the case should run on all.
        let is_rare = self.is_queue() && !one.style.is_multiple_of(4);
        let closers = self.closers(lane);
        let can_all_close = self.lanes[lane].writer_copies.is_empty()
            && closers.iter().all(|party| self.can_close(lane, *party));
        if is_rare || !can_all_close || closers.contains(&receiver) {
            return;
        }
        if closers.is_empty() && self.is_queue() {
            return;
        }
        let halves = (one.style / 4).is_multiple_of(2) && self.lanes[lane].back.is_some();
        if !halves && !self.back_is_idle(lane) {
            return;
        }
        self.before_get(lane, receiver, one.style);
        let guards = self.lanes[lane].put_after.clone();
        for closer in &closers {
            self.order_all(&guards, *closer, one.style);
        }
        if let ([only], true) = (closers.as_slice(), self.is_stream()) {
            // Only a read until the end is sure to take everything.
            let items = self.items(1 + usize::from(one.n % 3), one.size);
            if self.lanes[lane].sending(*only).is_some() {
                self.before_put(lane, *only, one.style);
                self.send(lane, *only, &items, How::default());
            }
        }
        for closer in closers {
            match self.lanes[lane].sending(closer).cloned() {
                Some(on) if halves => self.push(closer, Action::HalfClose(at(on))),
                Some(on) => self.close(closer, on),
                None => self.close_held(closer, lane),
            }
        }
        self.lanes[lane].writers.clear();
        self.drain(lane, receiver, one);
        match self.lanes[lane].back {
            // The other direction stays open. A read that isn't until the end may leave bytes behind.
            Some(back) if halves && self.is_stream() => self.end(back, one),
            Some(back) if halves => {
                self.put(back, one);
                self.get(back, one);
            }
            _ => {}
        }
    }

    /// Adds the steps that receive everything and then the end.
    fn drain(&mut self, lane: usize, receiver: usize, one: &Move) {
        let Some(on) = self.lanes[lane].receiving(receiver).cloned() else {
            return;
        };
        let word = self.word();
        let inside = usize::try_from(self.lanes[lane].least).unwrap_or(0);
        let one_by_one =
            (one.style / 8).is_multiple_of(2) && self.lanes[lane].is_certain() && !self.is_stream();
        if one_by_one {
            if inside > 0 {
                self.receive(lane, receiver, inside, How::default(), one.style);
            }
            let how = How::expecting(&[Outcome::End]);
            self.push(receiver, get(word, &on, Limit::One, None, how));
        } else {
            self.push(receiver, get(word, &on, until_end(), None, How::default()));
        }
        if (one.style / 16).is_multiple_of(2) {
            if !self.is_queue() {
                self.push(receiver, poll(&on, How::expecting(&[Outcome::Ready])));
            }
            let again = How::expecting(&[Outcome::End]);
            self.push(receiver, get(word, &on, Limit::One, None, again));
        }
        let lane = &mut self.lanes[lane];
        lane.least = 0;
        lane.took(lane.most, lane.most);
        lane.least = 0;
        // No process asks it again.
        lane.readers.clear();
    }

    /// All reading ends close, and the sender learns of that, at the latest by its second send.
    pub(super) fn gone(&mut self, lane: usize, one: &Move) {
        self.ready_for(lane);
        let Some(sender) = self.senders(lane, one.pick).first().copied() else {
            return;
        };
        let closers: Vec<usize> = self.lanes[lane].readers.iter().copied().collect();
        let can_all_close = self.lanes[lane].reader_copies.is_empty()
            && closers.iter().all(|party| self.can_close(lane, *party));
        let is_empty = self.lanes[lane].most == 0 && self.lanes[lane].least == 0;
        if self.is_queue() || closers.is_empty() || !can_all_close || !is_empty {
            return;
        }
        if closers.contains(&sender) || !self.back_is_idle(lane) {
            return;
        }
        self.before_put(lane, sender, one.style);
        for closer in closers {
            if let Some(on) = self.lanes[lane].receiving(closer).cloned() {
                self.close(closer, on);
                let now = self.now(closer);
                self.order(now, sender, one.style / 2);
            }
        }
        for reader in self.lanes[lane].former_readers.clone() {
            let end = self.now(reader);
            self.order(end, sender, one.style / 2);
        }
        self.lanes[lane].readers.clear();
        let Some(on) = self.lanes[lane].sending(sender).cloned() else {
            return;
        };
        for expected in [&[Outcome::Ok, Outcome::Gone][..], &[Outcome::Gone]] {
            let item = self.items(1, Size::Number);
            let how = How::expecting(expected);
            for action in self.sending_steps(lane, sender, &item, how) {
                self.push(sender, action);
            }
        }
        if let Some(back) = self.lanes[lane].back {
            // The other direction has ended with it.
            let ended = get(
                self.word(),
                &on,
                Limit::One,
                None,
                How::expecting(&[Outcome::End]),
            );
            let own = &self.lanes[back];
            let has_ended = own.writers.is_empty() && own.writer_copies.is_empty();
            if has_ended && (one.style / 4).is_multiple_of(2) {
                self.push(sender, ended);
            }
            self.lanes[back].readers.remove(&sender);
        }
        self.lanes[lane].writers.remove(&sender);
    }

    /// A process uses an end that it has closed.
    pub(super) fn after_close(&mut self, lane: usize, one: &Move) {
        if self.kind == ChannelKind::Endpoint {
            return;
        }
        let closed: BTreeSet<usize> = (0..self.parties.len())
            .filter(|party| self.is_alive(*party) && self.has_closed(lane, *party))
            .collect();
        let Some(party) = closed.into_iter().next() else {
            return;
        };
        let how = How::expecting(&[Outcome::Closed]);
        if self.lanes[lane].sending(party).is_some() {
            let item = self.items(1, Size::Number);
            for action in self.sending_steps(lane, party, &item, how) {
                self.push(party, action);
            }
        } else if let Some(on) = self.lanes[lane].receiving(party).cloned() {
            match one.style % 3 {
                0 if !self.is_queue() => self.push(party, poll(&on, how)),
                _ => self.push(party, get(self.word(), &on, Limit::One, None, how)),
            }
        }
    }

    /// Returns whether a process has closed its end of this lane by a step.
    fn has_closed(&self, lane: usize, party: usize) -> bool {
        let mut steps = self.parties[party].steps.iter();
        let lane = &self.lanes[lane];
        let own = lane.sending(party).or(lane.receiving(party));
        steps.any(|step| matches!(step, Action::Close(end) if Some(&end.value) == own))
    }

    /// Starts all processes of a lane, because a fork may copy its ends.
    fn ready_for(&mut self, lane: usize) {
        let own = &self.lanes[lane];
        let parties: Vec<usize> = own.writers.iter().chain(&own.readers).copied().collect();
        self.ready(&parties);
    }

    /// Returns the processes that must close before the lane ends. A process that never puts keeps no queue
    /// open.
    fn closers(&self, lane: usize) -> Vec<usize> {
        let own = &self.lanes[lane];
        let puts = |party: &usize| own.last_puts.iter().any(|(one, _)| one == party);
        let writers = own.writers.iter().copied();
        writers
            .filter(|party| !self.is_queue() || puts(party))
            .collect()
    }

    /// Returns whether the process holds its end by name, and has no copy by a fork.
    fn can_close(&self, lane: usize, party: usize) -> bool {
        let lane = &self.lanes[lane];
        let holds = || {
            let held = &self.parties[party].holds;
            held.iter()
                .any(|end| lane.senders.iter().any(|(_, sends)| sends == end))
        };
        let is_named = lane.sending(party).is_some() || lane.receiving(party).is_some() || holds();
        self.is_alive(party) && is_named && !lane.has_copy(party)
    }

    /// Returns whether the other direction carries nothing, so that closing loses nothing.
    fn back_is_idle(&self, lane: usize) -> bool {
        let is_idle = |back: &Lane| back.most == 0 && back.least == 0 && back.put_after.is_empty();
        self.lanes[lane]
            .back
            .is_none_or(|back| is_idle(&self.lanes[back]))
    }

    /// Adds the step that closes an end, which may belong to two directions.
    fn close(&mut self, party: usize, end: EndName) {
        for lane in &mut self.lanes {
            if lane.sending(party) == Some(&end) {
                lane.writers.remove(&party);
            }
            if lane.receiving(party) == Some(&end) {
                lane.readers.remove(&party);
            }
        }
        self.push(party, Action::Close(at(end)));
    }

    fn close_held(&mut self, party: usize, lane: usize) {
        let held = self.parties[party].holds.iter();
        let lane = &self.lanes[lane];
        let mut held = held.filter(|end| lane.senders.iter().any(|(_, sends)| sends == *end));
        if let Some(end) = held.next().cloned() {
            self.push(party, Action::Close(at(end)));
        }
    }
}
