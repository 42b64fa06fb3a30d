//! Moves that pause, kill or end processes, or send them signals.

use super::recipe::{Move, Size};
use super::steps::{How, SHORT, at, get, join, literal, target};
use super::world::World;
use crate::backend::{Outcome, Wait};
use crate::case::model::{Action, ChannelKind, Crash, Event, Limit, SignalStep};
use crate::plan::{ExpectedExit, Signal};

impl World {
    /// One process pauses another one, and resumes it.
    pub(super) fn pause(&mut self, victim: usize, one: &Move) {
        let Some(by) = self.another(victim, one.lane) else {
            return;
        };
        self.ready(&[victim, by]);
        if one.style.is_multiple_of(2) || self.parties[victim].starter.is_some() {
            let now = self.now(victim);
            self.order(now, by, one.style / 2);
        }
        if !self.is_known_to_run(victim, by) {
            self.meet_two(victim, by);
        }
        self.after_resume(victim, by, one.style);
        let name = target(&self.parties[victim].name);
        self.push(by, Action::Pause(name.clone()));
        if (one.style / 4).is_multiple_of(2) {
            let time = std::time::Duration::from_millis(u64::from(one.n % 50));
            self.push(by, Action::Idle(at(Some(time))));
        }
        self.push(by, Action::Resume(name));
        self.parties[victim].resumed = Some(self.now(by));
        // It can't have exited before the pause.
        self.meet_two(victim, by);
    }

    /// One process sends a signal to another one, which handles it.
    pub(super) fn signal(&mut self, receiver: usize, one: &Move) {
        let Some(by) = self.another(receiver, one.lane) else {
            return;
        };
        self.ready(&[receiver, by]);
        self.signals(receiver, by, one.n);
        // It can't have exited before the signal.
        self.meet_two(receiver, by);
    }

    /// The starter of a process joins it, and gives up because it is alive.
    pub(super) fn timed_join(&mut self, child: usize, one: &Move) {
        let Some(starter) = self.parties[child].starter else {
            return;
        };
        // Only these have a reference backend that declares such joins.
        let is_declared = matches!(self.kind, ChannelKind::Pipe | ChannelKind::Stream);
        if !is_declared || !self.is_alive(child) || !self.is_alive(starter) {
            return;
        }
        self.ready(&[starter, child]);
        let wait = match one.style.is_multiple_of(2) {
            true => SHORT,
            false => Wait::Never,
        };
        let in_vain = How::expecting(&[Outcome::Timeout]).waiting(wait);
        self.push(starter, join(&self.parties[child].name, in_vain));
        // It can't have exited before the join gives up.
        self.meet_two(child, starter);
    }

    /// Adds the step by which one process sends a signal to another one. The receiver must not exit before.
    pub(super) fn signals(&mut self, receiver: usize, by: usize, pick: u8) {
        let name = Signal::ALL[usize::from(pick) % Signal::ALL.len()];
        let to = target(&self.parties[receiver].name);
        let name = literal(name);
        self.push(by, Action::Signal(SignalStep { to, name }));
    }

    /// Makes a process wait until no other one has paused the victim.
    fn after_resume(&mut self, victim: usize, by: usize, style: u8) {
        if let Some(resumed) = self.parties[victim].resumed {
            self.order(resumed, by, style);
        }
    }

    /// Two processes meet at a barrier.
    fn meet_two(&mut self, one: usize, other: usize) {
        let name = self.fresh("b");
        self.push(one, Action::Barrier(at(name.clone())));
        self.push(other, Action::Barrier(at(name)));
        self.learn(one, other);
        self.learn(other, one);
    }

    /// One process kills another one, which idles or waits.
    pub(super) fn kill(&mut self, victim: usize, one: &Move) {
        let Some(by) = self.another(victim, one.lane) else {
            return;
        };
        if self.leaves_unread(victim) {
            return;
        }
        self.start_children(victim);
        self.ready(&[victim, by]);
        self.before_end(victim, by, one.style);
        let waits = one
            .style
            .is_multiple_of(3)
            .then(|| self.waits_in_vain(victim))
            .flatten();
        match waits {
            Some(on) => {
                let label = self.fresh("l");
                let how = How::default().labelled(&label);
                self.push(victim, get(self.word(), &on, Limit::One, None, how));
                self.push(by, Action::Await(Event::Blocked(at(label))));
                self.keep_puts_back(&on, by);
            }
            None => {
                let now = self.now(victim);
                self.order(now, by, one.style / 4);
                if !self.is_known_to_run(victim, by) {
                    self.meet_two(by, victim);
                }
                self.push(victim, Action::Idle(at(None)));
            }
        }
        self.after_resume(victim, by, one.style);
        let name = target(&self.parties[victim].name);
        self.push(
            by,
            match one.n % 4 == 3 {
                true => Action::Terminate(name),
                false => Action::Kill(name),
            },
        );
        // What a killed process has put may still have been on its way.
        if self.is_queue() {
            for lane in &mut self.lanes {
                if lane.last_puts.iter().any(|(party, _)| *party == victim) && lane.least > 0 {
                    let most = lane.least;
                    lane.took(0, most);
                }
            }
        }
        self.ended(victim, ExpectedExit::Killed);
    }

    /// Makes later puts to an end, and closes, wait until a process has seen that a get from it is blocked.
    fn keep_puts_back(&mut self, on: &crate::case::model::EndName, by: usize) {
        let now = self.now(by);
        for lane in &mut self.lanes {
            if lane.receivers.iter().any(|(_, end)| end == on) {
                lane.put_after.push(now);
            }
        }
    }

    /// Returns an end on which the process waits for ever, if there is one where its death takes nothing
    /// from others.
    fn waits_in_vain(&self, victim: usize) -> Option<crate::case::model::EndName> {
        let lane = self.lanes.iter().find(|lane| {
            let is_empty = lane.most == 0 && lane.least == 0;
            let only = lane.receivers.len() == 1 && lane.readers.contains(&victim);
            is_empty && only && lane.receiving(victim).is_some() && !lane.writers.is_empty()
        })?;
        lane.receiving(victim).cloned()
    }

    /// Returns whether the death of the process may reset a connection: something in it is unread. Some
    /// systems report that to the other side in place of the end of stream.
    fn leaves_unread(&self, party: usize) -> bool {
        self.lanes.iter().any(|lane| {
            let has_two_ways = lane.back.is_some();
            has_two_ways && lane.receiving(party).is_some() && lane.most > 0
        })
    }

    /// A process exits with a code, or crashes.
    pub(super) fn exit(&mut self, party: usize, one: &Move) {
        if !self.is_alive(party) || self.parties.len() < 2 {
            return;
        }
        let unsent = |world: &World| {
            let mut lanes = world.lanes.iter();
            lanes.any(|lane| lane.sending(party).is_some() && lane.most > 0)
        };
        if (self.is_queue() && unsent(self)) || self.leaves_unread(party) {
            return;
        }
        self.start_children(party);
        self.ready(&[party]);
        self.before_end(party, party, one.style);
        let code = i32::from(one.n % 100);
        // A library may join children at an exit, and a child may wait for the exit.
        let mut parties = self.parties.iter();
        let crashes = parties.any(|child| child.starter == Some(party));
        let choices = if crashes { 2 } else { 4 };
        let (action, exit) = match one.style % choices {
            0 => (Action::Crash(literal(Crash::Kill)), ExpectedExit::Killed),
            1 => (Action::Crash(literal(Crash::Exit)), ExpectedExit::Code(1)),
            _ => (Action::Exit(at(code)), ExpectedExit::Code(code)),
        };
        self.push(party, action);
        self.ended(party, exit);
    }

    /// Makes `by`, which ends the process, wait for every get that relies on the process's ends or puts, and
    /// for every put to it.
    fn before_end(&mut self, party: usize, by: usize, style: u8) {
        let mut before = Vec::new();
        for lane in &self.lanes {
            if lane.writers.contains(&party) {
                before.extend(lane.put_after.iter().copied());
            }
            if lane.readers.contains(&party) {
                before.extend(lane.last_puts.iter().copied());
            }
            // A library may still be handing over what was put.
            if self.is_queue() && lane.last_puts.iter().any(|(one, _)| *one == party) {
                before.extend(lane.last_gets.iter().copied());
            }
        }
        self.order_all(&before, by, style);
    }

    /// Takes the process out of all channels.
    fn ended(&mut self, party: usize, exit: ExpectedExit) {
        self.parties[party].ended = Some(exit);
        for lane in &mut self.lanes {
            lane.writers.remove(&party);
            lane.writer_copies.remove(&party);
            // Both are removed.
            if lane.readers.remove(&party) | lane.reader_copies.remove(&party) {
                lane.former_readers.insert(party);
            }
        }
    }

    fn start_children(&mut self, party: usize) {
        let children: Vec<usize> = (0..self.parties.len())
            .filter(|child| self.parties[*child].starter == Some(party))
            .collect();
        self.ready(&children);
    }

    fn another(&self, party: usize, choice: u8) -> Option<usize> {
        let others: Vec<usize> = (0..self.parties.len())
            .filter(|other| *other != party && self.is_alive(*other))
            .collect();
        let is_possible = self.is_alive(party) && !others.is_empty();
        is_possible.then(|| others[usize::from(choice) % others.len()])
    }

    /// Returns items that no rule keeps short.
    pub(super) fn numbers(&mut self, n: usize) -> Vec<super::world::Stocked> {
        self.items(n, Size::Number)
    }
}
