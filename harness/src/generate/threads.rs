//! A move in which two threads of one process use two channels at once.

use super::recipe::Move;
use super::steps::How;
use super::world::{World, stepped};
use crate::case::model::Action;

impl World {
    /// One thread sends on a lane while the other one receives from another lane.
    pub(super) fn threads(&mut self, lane: usize, one: &Move) {
        let Some((both, to)) = self.pair(lane, one.pick) else {
            return;
        };
        let receives = |other: &usize| {
            *other != lane
                && self.lanes[*other].is_certain()
                && self.receivers(*other, 0).contains(&both)
                && !self.senders(*other, 0).is_empty()
        };
        let Some(other) = (0..self.lanes.len()).find(receives) else {
            return;
        };
        let Some(from) = self.senders(other, one.pick).first().copied() else {
            return;
        };
        if self.is_stream() || !self.lanes[lane].is_certain() || to == both || from == both {
            return;
        }
        self.ready(&[both, to, from]);
        for (lane, sender, receiver) in [(lane, both, to), (other, from, both)] {
            self.before_put(lane, sender, one.style);
            self.before_get(lane, receiver, one.style);
        }
        let sent = self.items(1 + usize::from(one.n % 3), one.size);
        let came = self.numbers(1 + usize::from(one.n / 4 % 3));
        let sends = self.sending_steps(lane, both, &sent, How::default());
        self.sent(other, from, &came);
        let all = usize::try_from(self.lanes[other].least).unwrap_or(0);
        let gets = self.receiving_steps(other, both, all, How::default(), one.style);
        self.push(both, Action::Threads(vec![stepped(sends), stepped(gets)]));
        self.sent(lane, both, &sent);
        for action in self.sending_steps(other, from, &came, How::default()) {
            self.push(from, action);
        }
        self.received(other, both, all);
        self.sent_at(other, from);
        let whole = usize::try_from(self.lanes[lane].least).unwrap_or(0);
        self.receive(lane, to, whole, How::default(), one.style);
    }

    /// Records that the last put of a process was just now.
    fn sent_at(&mut self, lane: usize, party: usize) {
        let now = self.now(party);
        let lane = &mut self.lanes[lane];
        lane.last_puts.retain(|(one, _)| *one != party);
        lane.last_puts.push(now);
    }
}
