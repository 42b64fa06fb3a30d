//! What the threads wait for that don't go on.

use std::collections::{BTreeMap, BTreeSet};

use super::clock::Clock;
use super::scene::{Rehearsal, ThreadIndex, ThreadState};
use crate::plan::{Action, Event, ProcessIndex, Step, StepId};

/// What a stuck thread waits for.
pub(super) enum Blocker {
    /// A thread that hasn't ended.
    Thread(ThreadIndex),
    /// A process that has exited.
    Gone(ProcessIndex),
}

impl Rehearsal<'_> {
    /// Returns whether the thread waits for something that never happens.
    pub(super) fn is_stuck(&self, thread: ThreadIndex) -> bool {
        let state = self.threads[thread].state;
        matches!(state, ThreadState::Going | ThreadState::AtBarrier)
    }

    /// Returns what a stuck thread waits for.
    pub(super) fn blockers(&self, thread: ThreadIndex) -> Vec<Blocker> {
        let of = &self.threads[thread];
        if self.waits_for_its_threads(thread) {
            let inside = of.inside.iter().copied();
            let left = inside.filter(|one| self.threads[*one].state != ThreadState::Ended);
            return left.map(Blocker::Thread).collect();
        }
        let Some(step) = self.step(thread) else {
            return Vec::new();
        };
        let missing: Vec<ProcessIndex> = match &step.action {
            Action::Barrier { name } => self.not_at(name),
            Action::Join { processes, .. }
            | Action::Await {
                event: Event::Exited(processes),
            } => {
                let left = processes.iter().copied();
                left.filter(|process| self.processes[*process].exited.is_none())
                    .collect()
            }
            Action::Await {
                event: Event::Started(steps) | Event::Blocked(steps),
            } => self.owners(steps, &self.reached),
            Action::Await {
                event: Event::Done(steps),
            } => self.owners(steps, &self.done),
            _ => self.keepers(step),
        };
        let missing = missing.into_iter();
        missing
            .flat_map(|process| self.of_process(process))
            .collect()
    }

    /// Returns the processes that haven't reached the barrier.
    fn not_at(&self, name: &str) -> Vec<ProcessIndex> {
        let Some(barrier) = self.barriers.get(name) else {
            return Vec::new();
        };
        let waiting = barrier.waiting.iter();
        let there: BTreeSet<_> = waiting.map(|one| self.threads[*one].process).collect();
        barrier.parties.difference(&there).copied().collect()
    }

    /// Returns the processes of those steps for which this hasn't happened.
    fn owners(&self, steps: &[StepId], happened: &BTreeMap<StepId, Clock>) -> Vec<ProcessIndex> {
        let missing = |step: &Step| steps.contains(&step.id) && !happened.contains_key(&step.id);
        let all = self.plan.steps();
        all.filter(|(_, step)| missing(step))
            .map(|(process, _)| process)
            .collect()
    }

    fn of_process(&self, process: ProcessIndex) -> Vec<Blocker> {
        let begun = |process: ProcessIndex| self.processes[process].has_begun;
        let starter = self.plan.processes[process].starter;
        let process = match starter {
            Some(starter) if !begun(process) => starter,
            _ => process,
        };
        if self.processes[process].exited.is_some() {
            return vec![Blocker::Gone(process)];
        }
        let threads = self.threads.iter().enumerate();
        let left =
            threads.filter(|(_, one)| one.process == process && one.state != ThreadState::Ended);
        left.map(|(index, _)| Blocker::Thread(index)).collect()
    }
}
