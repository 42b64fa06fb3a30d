//! A run in which nothing moves: which operations hadn't returned, and what each of them needed.
//!
//! In: the evidence of a run that the harness ended. Out: for each operation that hadn't returned, which
//! processes could have let it return, and the graph of these waits. The judge finds in it whose doing the
//! hang is, and the report of a hang shows it.

use crate::history::{Operation, OperationId, OperationKind};
use crate::judge::invariant::Evidence;
use crate::judge::wording;
use crate::plan::{End, ProcessIndex};

mod need;
mod process_state;
pub(super) mod wait_graph;

pub(super) use need::{Need, ReturnReason};
pub(super) use process_state::ProcessState;
use wait_graph::Dependency;

/// The operations that hadn't returned, and what each needed.
pub(super) struct Standstill<'a> {
    pub(super) evidence: &'a Evidence<'a>,
    /// The operations that hadn't returned, at most one for each thread.
    pub(super) waiters: Vec<OperationId>,
    /// What each of the waiters needs.
    pub(super) needs: Vec<Need>,
    /// The processes that are alive and in no operation.
    pub(super) idle: Vec<ProcessIndex>,
}

impl<'a> Standstill<'a> {
    pub(super) fn of(evidence: &'a Evidence<'a>) -> Standstill<'a> {
        let lives = |process| !ProcessState::of(evidence, process).is_gone();
        let operations = evidence.history.operations();
        let waiters: Vec<OperationId> = operations
            .filter(|(id, operation)| operation.is_pending() && lives(id.process))
            .map(|(id, _)| id)
            .collect();
        let is_idle = |process: &ProcessIndex| {
            lives(*process) && waiters.iter().all(|waiter| waiter.process != *process)
        };
        let idle = (0..evidence.history.processes.len()).filter(is_idle);
        Standstill {
            idle: idle.collect(),
            needs: waiters.iter().map(|id| Need::of(evidence, *id)).collect(),
            waiters,
            evidence,
        }
    }

    pub(super) fn is_stopped(&self, waiter: usize) -> bool {
        self.evidence.is_stopped(self.waiters[waiter].process)
    }

    /// Returns another thread of the same process that is in an operation on the same end, if this
    /// waiter needs nothing else. That thread may have locked the end.
    pub(super) fn blocking_thread(&self, waiter: usize) -> Option<usize> {
        let id = self.waiters[waiter];
        let evidence = self.evidence;
        let sibling = need::sibling(evidence, id)?;
        let is_awaited = || {
            let operation = evidence.operation(id);
            let lane = operation.end.map(End::sends_on);
            let mut others = self.waiters.iter().map(|other| evidence.operation(*other));
            let receives = |other: &Operation| other.end.map(End::receives_from) == lane;
            operation.kind == OperationKind::Put
                && others.any(|other| other.kind == OperationKind::Get && receives(other))
        };
        let is_blocked_by_it = matches!(self.needs[waiter], Need::Nothing(_)) || is_awaited();
        self.waiters
            .iter()
            .position(|waiter| *waiter == sibling)
            .filter(|_| is_blocked_by_it)
    }

    /// Returns the graph of the waiters, then the idle processes, then one node for all processes
    /// that never do anything again.
    pub(super) fn graph(&self) -> Vec<Dependency> {
        let first_idle = self.waiters.len();
        let gone = first_idle + self.idle.len();
        let of_process = |process: &ProcessIndex| -> Vec<usize> {
            if ProcessState::of(self.evidence, *process) != ProcessState::Alive {
                return vec![gone];
            }
            let waiters = self.waiters.iter().enumerate();
            let own = waiters.filter(|(_, id)| id.process == *process);
            let idle = self.idle.iter().position(|idle| idle == process);
            let idle = idle.map(|place| first_idle + place);
            own.map(|(place, _)| place).chain(idle).collect()
        };
        let all = |processes: &[ProcessIndex]| processes.iter().flat_map(of_process).collect();
        let waiters = (0..first_idle).map(|waiter| {
            let idles = self.evidence.operation(self.waiters[waiter]).kind == OperationKind::Idle;
            match (self.blocking_thread(waiter), &self.needs[waiter]) {
                _ if self.is_stopped(waiter) || idles => Dependency::Never,
                (Some(sibling), _) => Dependency::Any(vec![sibling]),
                (None, Need::Any(processes, _)) => Dependency::Any(all(processes)),
                (None, Need::All(processes, _)) => Dependency::All(all(processes)),
                (None, Need::Nothing(_) | Need::Alone) => Dependency::Nothing,
            }
        });
        let idle = self.idle.iter().map(|_| Dependency::Nothing);
        waiters.chain(idle).chain([Dependency::Never]).collect()
    }

    /// Returns which processes the waiter waits for, to do what, and whether they can, as the end of
    /// a sentence. `thread` names the thread of an operation.
    pub(super) fn awaited(&self, waiter: usize, thread: impl Fn(OperationId) -> String) -> String {
        if let Some(sibling) = self.blocking_thread(waiter) {
            return format!(", for {}", thread(self.waiters[sibling]));
        }
        let (Need::Any(processes, action) | Need::All(processes, action)) = &self.needs[waiter]
        else {
            return String::new();
        };
        if processes.is_empty() {
            return String::new();
        }
        let groups = wording::groups(self.evidence, processes);
        let mut awaited = format!(", for {groups} {}", action.words());
        let states: Vec<ProcessState> = processes
            .iter()
            .map(|process| ProcessState::of(self.evidence, *process))
            .collect();
        if let Some(first) = states
            .first()
            .filter(|state| **state != ProcessState::Alive)
            && states.iter().all(|state| state == first)
        {
            awaited += &format!(", which {}", first.words());
        }
        awaited
    }
}
