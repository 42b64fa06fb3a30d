//! Why nothing moved: what the history shows, of a circle, a peer that is gone, or one not woken.

use super::need::{Need, Ready, State};
use super::{Standstill, knot};
use crate::history::{Exit, OperationId, OperationKind};
use crate::judge::{Cause, Hang};
use crate::plan::ProcessIndex;

impl Standstill<'_, '_> {
    /// All causes, what is most certain first; at least one.
    pub(super) fn causes(&mut self) -> Vec<Cause> {
        let nodes = self.graph();
        let hopeless = knot::hopeless(&nodes);
        let mut causes: Vec<Cause> = knot::circles(&nodes, &hopeless)
            .into_iter()
            .filter_map(|circle| self.circle(&circle))
            .collect();
        for doer in 0..self.doers.len() {
            let own = match self.needs[doer].clone() {
                _ if self.behind(doer).is_some() || self.is_stopped(doer) => None,
                Need::Nothing(ready) => Some(self.not_woken(doer, ready)),
                Need::Any(processes, _) => self.in_vain(doer, &processes, true),
                Need::All(processes, _) => self.in_vain(doer, &processes, false),
                Need::Alone => None,
            };
            causes.extend(own);
        }
        // What the case expects to stay as it is explains nothing else.
        let is_news = |cause: &Cause| {
            let mut operations = cause.operations.iter();
            !operations.all(|id| {
                self.evidence()
                    .may_stay_pending(self.evidence().operation(*id))
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

    fn circle(&mut self, circle: &[usize]) -> Option<Cause> {
        // Who is in no operation waits for nobody, so it is in no circle.
        let operations: Vec<OperationId> = circle
            .iter()
            .map(|node| self.doers.get(*node).copied())
            .collect::<Option<_>>()?;
        let names: Vec<String> = operations.iter().map(|id| self.name(*id)).collect();
        let what = match &names[..] {
            [only] => format!("{only} waits for itself"),
            names => {
                let next = names.iter().cycle().skip(1);
                let waits = names.iter().zip(next);
                let waits: Vec<String> = waits
                    .map(|(waiter, whom)| format!("{waiter} waits for {whom}"))
                    .collect();
                let (last, first) = waits.split_last()?;
                format!("{}, and {last}", first.join(", "))
            }
        };
        Some(Cause {
            hang: Hang::Deadlock,
            what,
            operations,
        })
    }

    /// It could go on. If somebody went while it was in an operation on the same channel, that one
    /// may have taken along what is needed.
    fn not_woken(&mut self, doer: usize, ready: Ready) -> Cause {
        let id = self.doers[doer];
        let (name, text) = (self.name(id), self.text(id));
        let gone = match ready {
            Ready::BrokenOff(put) => Some(put),
            Ready::Time | Ready::Exited => None,
            _ => self.gone_inside(id),
        };
        let mut operations = vec![id];
        let whose = |standstill: &mut Self, put| {
            let (doer, text) = (standstill.name(put), standstill.text(put));
            format!("{doer}'s {text}")
        };
        let though = match ready {
            Ready::Item(put, more) => {
                operations.push(put);
                let put = whose(self, put);
                match more {
                    0 => format!("nobody has got what {put} brought"),
                    more => format!("nobody has got what {put} brought, and {more} more"),
                }
            }
            Ready::Bytes(count) => format!("{count} bytes that were written were never read"),
            Ready::Room(0) => "it is empty".to_owned(),
            Ready::Room(1) => "there is at most one item in it, and room for more".to_owned(),
            Ready::Room(most) => format!("there are at most {most} items in it, and room for more"),
            Ready::Sending(put) => {
                operations.push(put);
                let put = whose(self, put);
                format!("{put} is under way: each could let the other go on")
            }
            Ready::BrokenOff(_) => "the rest of that never comes".to_owned(),
            Ready::Left(end) => {
                let end = self.evidence().permutation.plan.end_name(end);
                format!("nobody holds {end} any more")
            }
            Ready::Time => "its time is up".to_owned(),
            Ready::Exited => "that has happened".to_owned(),
        };
        if let Some(gone) = gone {
            operations.push(gone);
            let state = State::of(self.evidence(), gone.process).words();
            let (who, inside) = (self.name(gone), self.text(gone));
            return Cause {
                hang: Hang::DeadPeer,
                what: format!("{who} {state} in {inside}; {name} waits in {text}, though {though}"),
                operations,
            };
        }
        let left = match ready {
            Ready::Left(end) => self.dead_holder(end),
            _ => None,
        };
        Cause {
            hang: if left.is_some() {
                Hang::DeadPeer
            } else {
                Hang::LostWakeUp
            },
            what: match left {
                Some(left) => format!("{left}; {name} waits in {text}, though {though}"),
                None => format!("{name} waits in {text}, though {though}"),
            },
            operations,
        }
    }

    /// It waits only for those who will do nothing any more, or of all that it needs for such.
    fn in_vain(&mut self, doer: usize, processes: &[ProcessIndex], any: bool) -> Option<Cause> {
        let id = self.doers[doer];
        let state = |process: &ProcessIndex| State::of(self.evidence(), *process);
        let is_still = |process: &ProcessIndex| state(process) != State::Alive;
        let still: Vec<ProcessIndex> = processes.iter().copied().filter(is_still).collect();
        let in_vain = match any {
            true => still.len() == processes.len(),
            false => !still.is_empty(),
        };
        if !in_vain {
            return None;
        }
        let is_stopped = still.iter().any(|process| state(process) == State::Stopped);
        let whom = self.whom(doer);
        let (name, text) = (self.name(id), self.text(id));
        let whom = if whom.is_empty() {
            ", for nobody".to_owned()
        } else {
            whom
        };
        Some(Cause {
            hang: if is_stopped {
                Hang::StoppedPeer
            } else {
                Hang::DeadPeer
            },
            what: format!("{name} waits in {text}{whom}"),
            operations: vec![id],
        })
    }

    fn unexplained(&mut self) -> Cause {
        let idle: Vec<String> = self
            .idle
            .iter()
            .map(|process| self.evidence().permutation.plan.processes[*process].name())
            .collect();
        let alone = (0..self.doers.len()).find(|doer| self.needs[*doer] == Need::Alone);
        let what = match (&idle[..], alone) {
            ([], Some(doer)) => {
                let id = self.doers[doer];
                let (name, text) = (self.name(id), self.text(id));
                format!("the history doesn't show what {name} waits for in {text}")
            }
            ([], None) => "the history doesn't show why nothing moved".to_owned(),
            (idle, _) => format!(
                "nothing moved, and {} was in no operation",
                idle.join(" and ")
            ),
        };
        Cause {
            hang: Hang::Unexplained,
            what,
            operations: alone.map(|doer| self.doers[doer]).into_iter().collect(),
        }
    }

    /// An operation on the same channel in which somebody was when it went.
    fn gone_inside(&self, id: OperationId) -> Option<OperationId> {
        let channel = self.evidence().operation(id).end?.channel;
        let operations = self.evidence().history.operations();
        let mut inside = operations.filter(|(other, operation)| {
            let is_own = operation.kind == OperationKind::Exit;
            let on_it = operation.end.is_some_and(|end| end.channel == channel);
            on_it && !is_own && operation.is_pending() && other.process != id.process
        });
        inside
            .find(|(other, _)| State::of(self.evidence(), other.process).is_gone())
            .map(|(other, _)| other)
    }

    /// Who held this end and didn't close it, but was killed or exited with it.
    fn dead_holder(&self, end: crate::backend::End) -> Option<String> {
        let evidence = self.evidence();
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
