//! The end of a stream comes when every writer is gone and all is drained: not before, and for ever.

use self::clauses::{BY_CLOSE, Clauses, PIPE, QUEUE, STREAM};
use crate::backend::{Capability, End, Kind, Outcome};
use crate::history::fate::{Because, Fates};
use crate::history::holders::Holder;
use crate::history::pairing::{Entry, Traffic};
use crate::history::{Ending, OperationId, OperationKind};
use crate::judge::invariant::support::tally::{Tally, seen};
use crate::judge::invariant::{Evidence, Invariant};
use crate::judge::{Finding, Witness};
use crate::plan::{Item, ProcessIndex, Start};

mod clauses;

pub(in crate::judge::invariant) const INVARIANT: Invariant = Invariant {
    name: "end",
    about: "the end comes once every writer is gone and all is drained, not before, and stays",
    clauses: &[
        PIPE.after,
        PIPE.drain,
        PIPE.sticky,
        PIPE.reported,
        ON_KILL,
        NOT_HIDDEN,
        SENTINEL,
        STREAM.after,
        STREAM.sticky,
        STREAM.reported,
        BY_CLOSE,
    ],
    judge,
};

const ON_KILL: &str = "pipe.eof.on-writer-sigkill";
const NOT_HIDDEN: &str = "pipe.eof.not-hidden-by-sibling";
const SENTINEL: &str = "pipe.eof.sentinel-is-data";

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    for lane in lanes(evidence) {
        lane.timely(&mut tally);
        lane.drained_first(&mut tally);
        lane.sticky(&mut tally);
        lane.reported(&mut tally);
        for (get, actual) in lane.overdue() {
            lane.charge_missing(&mut tally, get, actual);
        }
        if lane.traffic.kind == Kind::Pipe {
            lane.sentinels(&mut tally);
        }
    }
    tally.findings()
}

/// Every lane that something went over, with what is to be said of its end.
pub(in crate::judge::invariant) fn lanes<'a>(
    evidence: &'a Evidence<'a>,
) -> impl Iterator<Item = LaneEnd<'a>> {
    evidence.lanes().filter_map(move |(traffic, fates)| {
        let clauses = match traffic.kind {
            Kind::Pipe => &PIPE,
            Kind::Stream => &STREAM,
            Kind::Queue => &QUEUE,
            Kind::Endpoint | Kind::Process => return None,
        };
        Some(LaneEnd {
            evidence,
            traffic,
            fates,
            clauses,
            sender: traffic.lane.sending(),
        })
    })
}

/// One lane, and who keeps it from ending.
pub(in crate::judge::invariant) struct LaneEnd<'a> {
    evidence: &'a Evidence<'a>,
    pub(in crate::judge::invariant) traffic: &'a Traffic,
    fates: &'a Fates,
    clauses: &'static Clauses,
    /// The end that writers hold.
    pub(in crate::judge::invariant) sender: End,
}

impl<'a> LaneEnd<'a> {
    /// Everyone whose leaving ends the lane.
    pub(in crate::judge::invariant) fn writers(
        &self,
    ) -> impl Iterator<Item = &'a Holder> + Clone + use<'a> {
        self.evidence.holders().writers(self.sender)
    }

    fn has_writers(&self) -> bool {
        self.writers().next().is_some()
    }

    /// Nobody is told of the end while a writer surely holds on; everybody else's end counts.
    fn timely(&self, tally: &mut Tally<'_>) {
        for end in &self.traffic.ends {
            let holder = self.writers().find(|w| w.until > end.returned);
            if let Some(holder) = holder {
                tally.broken(self.clauses.after, || self.early(end, holder));
                continue;
            }
            tally.upheld(self.clauses.after, 1);
            tally.upheld(self.clauses.reported, 1);
            if self.traffic.kind != Kind::Pipe {
                continue;
            }
            if self.writers().any(|writer| writer.killed) {
                tally.upheld(ON_KILL, 1);
            }
            // Among forked processes all may have had a copy; who let go of it is as good.
            if self.bystander(end).is_some() || (self.has_fork() && self.former(end).is_some()) {
                tally.upheld(NOT_HIDDEN, 1);
            }
        }
        if self.has_fork() {
            tally.untried(
                NOT_HIDDEN,
                "a fork copies open ends, so a forked process may well hide the end",
            );
        } else {
            tally.untried(NOT_HIDDEN, "no other process was alive at the end");
        }
    }

    fn bystander(&self, get: &Entry) -> Option<ProcessIndex> {
        let holders = self.evidence.holders();
        holders.bystander(self.sender, get.start, get.returned)
    }

    fn former(&self, get: &Entry) -> Option<ProcessIndex> {
        let holders = self.evidence.holders();
        holders.former(self.sender, get.start, get.returned)
    }

    fn has_fork(&self) -> bool {
        let processes = &self.evidence.permutation.plan.processes;
        processes.iter().any(|process| process.start == Start::Fork)
    }

    fn early(&self, end: &Entry, holder: &Holder) -> Witness {
        let name = self.evidence.process(holder.process);
        let later = self.later_operation(holder.process, end.returned);
        seen(
            [end.id()].into_iter().chain(later),
            format!("no end while {name} holds {}", self.end_name()),
            "the end",
        )
    }

    /// The operation that shows best that a process lived on: the last on this end, or any. Not the
    /// first, which is another one in each run.
    fn later_operation(&self, process: ProcessIndex, time: u64) -> Option<OperationId> {
        let operations = &self.evidence.history.processes[process].operations;
        let after = |op: &crate::history::Operation| op.returned.is_none_or(|end| end > time);
        let on_end = |op: &crate::history::Operation| op.end == Some(self.sender);
        operations
            .iter()
            .rposition(|op| after(op) && on_end(op))
            .or(operations.iter().position(after))
            .or(operations.len().checked_sub(1))
            .map(|index| OperationId { process, index })
    }

    fn end_name(&self) -> String {
        self.evidence.end_name(self.sender)
    }

    /// Everything that was sent comes before the end.
    fn drained_first(&self, tally: &mut Tally<'_>) {
        if self.traffic.kind == Kind::Stream {
            return;
        }
        let mut broken = false;
        for lost in &self.fates.lost {
            let Because::Ended(end) = lost.because else {
                continue;
            };
            broken = true;
            let item = || self.evidence.item_of(lost.put.id());
            tally.broken(self.clauses.drain, || {
                seen(
                    [lost.put.id(), end],
                    format!("{} before the end", item()),
                    format!("the end, and never {}", item()),
                )
            });
            if self.traffic.kind == Kind::Pipe && self.is_none(&lost.put) {
                tally.broken(SENTINEL, || {
                    let expected = "None, which is an ordinary message";
                    seen([lost.put.id(), end], expected, "the end in its place")
                });
            }
        }
        if !broken && self.fates.delivered > 0 {
            tally.upheld(self.clauses.drain, self.traffic.ends.len() as u64);
        }
    }

    fn is_none(&self, entry: &Entry) -> bool {
        let channel = self.traffic.lane.channel;
        self.evidence.find_item(channel, entry.content) == Some(Item::None)
    }

    /// Behind an end comes nothing but the end.
    fn sticky(&self, tally: &mut Tally<'_>) {
        let mut seen_of = Vec::new();
        for end in &self.traffic.ends {
            let OperationId { process, index } = end.id();
            if seen_of.contains(&process) {
                continue;
            }
            seen_of.push(process);
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
                            seen([end.id(), later], "the end again", actual)
                        });
                    }
                    _ => {}
                }
            }
        }
    }

    /// Whether nothing is left to get.
    fn is_drained(&self) -> bool {
        if self.traffic.kind != Kind::Stream {
            return self.fates.missing.is_empty();
        }
        let length = |entries: &[Entry]| -> u64 {
            let certain = entries.iter().filter(|entry| entry.certain);
            certain.map(|entry| entry.content.length()).sum()
        };
        length(&self.traffic.gets) >= length(&self.traffic.puts)
    }

    /// Whether a writer was killed in the middle of a message: then an error is an honest answer.
    fn cut_short(&self) -> bool {
        self.traffic.puts.iter().any(|put| !put.certain)
    }

    /// Once every writer is gone and all is drained, a get says so, and not some error.
    fn reported(&self, tally: &mut Tally<'_>) {
        if !self.has_writers() || !self.is_drained() {
            return;
        }
        let failed = self.traffic.takers.iter().chain(&self.traffic.misses);
        for get in failed {
            let Some(outcome) = self.evidence.operation(get.id()).outcome else {
                continue;
            };
            if self.after_end(get) {
                // That the end doesn't stay is another matter.
                continue;
            }
            let may_be_gone = self.writers().all(|w| w.until <= get.returned);
            match outcome {
                Outcome::Closed | Outcome::Refused | Outcome::Empty | Outcome::Timeout => {}
                _ if may_be_gone && !self.cut_short() => {
                    tally.broken(self.clauses.reported, || {
                        seen([get.id()], "the end", outcome.word())
                    });
                }
                _ => {}
            }
        }
    }

    /// Whether this process was told of the end before.
    fn after_end(&self, get: &Entry) -> bool {
        let before =
            |end: &Entry| end.process() == get.process() && end.id().index < get.id().index;
        self.traffic.ends.iter().any(before)
    }

    /// Gets that had nothing to wait for any more, since every writer was gone and all drained, and
    /// weren't told of the end; with what they were told.
    pub(in crate::judge::invariant) fn overdue(&self) -> Vec<(&'a Entry, &'static str)> {
        if !self.has_writers() || !self.is_drained() || !self.is_promised() {
            return Vec::new();
        }
        let in_vain = self.traffic.misses.iter().filter_map(|get| {
            let outcome = self.evidence.operation(get.id()).outcome?;
            let are_gone = self.writers().all(|writer| writer.gone < get.start);
            let not_yet = matches!(outcome, Outcome::Empty | Outcome::Timeout);
            (not_yet && are_gone && !self.after_end(get)).then_some((get, outcome.word()))
        });
        let for_ever = self
            .waiting()
            .map(|get| (get, "nothing, for as long as the run lasted"));
        in_vain.chain(for_ever).collect()
    }

    /// Whether there is an end at all: of a queue, that is the library's to say.
    fn is_promised(&self) -> bool {
        self.traffic.kind != Kind::Queue || self.evidence.capabilities.has(Capability::EndOnClose)
    }

    /// Gets that wait on, though every writer is gone and all is drained.
    fn waiting(&self) -> impl Iterator<Item = &'a Entry> {
        let ended = self.evidence.ended();
        let stalled = self.evidence.history.ending == Ending::Stalled && !self.cut_short();
        let released = |writer: &Holder| writer.released && writer.until <= ended;
        let over = stalled && self.writers().all(released);
        let evidence = self.evidence;
        self.traffic.takers.iter().filter(move |get| {
            let operation = evidence.operation(get.id());
            over && operation.is_pending()
                && evidence.was_ended(get.process())
                && !evidence.may_stay_pending(operation)
        })
    }

    fn charge_missing(&self, tally: &mut Tally<'_>, get: &Entry, actual: &str) {
        let killed = self.writers().any(|writer| writer.killed);
        let bystander = self.bystander(get);
        let (clause, who) = match (self.traffic.kind, killed, bystander) {
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
            seen(
                closed.into_iter().chain([get.id()]),
                format!("the end, since nobody holds {name} any more{who}"),
                actual,
            )
        });
    }

    /// The last thing that the last writer did to the end, or at all.
    fn last_release(&self) -> Option<OperationId> {
        let last = self.writers().max_by_key(|writer| writer.until)?;
        let operations = &self.evidence.history.processes[last.process].operations;
        let closes = |op: &crate::history::Operation| {
            op.kind == OperationKind::Close && op.end == Some(self.sender)
        };
        let index = operations.iter().rposition(closes);
        let index = index.or(operations.len().checked_sub(1))?;
        let process = last.process;
        Some(OperationId { process, index })
    }

    /// None is a message like any other: it arrives, and the stream goes on.
    fn sentinels(&self, tally: &mut Tally<'_>) {
        for group in self.traffic.groups() {
            if group.puts.first().is_some_and(|put| self.is_none(put)) {
                tally.upheld(SENTINEL, group.paired() as u64);
            }
        }
    }
}

#[cfg(test)]
mod tests;
