//! Follows a plan as far as it goes if every operation of the library succeeds at once.
//!
//! Every doubt is decided in favour of the case: the steps in `each` run if that helps others, and a
//! process that may be killed exits as early as that helps, and does all its steps nevertheless.

use super::clock::Clock;
use super::scene::{Frame, Rehearsal, Thread, ThreadIndex, ThreadState, is_plain};
use crate::backend::Wait;
use crate::plan::{Action, ProcessIndex, Step, flat};

/// How many steps are followed before the rehearsal gives up, and finds nothing.
const LONGEST: usize = 100_000;

impl<'p> Rehearsal<'p> {
    /// Follows all processes. Returns none if that takes too many steps.
    pub(super) fn followed(mut self) -> Option<Rehearsal<'p>> {
        for (process, planned) in self.plan.processes.iter().enumerate() {
            if planned.starter.is_none() {
                self.begin(process, Clock::default());
            }
        }
        self.follow().then_some(self)
    }

    /// Follows all threads until none goes on. Returns whether they needed few enough steps.
    fn follow(&mut self) -> bool {
        let mut left = LONGEST;
        loop {
            let mut moved = false;
            // Threads are added meanwhile.
            let mut thread = 0;
            while thread < self.threads.len() {
                while self.goes_on(thread) {
                    moved = true;
                    let Some(fewer) = left.checked_sub(1) else {
                        return false;
                    };
                    left = fewer;
                }
                thread += 1;
            }
            if !moved {
                return true;
            }
        }
    }

    fn begin(&mut self, process: ProcessIndex, clock: Clock) {
        let state = &mut self.processes[process];
        if std::mem::replace(&mut state.has_begun, true) {
            return;
        }
        let clock = Clock {
            is_open: clock.is_open || state.is_endangered,
            ..clock
        };
        let steps = &self.plan.processes[process].steps;
        self.add(process, true, steps, clock);
    }

    fn add(&mut self, process: ProcessIndex, is_first: bool, steps: &'p [Step], clock: Clock) {
        self.threads.push(Thread {
            process,
            is_first,
            frames: vec![Frame {
                steps,
                next: 0,
                rounds: 1,
            }],
            inside: Vec::new(),
            state: ThreadState::Going,
            clock,
        });
    }

    /// Does the next step of the thread, if it can be done. Returns whether it could.
    fn goes_on(&mut self, thread: ThreadIndex) -> bool {
        if self.threads[thread].state != ThreadState::Going {
            return false;
        }
        let Some(step) = self.step(thread) else {
            self.end_of_sequence(thread);
            return true;
        };
        if self.waits_for_its_threads(thread) {
            return self.joins_its_threads(thread, step);
        }
        let clock = self.threads[thread].clock;
        self.reached.entry(step.id).or_insert(clock);
        match &step.action {
            Action::Barrier { name } if !self.is_uncertain(name) => {
                self.arrive(thread, name);
                return true;
            }
            Action::Await { event } => match self.happened(event) {
                Some(when) => self.threads[thread].clock = clock.and(when),
                None => return false,
            },
            Action::Join {
                processes,
                wait: Wait::Deadline,
            } => match self.exited(processes) {
                Some(when) => self.threads[thread].clock = clock.and(when),
                None => return false,
            },
            Action::Get { .. } if !self.keepers(step).is_empty() => return false,
            Action::Idle { time: None } => {
                self.threads[thread].state = ThreadState::Resting;
                return true;
            }
            Action::Exit { .. } | Action::Crash { .. } => {
                self.exit(thread);
                return true;
            }
            Action::Repeat { count, steps } if !is_plain(steps) => {
                self.step_over(thread);
                if *count > 0 {
                    self.threads[thread].frames.push(Frame {
                        steps,
                        next: 0,
                        rounds: *count,
                    });
                }
                return true;
            }
            Action::Threads { threads } if !threads.is_empty() => {
                let process = self.threads[thread].process;
                for steps in threads {
                    let added = self.threads.len();
                    self.threads[thread].inside.push(added);
                    self.add(process, false, steps, clock);
                }
                return true;
            }
            _ => {}
        }
        self.pass(thread, step);
        true
    }

    /// Completes a step, and everything in it that needs no other process.
    fn pass(&mut self, thread: ThreadIndex, step: &'p Step) {
        self.step_over(thread);
        let all = flat(std::slice::from_ref(step));
        let is_open = all.iter().any(|step| self.may_stay_pending(step));
        let time = self.least(step);
        let of = &mut self.threads[thread];
        of.clock.is_open |= is_open;
        of.clock.wait(time, step.id);
        let (clock, process) = (of.clock, of.process);
        for step in all {
            self.reached.entry(step.id).or_insert(clock);
            self.done.entry(step.id).or_insert(clock);
            match &step.action {
                Action::Close { end } | Action::HalfClose { end } => {
                    self.closed.insert((process, *end));
                }
                Action::Start { processes } => {
                    processes.iter().for_each(|one| self.begin(*one, clock));
                }
                Action::Kill { processes, .. } => {
                    let open = Clock {
                        is_open: true,
                        ..Clock::default()
                    };
                    for one in processes {
                        self.processes[*one].exited.get_or_insert(open);
                    }
                }
                _ => {}
            }
        }
    }

    fn step_over(&mut self, thread: ThreadIndex) {
        if let Some(frame) = self.threads[thread].frames.last_mut() {
            frame.next += 1;
        }
    }

    fn end_of_sequence(&mut self, thread: ThreadIndex) {
        let of = &mut self.threads[thread];
        if let Some(frame) = of.frames.last_mut() {
            frame.rounds = frame.rounds.saturating_sub(1);
            frame.next = 0;
            if frame.rounds > 0 {
                return;
            }
        }
        of.frames.pop();
        if !of.frames.is_empty() {
            return;
        }
        of.state = ThreadState::Ended;
        if of.is_first {
            self.exit(thread);
        }
    }

    fn exit(&mut self, thread: ThreadIndex) {
        let Thread { process, clock, .. } = self.threads[thread];
        for other in &mut self.threads {
            if other.process == process {
                other.state = ThreadState::Ended;
            }
        }
        self.processes[process].exited.get_or_insert(clock);
    }

    fn joins_its_threads(&mut self, thread: ThreadIndex, step: &'p Step) -> bool {
        let inside = &self.threads[thread].inside;
        let ended = |one: &ThreadIndex| self.threads[*one].state == ThreadState::Ended;
        if !inside.iter().all(ended) {
            return false;
        }
        let clocks = inside.iter().map(|one| self.threads[*one].clock);
        let clock = clocks.fold(self.threads[thread].clock, Clock::and);
        let of = &mut self.threads[thread];
        of.clock = clock;
        of.inside.clear();
        self.step_over(thread);
        self.done.entry(step.id).or_insert(clock);
        true
    }

    fn is_uncertain(&self, barrier: &str) -> bool {
        let barrier = self.barriers.get(barrier);
        barrier.is_none_or(|barrier| barrier.is_uncertain)
    }

    /// Waits at a barrier, which opens as in a run: when as many threads wait as it has processes.
    fn arrive(&mut self, thread: ThreadIndex, name: &str) {
        self.threads[thread].state = ThreadState::AtBarrier;
        let Some(barrier) = self.barriers.get_mut(name) else {
            return;
        };
        barrier.waiting.push(thread);
        if barrier.waiting.len() < barrier.parties.len() {
            return;
        }
        let waiting = std::mem::take(&mut barrier.waiting);
        let clocks = waiting.iter().map(|one| self.threads[*one].clock);
        let clock = clocks.fold(Clock::default(), Clock::and);
        for one in waiting {
            let of = &mut self.threads[one];
            // An `exit` may have ended its process meanwhile.
            if of.state == ThreadState::AtBarrier {
                of.state = ThreadState::Going;
                of.clock = clock;
                self.step_over(one);
            }
        }
    }
}
