//! The end of a case: every process may exit without harm to the others.

use super::recipe::{Deed, Move, Size};
use super::steps::{How, join, step};
use super::world::World;
use crate::case::model::{Action, ChannelKind, EndName, every_step};

impl World {
    /// Makes every process stay until no other one relies on it, and starters join.
    pub(super) fn finish(&mut self, style: u8) {
        let all: Vec<usize> = (0..self.parties.len()).collect();
        self.ready(&all);
        for lane in 0..self.lanes.len() {
            if self.is_stream() && style.is_multiple_of(2) {
                self.end(lane, &last(style));
            }
            self.settle(lane, style);
        }
        self.hold_unused_ends();
        for starter in all {
            let children: Vec<usize> = (0..self.parties.len())
                .filter(|child| self.parties[*child].starter == Some(starter))
                .filter(|child| self.parties[*child].joined)
                .collect();
            if self.is_alive(starter) {
                for child in children {
                    self.push(starter, join(&self.parties[child].name, How::default()));
                }
            }
        }
    }

    /// Makes processes hold the ends that the moves count on and that no step names. Connections are only
    /// ever named by steps.
    fn hold_unused_ends(&mut self) {
        if self.is_queue() || self.kind == ChannelKind::Endpoint {
            return;
        }
        for lane in &self.lanes {
            for (party, end) in lane.senders.iter().chain(&lane.receivers) {
                let own = &mut self.parties[*party];
                let mut steps = own.steps.iter();
                if !steps.any(|step| names(step, end)) && !own.holds.contains(end) {
                    own.holds.push(end.clone());
                }
            }
        }
    }

    /// Keeps the ends of a lane open until they are no longer needed.
    fn settle(&mut self, lane: usize, style: u8) {
        // A get that found nothing relied on the writers.
        let guards = self.lanes[lane].put_after.clone();
        let writers = self.lanes[lane].writers.clone();
        for writer in writers {
            if self.is_alive(writer) {
                self.order_all(&guards, writer, style);
            }
        }
        if self.lanes[lane].most == 0 {
            return;
        }
        let receivers = self.receivers(lane, 0);
        let inside = usize::try_from(self.lanes[lane].least).unwrap_or(0);
        let must_drain = self.lanes[lane].back.is_some() || style.is_multiple_of(2);
        let is_sure = self.lanes[lane].is_certain() && inside > 0 && !self.is_stream();
        if let (Some(receiver), true) = (receivers.first(), is_sure && must_drain) {
            self.before_get(lane, *receiver, style);
            self.receive(lane, *receiver, inside, How::default(), style);
        }
        // A reader that leaves early would make the puts fail.
        let puts = self.lanes[lane].last_puts.clone();
        for receiver in receivers {
            self.order_all(&puts, receiver, style / 2);
        }
    }
}

/// Returns the move that ends a lane after all others. Only a read until the end is sure to receive
/// everything.
fn last(style: u8) -> Move {
    Move {
        deed: Deed::End,
        lane: 0,
        pick: 0,
        n: style,
        size: Size::Number,
        style,
    }
}

/// Returns whether a step, or one inside it, names the end.
fn names(action: &Action, end: &EndName) -> bool {
    let mut is_named = false;
    every_step(&[step(action.clone())], &mut |step| {
        is_named |= step.action.ends().iter().any(|one| one.value == *end);
    });
    is_named
}
