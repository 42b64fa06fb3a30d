//! Who waits for whom in a run that the harness had to end, and why for ever.
//!
//! Each operation that was under way needs something: an item, room, that somebody comes or goes.
//! From what the history shows of the channel follows whether it is there already (a lost wake-up),
//! and else who could bring it. Where those wait in a circle it is a deadlock, where they are gone a
//! dead peer.

use super::Explainer;
use super::words::groups;
use crate::backend::End;
use crate::history::{Ending, KernelView, Operation, OperationId, OperationKind};
use crate::judge::invariant::Evidence;
use crate::judge::{Cause, Hang, WaitFor, Waiting};
use crate::plan::ProcessIndex;

mod cause;
mod knot;
mod need;

use knot::Needs;
use need::{Need, State};

impl Explainer<'_> {
    /// Who waits for whom; nothing of a run that came to its end by itself.
    pub fn wait_for(&mut self) -> Option<WaitFor> {
        let ending = self.evidence.history.ending;
        if ending == Ending::Completed {
            return None;
        }
        let mut standstill = Standstill::of(self);
        let causes = match ending {
            Ending::DeadlinePassed => vec![Cause {
                hang: Hang::Unexplained,
                what: "the deadline passed while something still moved".to_owned(),
                operations: Vec::new(),
            }],
            Ending::Stalled | Ending::Completed => standstill.causes(),
        };
        let doers = 0..standstill.doers.len();
        let waits = doers.map(|doer| standstill.waiting(doer)).collect();
        Some(WaitFor { causes, waits })
    }
}

/// A run in which nothing moves.
struct Standstill<'e, 'a> {
    explainer: &'e mut Explainer<'a>,
    /// The operations that are under way, each the only one of its thread.
    doers: Vec<OperationId>,
    /// What each of them needs.
    needs: Vec<Need>,
    /// The processes that live and are in no operation.
    idle: Vec<ProcessIndex>,
}

impl<'e, 'a> Standstill<'e, 'a> {
    fn of(explainer: &'e mut Explainer<'a>) -> Standstill<'e, 'a> {
        let evidence = explainer.evidence;
        let lives = |process| !State::of(evidence, process).is_gone();
        let operations = evidence.history.operations();
        let doers: Vec<OperationId> = operations
            .filter(|(id, operation)| operation.is_pending() && lives(id.process))
            .map(|(id, _)| id)
            .collect();
        let is_idle = |process: &ProcessIndex| {
            lives(*process) && doers.iter().all(|doer| doer.process != *process)
        };
        let idle = (0..evidence.history.processes.len()).filter(is_idle);
        Standstill {
            idle: idle.collect(),
            needs: doers.iter().map(|id| Need::of(evidence, *id)).collect(),
            doers,
            explainer,
        }
    }

    fn evidence(&self) -> &'a Evidence<'a> {
        self.explainer.evidence
    }

    fn name(&self, id: OperationId) -> String {
        self.explainer.doer(id)
    }

    fn text(&mut self, id: OperationId) -> String {
        self.explainer.text(id)
    }

    fn is_stopped(&self, doer: usize) -> bool {
        self.evidence().is_stopped(self.doers[doer].process)
    }

    /// Another thread of the process that is in an operation on the same end, though nothing else
    /// keeps this one: it may have the end to itself.
    fn behind(&self, doer: usize) -> Option<usize> {
        let id = self.doers[doer];
        let evidence = self.evidence();
        let sibling = need::sibling(evidence, id)?;
        let is_awaited = || {
            let operation = evidence.operation(id);
            let lane = operation.end.map(End::sends_on);
            let mut others = self.doers.iter().map(|other| evidence.operation(*other));
            let receives = |other: &Operation| other.end.map(End::receives_from) == lane;
            operation.kind == OperationKind::Put
                && others.any(|other| other.kind == OperationKind::Get && receives(other))
        };
        let keeps_it = matches!(self.needs[doer], Need::Nothing(_)) || is_awaited();
        self.doers
            .iter()
            .position(|doer| *doer == sibling)
            .filter(|_| keeps_it)
    }

    /// The operations that are under way, then the processes that live and are in none, and one for
    /// all who do nothing any more.
    fn graph(&self) -> Vec<Needs> {
        let first_idle = self.doers.len();
        let gone = first_idle + self.idle.len();
        let of_process = |process: &ProcessIndex| -> Vec<usize> {
            let evidence = self.evidence();
            if State::of(evidence, *process) != State::Alive {
                return vec![gone];
            }
            let doers = self.doers.iter().enumerate();
            let own = doers.filter(|(_, id)| id.process == *process);
            let idle = self.idle.iter().position(|idle| idle == process);
            let idle = idle.map(|place| first_idle + place);
            own.map(|(place, _)| place).chain(idle).collect()
        };
        let all = |processes: &[ProcessIndex]| processes.iter().flat_map(of_process).collect();
        let doers = (0..first_idle).map(|doer| {
            let idles = self.evidence().operation(self.doers[doer]).kind == OperationKind::Idle;
            match (self.behind(doer), &self.needs[doer]) {
                _ if self.is_stopped(doer) || idles => Needs::Never,
                (Some(sibling), _) => Needs::Any(vec![sibling]),
                (None, Need::Any(processes, _)) => Needs::Any(all(processes)),
                (None, Need::All(processes, _)) => Needs::All(all(processes)),
                (None, Need::Nothing(_) | Need::Alone) => Needs::Nothing,
            }
        });
        let idle = self.idle.iter().map(|_| Needs::Nothing);
        doers.chain(idle).chain([Needs::Never]).collect()
    }

    fn waiting(&mut self, doer: usize) -> Waiting {
        let id = self.doers[doer];
        let evidence = self.evidence();
        let operation = evidence.operation(id);
        let kernel = self.kernel(id);
        let ended = evidence.history.ended.unwrap_or(operation.start);
        Waiting {
            process: self.name(id),
            operation: id,
            text: self.text(id),
            place: self.explainer.place(id),
            since: operation.start - self.explainer.origin,
            lasted: ended.saturating_sub(operation.start),
            awaited: match &self.needs[doer] {
                Need::Any(processes, _) | Need::All(processes, _) => processes.clone(),
                Need::Nothing(_) | Need::Alone => Vec::new(),
            },
            whom: self.whom(doer),
            seen: kernel.iter().map(|view| self.seen(view)).collect(),
            kernel,
        }
    }

    /// For whom it waits to do what, and how those stand, as the end of a sentence.
    fn whom(&self, doer: usize) -> String {
        if let Some(sibling) = self.behind(doer) {
            return format!(", for {}", self.name(self.doers[sibling]));
        }
        let (Need::Any(processes, deed) | Need::All(processes, deed)) = &self.needs[doer] else {
            return String::new();
        };
        if processes.is_empty() {
            return String::new();
        }
        let evidence = self.evidence();
        let mut whom = format!(", for {} {}", groups(evidence, processes), deed.words());
        let states: Vec<State> = processes
            .iter()
            .map(|process| State::of(evidence, *process))
            .collect();
        if let Some(first) = states.first().filter(|state| **state != State::Alive)
            && states.iter().all(|state| state == first)
        {
            whom += &format!(", which {}", first.words());
        }
        whom
    }

    /// What the operating system said of the operation's thread; and of the library's own threads,
    /// with the first operation of their process.
    fn kernel(&self, id: OperationId) -> Vec<KernelView> {
        let thread = self.evidence().operation(id).thread;
        let is_first = self.doers.iter().find(|doer| doer.process == id.process) == Some(&id);
        let views = self.evidence().history.kernel.iter();
        let of_it = views.filter(|view| {
            let is_own = view.thread == Some(thread);
            view.process == id.process && (is_own || is_first && view.thread.is_none())
        });
        of_it.cloned().collect()
    }

    /// A view in words, with who has the other ends.
    fn seen(&self, view: &KernelView) -> String {
        let mut words = match view.thread {
            Some(_) => view.to_string(),
            None => format!("its thread {}: {view}", view.name),
        };
        for descriptor in &view.on {
            let Some(facing) = &descriptor.facing else {
                continue;
            };
            words += &match &facing[..] {
                [] => "; no process of the case has its other end".to_owned(),
                facing => {
                    let who = groups(self.evidence(), facing);
                    let have = if facing.len() == 1 { "has" } else { "have" };
                    format!("; {who} {have} its other end")
                }
            };
        }
        words
    }
}

#[cfg(test)]
mod tests;
