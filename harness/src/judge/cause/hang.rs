//! Whose doing a hang is.

use super::blame::{Blame, Cause, acquit, broken, has_consequences, is_bare_hang};
use crate::backend::Kind;
use crate::history::{Ending, Operation, OperationId, OperationKind};
use crate::judge::Finding;
use crate::judge::invariant::Evidence;
use crate::judge::standstill::{Need, Standstill, wait_graph};
use crate::judge::untried;
use crate::plan::ProcessIndex;

const EVERYTHING_RETURNS: &str = "every operation returns";

/// Leaves `live.deadline` broken only if an operation of the library hangs by its own doing and no other
/// broken clause explains that. Returns whose doing the hang is, if not the library's.
pub(super) fn judge(evidence: &Evidence<'_>, findings: &mut [Finding]) -> Option<Blame> {
    if evidence.completed() || !findings.iter().any(is_bare_hang) {
        return None;
    }
    let hang = HangJudge::new(evidence);
    let explains = |finding: &Finding| !is_bare_hang(finding) && hang.is_explained_by(finding);
    let (why, blame) = if findings.iter().any(explains) {
        (untried::HANG_EXPLAINED, None)
    } else {
        (untried::HANG_OF_OTHERS, Some(hang.blame()?))
    };
    for finding in findings.iter_mut().filter(|finding| is_bare_hang(finding)) {
        acquit(finding, why);
    }
    blame
}

struct HangJudge<'a> {
    evidence: &'a Evidence<'a>,
    standstill: Standstill<'a>,
    /// Whether each waiter never goes on, as long as every library does what it should.
    stuck: Vec<bool>,
}

impl<'a> HangJudge<'a> {
    fn new(evidence: &'a Evidence<'a>) -> HangJudge<'a> {
        let standstill = Standstill::of(evidence);
        let stuck = wait_graph::stuck(&standstill.graph());
        HangJudge {
            evidence,
            standstill,
            stuck,
        }
    }

    /// Returns the waiters that are operations of the library and shouldn't wait.
    fn hanging(&self) -> impl Iterator<Item = usize> {
        (0..self.standstill.waiters.len()).filter(|waiter| {
            let operation = self.operation(*waiter);
            let waits_for_processes = matches!(self.standstill.needs[*waiter], Need::All(..));
            is_of_library(operation)
                && !waits_for_processes
                && !self.standstill.is_stopped(*waiter)
                && !self.evidence.may_stay_pending(operation)
        })
    }

    fn operation(&self, waiter: usize) -> &'a Operation {
        self.evidence.operation(self.standstill.waiters[waiter])
    }

    /// Whether the break concerns an operation that hangs, its channel, or a process that it waits for.
    fn is_explained_by(&self, finding: &Finding) -> bool {
        let Some(witness) = broken(finding).filter(|_| has_consequences(finding)) else {
            return false;
        };
        let hanging: Vec<usize> = self.hanging().collect();
        let channels = hanging
            .iter()
            .filter_map(|waiter| self.operation(*waiter).end);
        let channels: Vec<usize> = channels.map(|end| end.channel).collect();
        let processes = self.concerned();
        let concerns = |id: &OperationId| {
            let end = self.evidence.operation(*id).end;
            end.is_some_and(|end| channels.contains(&end.channel))
                || processes.contains(&id.process)
        };
        witness.operations.iter().any(concerns)
            || witness
                .process
                .is_some_and(|process| processes.contains(&process))
    }

    /// The processes that wait, and those that they wait for.
    fn concerned(&self) -> Vec<ProcessIndex> {
        let mut concerned: Vec<ProcessIndex> = self
            .standstill
            .waiters
            .iter()
            .map(|id| id.process)
            .collect();
        for need in &self.standstill.needs {
            if let Need::Any(processes, _) | Need::All(processes, _) = need {
                concerned.extend(processes);
            }
        }
        concerned
    }

    /// Returns none if the library is to blame.
    fn blame(&self) -> Option<Blame> {
        if let Some(blame) = self.too_long_for_its_deadline() {
            return Some(blame);
        }
        if self.hanging().any(|waiter| !self.has_to_wait(waiter)) || self.exits_in_a_circle() {
            return None;
        }
        let waiters = &self.standstill.waiters;
        let waits_in_vain = |waiter: usize| {
            self.stuck[waiter] || self.evidence.may_stay_pending(self.operation(waiter))
        };
        // What follows from a call that gave up too early doesn't happen in every run.
        let mut operations = self.evidence.history.operations();
        let gave_up = operations.find(|(_, operation)| self.evidence.gave_up_early(operation));
        if let Some((id, _)) = gave_up {
            let name = self.evidence.name_with_caller(id);
            return Some(Blame::new(
                Cause::Machine,
                vec![id],
                EVERYTHING_RETURNS,
                format!("{name} gave up, and others wait for what didn't happen therefore"),
            ));
        }
        let is_the_cases = self.evidence.history.ending == Ending::Stalled
            && self.standstill.idle.is_empty()
            && !waiters.is_empty()
            && (0..waiters.len()).all(waits_in_vain);
        Some(match is_the_cases {
            true => Blame::new(
                Cause::Case,
                waiters.clone(),
                EVERYTHING_RETURNS,
                format!("{}, in every run of this case", self.waits()),
            ),
            false => Blame::new(
                Cause::Machine,
                Vec::new(),
                EVERYTHING_RETURNS,
                self.no_operation(),
            ),
        })
    }

    /// Whether a correct library would wait here too: nothing is there to receive, or there is no room
    /// in a queue whose capacity the case chose, and only other processes can change that.
    fn has_to_wait(&self, waiter: usize) -> bool {
        if self.standstill.blocking_thread(waiter).is_some() {
            return false;
        }
        let operation = self.operation(waiter);
        let Need::Any(..) = self.standstill.needs[waiter] else {
            return false;
        };
        let channels = &self.evidence.permutation.plan.channels;
        let channel = operation.end.map(|end| &channels[end.channel]);
        match operation.kind {
            OperationKind::Get | OperationKind::Poll | OperationKind::JoinQueue => true,
            OperationKind::Put => channel
                .is_some_and(|channel| channel.kind == Kind::Queue && channel.capacity.is_some()),
            _ => false,
        }
    }

    /// Whether a process that exits waits for others, and they for it. A case doesn't say what an exit waits
    /// for, but the library does.
    fn exits_in_a_circle(&self) -> bool {
        let circles = wait_graph::circles(&self.standstill.graph(), &self.stuck);
        let waiters = &self.standstill.waiters;
        let mut nodes = circles.iter().flatten();
        nodes.any(|node| {
            let exits = |id: &OperationId| self.evidence.operation(*id).kind == OperationKind::Exit;
            waiters.get(*node).is_some_and(exits)
        })
    }

    /// The deadline passed while a process of the case still idled or waited for its own time limit, and
    /// no operation of the library hung.
    fn too_long_for_its_deadline(&self) -> Option<Blame> {
        if self.evidence.history.ending != Ending::DeadlinePassed {
            return None;
        }
        let idles = |id: &&OperationId| self.evidence.operation(**id).kind == OperationKind::Idle;
        let idle = self.standstill.waiters.iter().find(idles)?;
        if self.hanging().any(|waiter| !self.has_to_wait(waiter)) {
            return None;
        }
        let name = self.evidence.name_with_caller(*idle);
        Some(Blame::new(
            Cause::Case,
            vec![*idle],
            "the case ends before its deadline",
            format!("{name} still idled when the deadline passed"),
        ))
    }

    /// What each operation waits for, as one sentence.
    fn waits(&self) -> String {
        let name = |id: OperationId| self.evidence.caller(id);
        let waits = self
            .standstill
            .waiters
            .iter()
            .enumerate()
            .map(|(waiter, id)| {
                let what = self.evidence.name_with_caller(*id);
                format!("{what} waits{}", self.standstill.awaited(waiter, name))
            });
        waits.collect::<Vec<_>>().join("; ")
    }

    fn no_operation(&self) -> String {
        let ending = match self.evidence.history.ending {
            Ending::DeadlinePassed => "the deadline passed",
            _ => "nothing moved",
        };
        let idle = self.standstill.idle.iter();
        let idle = idle.map(|process| self.evidence.process(*process));
        match &idle.collect::<Vec<_>>()[..] {
            [] => format!("{ending}, and no operation of the library was to blame"),
            idle => format!(
                "{ending}, and no operation of {} was under way",
                idle.join(" and ")
            ),
        }
    }
}

/// Whether the library does this operation. The harness itself brings about barriers, awaits and faults.
fn is_of_library(operation: &Operation) -> bool {
    use OperationKind::{Await, Barrier, Crash, Idle, Kill, Pause, Print, Resume, Signal};
    !matches!(
        operation.kind,
        Await | Barrier | Crash | Idle | Kill | Pause | Print | Resume | Signal
    )
}
