//! Moves that ask whether there is an item: try forms, timed forms and polls.

use super::recipe::Move;
use super::steps::{How, LONG, SHORT, get, poll};
use super::world::World;
use crate::backend::{Capability, Outcome, Wait};
use crate::case::model::{Action, EndName, Limit};

impl World {
    /// A process asks an empty channel, and no put may come before the answer.
    pub(super) fn ask_in_vain(&mut self, lane: usize, one: &Move) {
        let Some(receiver) = self.receivers(lane, one.pick).first().copied() else {
            return;
        };
        let is_empty = self.lanes[lane].most == 0 && self.lanes[lane].least == 0;
        if !is_empty || !self.is_kept_open(lane) {
            return;
        }
        self.ready(&[receiver]);
        self.before_get(lane, receiver, one.style);
        let (outcome, wait) = match one.style % 2 {
            0 => (Outcome::Empty, Wait::Never),
            _ => (Outcome::Timeout, SHORT),
        };
        let how = How::expecting(&[outcome]).waiting(wait);
        let polls = (one.style / 2).is_multiple_of(2) && !self.is_queue();
        self.ask(lane, receiver, polls, how);
        self.guard(lane, receiver);
    }

    /// A process asks a channel in which there certainly is an item.
    pub(super) fn ask_ready(&mut self, lane: usize, one: &Move) {
        let Some(receiver) = self.receivers(lane, one.pick).first().copied() else {
            return;
        };
        if self.lanes[lane].least < 1 {
            return;
        }
        self.ready(&[receiver]);
        let puts = self.lanes[lane].last_puts.clone();
        self.order_all(&puts, receiver, one.style);
        self.before_get(lane, receiver, one.style);
        let wait = [Wait::Never, LONG][usize::from(one.style % 2)];
        if (one.style / 2).is_multiple_of(2) && !self.is_queue() {
            let expected = How::expecting(&[Outcome::Ready]);
            let how = match one.style / 4 % 4 {
                0 => expected,
                1 => How::default(),
                _ => expected.waiting(wait),
            };
            self.ask(lane, receiver, true, how);
            let now = self.now(receiver);
            let lane = &mut self.lanes[lane];
            lane.last_gets.retain(|(party, _)| *party != receiver);
            lane.last_gets.push(now);
            return;
        }
        // Only some queues see at once what another process has put.
        let is_sure = !self.is_queue() || wait != Wait::Never || (one.style / 4).is_multiple_of(2);
        if is_sure {
            if self.is_queue() && wait == Wait::Never {
                self.requires.insert(Capability::StrictEmpty);
            }
            let how = How::expecting(&[Outcome::Ok]).waiting(wait);
            self.receive(lane, receiver, 1, how, one.style / 8);
        } else {
            self.ask_openly(lane, receiver, wait, Outcome::Empty);
        }
    }

    /// A process asks a channel in which there may be an item or none.
    pub(super) fn ask_anyhow(&mut self, lane: usize, one: &Move) {
        let Some(receiver) = self.receivers(lane, one.pick).first().copied() else {
            return;
        };
        self.ready(&[receiver]);
        self.before_get(lane, receiver, one.style);
        match one.style % 2 {
            0 => self.ask_openly(lane, receiver, Wait::Never, Outcome::Empty),
            _ => self.ask_openly(lane, receiver, SHORT, Outcome::Timeout),
        }
        if (one.style / 2).is_multiple_of(2) {
            // Nothing that is put later can be what it gets.
            self.guard(lane, receiver);
            let lane = &mut self.lanes[lane];
            lane.least = lane.least.max(0);
        }
    }

    fn ask_openly(&mut self, lane: usize, receiver: usize, wait: Wait, nothing: Outcome) {
        let how = How::expecting(&[Outcome::Ok, nothing, Outcome::End]).waiting(wait);
        self.ask(lane, receiver, false, how);
        let now = self.now(receiver);
        let is_stream = self.is_stream();
        let lane = &mut self.lanes[lane];
        lane.last_gets.retain(|(party, _)| *party != receiver);
        lane.last_gets.push(now);
        if is_stream {
            lane.least -= 1;
        } else {
            lane.took(0, 1);
        }
    }

    fn ask(&mut self, lane: usize, receiver: usize, polls: bool, how: How) {
        let Some(on) = self.lanes[lane].receiving(receiver).cloned() else {
            return;
        };
        let action = if polls {
            poll(&on, how)
        } else {
            self.get_of(&on, how)
        };
        self.push(receiver, action);
    }

    fn get_of(&self, on: &EndName, how: How) -> Action {
        get(self.word(), on, Limit::One, None, how)
    }

    /// Returns whether a process keeps the lane from ending. Of a queue, only those do that put at some time.
    fn is_kept_open(&self, lane: usize) -> bool {
        let own = &self.lanes[lane];
        let mut puts = own.last_puts.iter();
        let is_put_to = puts.any(|(party, _)| own.writers.contains(party));
        !own.writers.is_empty() && (!self.is_queue() || own.last_puts.is_empty() || is_put_to)
    }

    /// Keeps puts and closes back until the process has gone on.
    fn guard(&mut self, lane: usize, receiver: usize) {
        let now = self.now(receiver);
        let lane = &mut self.lanes[lane];
        lane.put_after.retain(|(party, _)| *party != receiver);
        lane.put_after.push(now);
        lane.last_gets.retain(|(party, _)| *party != receiver);
        lane.last_gets.push(now);
    }
}
