//! End of stream arrives once every writer is gone and everything is received, not before, and every
//! later receive returns it again.
//!
//! This is the invariant `end`.

use self::clauses::{BY_CLOSE, Clauses, PIPE, STREAM};
use super::lane_end::{self, LaneEnd};
use crate::backend::{Kind, Outcome};
use crate::history::fate::Because;
use crate::history::holders::Holder;
use crate::history::pairing::Entry;
use crate::history::{OperationId, OperationKind};
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::witness;
use crate::judge::untried;
use crate::judge::{Finding, Witness};
use crate::plan::{Item, ProcessIndex, Start};

mod clauses;

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "end",
    about: "end of stream arrives after the last writer is gone and all is received, and stays",
    clauses: &[
        PIPE.after,
        PIPE.drain,
        PIPE.sticky,
        PIPE.reported,
        ON_KILL,
        NOT_HIDDEN,
        NONE_IS_DATA,
        STREAM.after,
        STREAM.sticky,
        STREAM.reported,
        BY_CLOSE,
    ],
    judge,
};

const ON_KILL: &str = "pipe.eof.on-writer-sigkill";
const NOT_HIDDEN: &str = "pipe.eof.not-hidden-by-sibling";
const NONE_IS_DATA: &str = "pipe.eof.sentinel-is-data";

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    for lane in lane_end::lanes(evidence) {
        let judged = EndOfStream {
            evidence,
            clauses: clauses::of_kind(lane.traffic.kind),
            lane,
        };
        judged.not_early(&mut tally);
        judged.drained_first(&mut tally);
        judged.sticky(&mut tally);
        judged.reported(&mut tally);
        for (get, actual) in judged.lane.overdue() {
            judged.missing(&mut tally, get, actual);
        }
        if judged.lane.traffic.kind == Kind::Pipe {
            judged.none_is_a_message(&mut tally);
        }
    }
    tally.findings()
}

/// One lane, with the clauses about its end.
struct EndOfStream<'a> {
    evidence: &'a Evidence<'a>,
    lane: LaneEnd<'a>,
    clauses: &'static Clauses,
}

impl EndOfStream<'_> {
    /// Judges that no receive returns the end while a writer certainly holds its end.
    fn not_early(&self, tally: &mut Tally<'_>) {
        for end in &self.lane.traffic.ends {
            let holder = self.lane.writers().find(|w| w.until > end.returned);
            if let Some(holder) = holder {
                tally.broken(self.clauses.after, || self.early_witness(end, holder));
                continue;
            }
            tally.upheld(self.clauses.after, 1);
            tally.upheld(self.clauses.reported, 1);
            if self.lane.traffic.kind != Kind::Pipe {
                continue;
            }
            if self.lane.writers().any(|writer| writer.killed) {
                tally.upheld(ON_KILL, 1);
            }
            // Every forked process may have had a copy. One that closed it counts as well.
            if self.bystander(end).is_some() || (self.has_fork() && self.former(end).is_some()) {
                tally.upheld(NOT_HIDDEN, 1);
            }
        }
        if self.has_fork() {
            tally.untried(NOT_HIDDEN, untried::FORKED);
        }
    }

    fn bystander(&self, get: &Entry) -> Option<ProcessIndex> {
        let holders = self.evidence.holders();
        holders.bystander(self.lane.sender, get.start, get.returned)
    }

    fn former(&self, get: &Entry) -> Option<ProcessIndex> {
        let holders = self.evidence.holders();
        holders.former(self.lane.sender, get.start, get.returned)
    }

    fn has_fork(&self) -> bool {
        let processes = &self.evidence.permutation.plan.processes;
        processes.iter().any(|process| process.start == Start::Fork)
    }

    fn early_witness(&self, end: &Entry, holder: &Holder) -> Witness {
        let name = self.evidence.process(holder.process);
        let later = self.later_operation(holder.process, end.returned);
        witness(
            [end.id()].into_iter().chain(later),
            format!("no end while {name} holds {}", self.end_name()),
            "the end",
        )
    }

    /// Returns an operation that shows that the process was alive after this time: the last on this
    /// end if there is one, because which is the first differs between runs.
    fn later_operation(&self, process: ProcessIndex, time: u64) -> Option<OperationId> {
        let operations = &self.evidence.history.processes[process].operations;
        let after = |op: &crate::history::Operation| op.returned.is_none_or(|end| end > time);
        let on_end = |op: &crate::history::Operation| op.end == Some(self.lane.sender);
        operations
            .iter()
            .rposition(|op| after(op) && on_end(op))
            .or(operations.iter().position(after))
            .or(operations.len().checked_sub(1))
            .map(|index| OperationId { process, index })
    }

    fn end_name(&self) -> String {
        self.evidence.end_name(self.lane.sender)
    }

    /// Judges that every item arrives before the end.
    fn drained_first(&self, tally: &mut Tally<'_>) {
        if self.lane.traffic.kind == Kind::Stream {
            return;
        }
        let mut broken = false;
        for lost in &self.lane.fates.lost {
            let Because::Ended(end) = lost.because else {
                continue;
            };
            broken = true;
            let item = || self.evidence.item_of(lost.put.id());
            tally.broken(self.clauses.drain, || {
                witness(
                    [lost.put.id(), end],
                    format!("{} before the end", item()),
                    format!("the end, and never {}", item()),
                )
            });
            if self.lane.traffic.kind == Kind::Pipe && self.is_none(&lost.put) {
                tally.broken(NONE_IS_DATA, || {
                    let expected = "None, which is an ordinary message";
                    witness([lost.put.id(), end], expected, "the end instead")
                });
            }
        }
        if !broken && self.lane.fates.delivered > 0 {
            tally.upheld(self.clauses.drain, self.lane.traffic.ends.len() as u64);
        }
    }

    fn is_none(&self, entry: &Entry) -> bool {
        let channel = self.lane.traffic.lane.channel;
        self.evidence.find_item(channel, entry.content) == Some(Item::None)
    }

    /// Judges that every receive after the end returns the end.
    fn sticky(&self, tally: &mut Tally<'_>) {
        let mut done = Vec::new();
        for end in &self.lane.traffic.ends {
            let OperationId { process, index } = end.id();
            if done.contains(&process) {
                continue;
            }
            done.push(process);
            let operations = &self.evidence.history.processes[process].operations;
            let handle = operations[index].end;
            for (index, operation) in operations.iter().enumerate().skip(index + 1) {
                let later = OperationId { process, index };
                if operation.end != handle || !self.evidence.history.is_before(end.id(), later) {
                    continue;
                }
                match (operation.kind, operation.outcome) {
                    (OperationKind::Close, _) => break,
                    (OperationKind::Get, Some(Outcome::End)) => {
                        tally.upheld(self.clauses.sticky, 1);
                    }
                    (OperationKind::Get, Some(Outcome::Refused | Outcome::Closed) | None) => {}
                    (OperationKind::Get, Some(outcome)) => {
                        tally.broken(self.clauses.sticky, || {
                            let actual = match outcome {
                                Outcome::Ok => self.evidence.item_of(later),
                                other => other.to_string(),
                            };
                            witness([end.id(), later], "the end again", actual)
                        });
                    }
                    _ => {}
                }
            }
        }
    }

    /// Judges that a receive reports the end as the end, and not as an error.
    fn reported(&self, tally: &mut Tally<'_>) {
        if !self.lane.has_writers() || !self.lane.is_drained() {
            return;
        }
        let failed = self
            .lane
            .traffic
            .takers
            .iter()
            .chain(&self.lane.traffic.misses);
        for get in failed {
            let Some(outcome) = self.evidence.operation(get.id()).outcome else {
                continue;
            };
            if self.lane.is_after_end(get) {
                // Another clause says that the end stays.
                continue;
            }
            let may_be_gone = self.lane.writers().all(|w| w.until <= get.returned);
            match outcome {
                Outcome::Closed | Outcome::Refused | Outcome::Empty | Outcome::Timeout => {}
                _ if may_be_gone && !self.lane.was_cut_short() => {
                    tally.broken(self.clauses.reported, || {
                        witness([get.id()], "the end", outcome.word())
                    });
                }
                _ => {}
            }
        }
    }

    /// Charges a missing end to the clause that fits best.
    fn missing(&self, tally: &mut Tally<'_>, get: &Entry, actual: &str) {
        let killed = self.lane.writers().any(|writer| writer.killed);
        let bystander = self.bystander(get);
        let (clause, condition) = match (self.lane.traffic.kind, killed, bystander) {
            (Kind::Pipe, true, _) => (ON_KILL, String::new()),
            (Kind::Pipe, false, Some(process)) => {
                let name = self.evidence.process(process);
                (NOT_HIDDEN, format!(", whatever {name} does"))
            }
            _ => (self.clauses.after, String::new()),
        };
        tally.broken(clause, || {
            let closed = self.last_release();
            let name = self.end_name();
            witness(
                closed.into_iter().chain([get.id()]),
                format!("the end, since no process holds {name} any more{condition}"),
                actual,
            )
        });
    }

    /// Returns the last writer's close, or else its last operation.
    fn last_release(&self) -> Option<OperationId> {
        let last = self.lane.writers().max_by_key(|writer| writer.until)?;
        let operations = &self.evidence.history.processes[last.process].operations;
        let closes = |op: &crate::history::Operation| {
            op.kind == OperationKind::Close && op.end == Some(self.lane.sender)
        };
        let index = operations.iter().rposition(closes);
        let index = index.or(operations.len().checked_sub(1))?;
        let process = last.process;
        Some(OperationId { process, index })
    }

    /// Judges that None arrives as a message.
    fn none_is_a_message(&self, tally: &mut Tally<'_>) {
        for group in self.lane.traffic.groups() {
            if group.puts.first().is_some_and(|put| self.is_none(put)) {
                tally.upheld(NONE_IS_DATA, group.paired() as u64);
            }
        }
    }
}

#[cfg(test)]
mod tests;
