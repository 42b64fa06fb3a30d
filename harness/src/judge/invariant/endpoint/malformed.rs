//! Malformed bytes are an error on their own connection, never a message, and harm no other connection. A
//! message whose bytes arrive in parts is a message.
//!
//! This is the invariant `wire`. A case states the length in the header, which each library writes in its own
//! way. Bytes without a header may be a message in some framing, so only the other connections count for them.

use crate::backend::Outcome;
use crate::history::{Exit, OperationId, OperationKind};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::{NOTHING_CAME, witness};
use crate::plan::{Action, Content, End, RawWrite};

const IN_PARTS: &str = "pipe.frame.fragmented-header";
const NEGATIVE: &str = "wire.length.negative";
const HUGE: &str = "wire.length.huge";
const TRUNCATED: &str = "wire.truncated";
const GARBAGE: &str = "wire.garbage";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "wire",
    about: "malformed bytes are an error on their own connection, and a message in parts is a message",
    clauses: &[IN_PARTS, NEGATIVE, HUGE, TRUNCATED, GARBAGE],
    judge,
};

/// The length of the longest message that can be framed.
const LONGEST: i64 = 1 << 30;

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    let raw = evidence.history.operations();
    let raw = raw.filter(|(_, operation)| operation.kind == OperationKind::Raw);
    let mut ends: Vec<(End, OperationId)> = Vec::new();
    for (id, operation) in raw {
        if let (Some(end), Some(Outcome::Ok)) = (operation.end, operation.outcome)
            && !ends.iter().any(|(other, _)| *other == end)
        {
            ends.push((end, id));
        }
    }
    for (end, first) in ends {
        let end = RawEnd {
            evidence,
            end,
            first,
        };
        end.judge(&mut tally);
    }
    tally.findings()
}

/// An end to which a process wrote raw bytes, and the first operation that did.
struct RawEnd<'a> {
    evidence: &'a Evidence<'a>,
    end: End,
    first: OperationId,
}

impl RawEnd<'_> {
    fn judge(&self, tally: &mut Tally<'_>) {
        let parts = self.parts();
        let Some(malformed) = malformed(&parts) else {
            self.arrive(tally, &parts);
            return self.spares_others(tally, GARBAGE);
        };
        let clause = match malformed {
            Malformed::Negative => NEGATIVE,
            Malformed::Huge => HUGE,
            Malformed::Truncated => TRUNCATED,
        };
        for id in self.gets_after() {
            match self.evidence.operation(id).outcome {
                Some(Outcome::Error) => {
                    tally.upheld(clause, 1);
                    self.spares_others(tally, GARBAGE);
                }
                None | Some(Outcome::Empty | Outcome::Timeout | Outcome::Closed) => {}
                Some(other) => tally.broken(clause, || {
                    witness([self.first, id], "an error, and no message", other.word())
                }),
            }
        }
        self.survives(tally, clause);
    }

    /// Returns what the process wrote to the end, in order.
    fn parts(&self) -> Vec<&RawWrite> {
        let operations = &self.evidence.history.processes[self.first.process].operations;
        let later = operations.iter().skip(self.first.index);
        let of_end = later.filter(|operation| operation.end == Some(self.end));
        let steps = of_end.filter_map(|operation| self.evidence.step(operation.step));
        let parts = steps.filter_map(|step| match &step.action {
            Action::Raw(raw) => Some(raw),
            _ => None,
        });
        parts.collect()
    }

    /// Judges that messages that were written in parts are received whole, in order.
    fn arrive(&self, tally: &mut Tally<'_>, parts: &[&RawWrite]) {
        if parts.iter().all(|part| part.from == 0) {
            return;
        }
        let mut messages = parts.iter().filter(|part| part.to.is_none());
        for id in self.gets_after() {
            let get = self.evidence.operation(id);
            let lost = match get.outcome {
                Some(Outcome::Empty | Outcome::Timeout | Outcome::Closed) => continue,
                None if self.evidence.hangs(id) => Some(NOTHING_CAME),
                None => return,
                Some(outcome) => Some(outcome.word()),
            };
            let Some(message) = messages.next() else {
                return;
            };
            match lost {
                Some(_) if get.content == Some(Content::of(&message.bytes)) => {
                    tally.upheld(IN_PARTS, 1)
                }
                lost => tally.broken(IN_PARTS, || {
                    let expected = "the message, all of whose bytes were written";
                    witness(
                        [self.first, id],
                        expected,
                        lost.unwrap_or("another message"),
                    )
                }),
            }
        }
    }

    /// Returns the gets at the other end, without those for messages that were sent before the raw bytes.
    fn gets_after(&self) -> impl Iterator<Item = OperationId> {
        let lane = self.end.sends_on();
        let sent = self.sent_before();
        let gets = self.evidence.history.operations();
        gets.filter(move |(_, operation)| {
            let of_lane = operation.end.map(End::receives_from) == Some(lane);
            operation.kind == OperationKind::Get && of_lane
        })
        .skip(sent)
        .map(|(id, _)| id)
    }

    /// Counts the messages that the process sent before the raw bytes.
    fn sent_before(&self) -> usize {
        let operations = &self.evidence.history.processes[self.first.process].operations;
        let before = operations.iter().take(self.first.index);
        let sent = before.filter(|operation| {
            operation.kind == OperationKind::Put
                && operation.end == Some(self.end)
                && operation.outcome == Some(Outcome::Ok)
        });
        sent.count()
    }

    /// Whether the raw bytes had been written or received before this operation. They may be received
    /// before the write has returned.
    fn had_effect_before(&self, id: OperationId) -> bool {
        let history = self.evidence.history;
        let mut gets = self.gets_after();
        history.is_before(self.first, id) || gets.any(|get| history.is_before(get, id))
    }

    /// Judges that no receiving process dies.
    fn survives(&self, tally: &mut Tally<'_>, clause: &'static str) {
        let receiver = self.end.sends_on().receiver();
        for holder in self.evidence.holders().of_end(receiver) {
            let exit = self.evidence.exit(holder.process);
            if matches!(exit, Some(Exit::Signal(_)) | Some(Exit::Code(101 | 134))) {
                tally.broken(clause, || {
                    let name = self.evidence.process(holder.process);
                    witness([self.first], format!("{name} lives on"), "it died")
                });
            }
        }
    }

    /// Judges that the receiving processes still receive on other connections.
    fn spares_others(&self, tally: &mut Tally<'_>, clause: &'static str) {
        let receiver = self.end.sends_on().receiver();
        for holder in self.evidence.holders().of_end(receiver) {
            let served = self
                .evidence
                .history
                .operations()
                .filter(|(id, operation)| {
                    id.process == holder.process
                        && operation.kind == OperationKind::Get
                        && operation.end.is_some_and(|end| end != receiver)
                        && operation.outcome == Some(Outcome::Ok)
                        && self.had_effect_before(*id)
                });
            tally.upheld(clause, served.count() as u64);
        }
        self.survives(tally, clause);
    }
}

/// What is wrong with the framing of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Malformed {
    Negative,
    Huge,
    Truncated,
}

/// Returns the first fault; none if the bytes are whole messages, or may be.
fn malformed(parts: &[&RawWrite]) -> Option<Malformed> {
    let mut missing = 0;
    let mut cut: Option<(&RawWrite, u64)> = None;
    for part in parts.iter().copied() {
        let goes_on = cut.map_or(part.from == 0, |(before, to)| part.continues(before, to));
        if !goes_on {
            return Some(Malformed::Truncated);
        }
        match part.length {
            Some(..0) => return Some(Malformed::Negative),
            Some(length) if length > LONGEST => return Some(Malformed::Huge),
            Some(length) => missing = length.unsigned_abs(),
            None => {}
        }
        missing = missing.saturating_sub(part.bytes.len() as u64);
        cut = part.to.map(|to| (part, to));
    }
    (missing > 0 || cut.is_some()).then_some(Malformed::Truncated)
}

#[cfg(test)]
mod tests;
