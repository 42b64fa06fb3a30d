//! Why nothing moved: a circle, a process that is gone or stopped, or an operation that wasn't woken.

use crate::history::{Exit, OperationId, OperationKind};
use crate::judge::explain::names::Names;
use crate::judge::standstill::{Need, ProcessState, ReturnReason, Standstill, wait_graph};
use crate::judge::{Hang, HangCause};
use crate::plan::{End, ProcessIndex};

/// Returns all causes, the most certain first; at least one.
pub(super) fn causes(standstill: &Standstill<'_>, names: &mut Names<'_>) -> Vec<HangCause> {
    CauseFinder { standstill, names }.causes()
}

struct CauseFinder<'s, 'e, 'n> {
    standstill: &'s Standstill<'e>,
    names: &'s mut Names<'n>,
}

impl CauseFinder<'_, '_, '_> {
    fn causes(mut self) -> Vec<HangCause> {
        let nodes = self.standstill.graph();
        let stuck = wait_graph::stuck(&nodes);
        let mut causes: Vec<HangCause> = wait_graph::circles(&nodes, &stuck)
            .into_iter()
            .filter_map(|circle| self.circle(&circle))
            .collect();
        for waiter in 0..self.standstill.waiters.len() {
            let own = match self.standstill.needs[waiter].clone() {
                _ if self.standstill.blocking_thread(waiter).is_some()
                    || self.standstill.is_stopped(waiter) =>
                {
                    None
                }
                Need::Nothing(reason) => Some(self.not_woken(waiter, reason)),
                Need::Any(processes, _) => self.without_hope(waiter, &processes, true),
                Need::All(processes, _) => self.without_hope(waiter, &processes, false),
                Need::Alone => None,
            };
            causes.extend(own);
        }
        // An operation that the case expects to stay pending explains nothing else.
        let is_news = |cause: &HangCause| {
            let mut operations = cause.operations.iter();
            !operations.all(|id| {
                self.standstill
                    .evidence
                    .may_stay_pending(self.standstill.evidence.operation(*id))
            })
        };
        if causes.iter().any(is_news) {
            causes.retain(is_news);
        }
        causes.sort_by_key(|cause| cause.hang);
        if causes.is_empty() {
            causes.push(self.unexplained());
        }
        causes
    }

    fn circle(&mut self, circle: &[usize]) -> Option<HangCause> {
        // An idle process waits for nothing, so it is in no circle.
        let operations: Vec<OperationId> = circle
            .iter()
            .map(|node| self.standstill.waiters.get(*node).copied())
            .collect::<Option<_>>()?;
        let names: Vec<String> = operations.iter().map(|id| self.names.thread(*id)).collect();
        let what = match &names[..] {
            [only] => format!("{only} waits for itself"),
            names => {
                let next = names.iter().cycle().skip(1);
                let waits = names.iter().zip(next);
                let waits: Vec<String> = waits
                    .map(|(waiter, awaited)| format!("{waiter} waits for {awaited}"))
                    .collect();
                let (last, first) = waits.split_last()?;
                format!("{}, and {last}", first.join(", "))
            }
        };
        Some(HangCause {
            hang: Hang::Deadlock,
            what,
            operations,
        })
    }

    /// The operation could return. If a process died in another operation on the same channel, it may
    /// have held what this operation needs.
    fn not_woken(&mut self, waiter: usize, reason: ReturnReason) -> HangCause {
        let id = self.standstill.waiters[waiter];
        let (name, text) = (self.names.thread(id), self.names.operation(id));
        let gone = match reason {
            ReturnReason::BrokenOff(put) => Some(put),
            ReturnReason::Time | ReturnReason::Exited => None,
            _ => self.died_inside(id),
        };
        let mut operations = vec![id];
        let although = match reason {
            ReturnReason::Item(put, more) => {
                operations.push(put);
                let put = self.with_owner(put);
                match more {
                    0 => format!("the item of {put} was never received"),
                    more => format!("the item of {put} and {more} more were never received"),
                }
            }
            ReturnReason::Bytes(count) => {
                format!("{count} bytes that were written were never read")
            }
            ReturnReason::Room(0) => "it is empty".to_owned(),
            ReturnReason::Room(1) => {
                "there is at most one item in it, and room for more".to_owned()
            }
            ReturnReason::Room(most) => {
                format!("there are at most {most} items in it, and room for more")
            }
            ReturnReason::Sending(put) => {
                operations.push(put);
                let put = self.with_owner(put);
                format!("{put} hasn't returned: each could let the other return")
            }
            ReturnReason::BrokenOff(_) => "the rest of that message never arrives".to_owned(),
            ReturnReason::NotHeld(end) => {
                let end = self.standstill.evidence.permutation.plan.end_name(end);
                format!("no process holds {end} any more")
            }
            ReturnReason::Time => "its time limit has passed".to_owned(),
            ReturnReason::Exited => "that has already happened".to_owned(),
            ReturnReason::AllDone => "every item is marked as done".to_owned(),
        };
        if let Some(gone) = gone {
            operations.push(gone);
            let state = ProcessState::of(self.standstill.evidence, gone.process).words();
            let (owner, inside) = (self.names.thread(gone), self.names.operation(gone));
            return HangCause {
                hang: Hang::DeadPeer,
                what: format!(
                    "{owner} {state} in {inside}; {name} waits in {text}, although {although}"
                ),
                operations,
            };
        }
        let left = match reason {
            ReturnReason::NotHeld(end) => self.dead_holder(end),
            _ => None,
        };
        HangCause {
            hang: if left.is_some() {
                Hang::DeadPeer
            } else {
                Hang::LostWakeUp
            },
            what: match left {
                Some(left) => format!("{left}; {name} waits in {text}, although {although}"),
                None => format!("{name} waits in {text}, although {although}"),
            },
            operations,
        }
    }

    /// The operation waits for processes that never do anything again. If `any` of several would do,
    /// all of them must be so; if all are needed, one is enough.
    fn without_hope(
        &mut self,
        waiter: usize,
        processes: &[ProcessIndex],
        any: bool,
    ) -> Option<HangCause> {
        let id = self.standstill.waiters[waiter];
        let state = |process: &ProcessIndex| ProcessState::of(self.standstill.evidence, *process);
        let never_moves = |process: &ProcessIndex| state(process) != ProcessState::Alive;
        let still: Vec<ProcessIndex> = processes.iter().copied().filter(never_moves).collect();
        let is_done = match any {
            true => still.len() == processes.len(),
            false => !still.is_empty(),
        };
        if !is_done {
            return None;
        }
        let is_stopped = still
            .iter()
            .any(|process| state(process) == ProcessState::Stopped);
        let awaited = self.standstill.awaited(waiter, |id| self.names.thread(id));
        let (name, text) = (self.names.thread(id), self.names.operation(id));
        let awaited = if awaited.is_empty() {
            ", for no process".to_owned()
        } else {
            awaited
        };
        Some(HangCause {
            hang: if is_stopped {
                Hang::StoppedPeer
            } else {
                Hang::DeadPeer
            },
            what: format!("{name} waits in {text}{awaited}"),
            operations: vec![id],
        })
    }

    /// The operation with its process, as in `p's put q 1`.
    fn with_owner(&mut self, id: OperationId) -> String {
        let (owner, operation) = (self.names.thread(id), self.names.operation(id));
        format!("{owner}'s {operation}")
    }

    fn unexplained(&mut self) -> HangCause {
        let idle: Vec<String> = self
            .standstill
            .idle
            .iter()
            .map(|process| self.standstill.evidence.permutation.plan.processes[*process].name())
            .collect();
        let alone = (0..self.standstill.waiters.len())
            .find(|waiter| self.standstill.needs[*waiter] == Need::Alone);
        let what = match (&idle[..], alone) {
            ([], Some(waiter)) => {
                let id = self.standstill.waiters[waiter];
                let (name, text) = (self.names.thread(id), self.names.operation(id));
                format!("the history doesn't show what {name} waits for in {text}")
            }
            ([], None) => "the history doesn't show why nothing moved".to_owned(),
            (idle, _) => format!(
                "nothing moved, and {} was in no operation",
                idle.join(" and ")
            ),
        };
        HangCause {
            hang: Hang::Unexplained,
            what,
            operations: alone
                .map(|waiter| self.standstill.waiters[waiter])
                .into_iter()
                .collect(),
        }
    }

    /// An operation on the same channel that never returned because its process was killed or exited.
    fn died_inside(&self, id: OperationId) -> Option<OperationId> {
        let channel = self.standstill.evidence.operation(id).end?.channel;
        let operations = self.standstill.evidence.history.operations();
        let mut inside = operations.filter(|(other, operation)| {
            let is_own = operation.kind == OperationKind::Exit;
            let on_it = operation.end.is_some_and(|end| end.channel == channel);
            on_it && !is_own && operation.is_pending() && other.process != id.process
        });
        inside
            .find(|(other, _)| ProcessState::of(self.standstill.evidence, other.process).is_gone())
            .map(|(other, _)| other)
    }

    /// Says that a holder of this end was killed, if one was.
    fn dead_holder(&self, end: End) -> Option<String> {
        let evidence = self.standstill.evidence;
        let mut holders = evidence.holders().of_end(end).iter();
        let killed = holders.find(|holder| holder.killed)?;
        let died = evidence.exit(killed.process) == Some(Exit::Killed);
        died.then(|| {
            format!(
                "{} was killed",
                evidence.permutation.plan.processes[killed.process].name()
            )
        })
    }
}
