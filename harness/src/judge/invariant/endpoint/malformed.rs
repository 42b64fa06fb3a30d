//! Malformed bytes on a connection are an error there, never a message, and harm no other connection.
//!
//! This is the invariant `wire`. A case states the length in the header, which each library writes in its own
//! way. Bytes without a header may be a message in some framing, so only the other connections count for them.

use crate::backend::Outcome;
use crate::history::{Exit, OperationId, OperationKind};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::witness;
use crate::plan::{Action, End};

const NEGATIVE: &str = "wire.length.negative";
const HUGE: &str = "wire.length.huge";
const TRUNCATED: &str = "wire.truncated";
const GARBAGE: &str = "wire.garbage";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "wire",
    about: "malformed bytes are an error on their own connection, never a message, and harm no other",
    clauses: &[NEGATIVE, HUGE, TRUNCATED, GARBAGE],
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
        let Some(malformed) = malformed(&self.parts()) else {
            return self.spares_others(tally, GARBAGE);
        };
        let clause = match malformed {
            Malformed::Negative => NEGATIVE,
            Malformed::Huge => HUGE,
            Malformed::Truncated => TRUNCATED,
        };
        for (id, outcome) in self.gets_after() {
            match outcome {
                Outcome::Error => {
                    tally.upheld(clause, 1);
                    self.spares_others(tally, GARBAGE);
                }
                Outcome::Empty | Outcome::Timeout | Outcome::Closed => {}
                other => tally.broken(clause, || {
                    witness([self.first, id], "an error, and no message", other.word())
                }),
            }
        }
        self.survives(tally, clause);
    }

    /// Returns what the process wrote to the end, in order.
    fn parts(&self) -> Vec<Part> {
        let operations = &self.evidence.history.processes[self.first.process].operations;
        let later = operations.iter().skip(self.first.index);
        let of_end = later.filter(|operation| operation.end == Some(self.end));
        let parts =
            of_end.filter_map(
                |operation| match &self.evidence.step(operation.step)?.action {
                    Action::Raw {
                        length, bytes, to, ..
                    } => Some(Part {
                        length: *length,
                        bytes: bytes.len() as u64,
                        is_cut: to.is_some(),
                    }),
                    _ => None,
                },
            );
        parts.collect()
    }

    /// Returns the outcomes of the gets at the other end, without those for messages that were sent
    /// before the raw bytes.
    fn gets_after(&self) -> impl Iterator<Item = (OperationId, Outcome)> {
        let lane = self.end.sends_on();
        let sent = self.sent_before();
        let gets = self.evidence.history.operations();
        gets.filter(move |(_, operation)| {
            let of_lane = operation.end.map(End::receives_from) == Some(lane);
            operation.kind == OperationKind::Get && of_lane
        })
        .skip(sent)
        .filter_map(|(id, operation)| Some((id, operation.outcome?)))
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
        let mut gets = self.gets_after().map(|(get, _)| get);
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

/// What one raw write wrote.
struct Part {
    /// The length that its header states, if it has one.
    length: Option<i64>,
    /// How many bytes follow the header.
    bytes: u64,
    /// Whether the end of both is left out.
    is_cut: bool,
}

/// What is wrong with the framing of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Malformed {
    Negative,
    Huge,
    Truncated,
}

/// Returns the first fault; none if the bytes are whole messages, or may be.
fn malformed(parts: &[Part]) -> Option<Malformed> {
    let mut missing = 0;
    for part in parts {
        match part.length {
            Some(..0) => return Some(Malformed::Negative),
            Some(length) if length > LONGEST => return Some(Malformed::Huge),
            Some(length) => missing = length.unsigned_abs(),
            None => {}
        }
        missing = missing.saturating_sub(part.bytes);
        if part.is_cut {
            return Some(Malformed::Truncated);
        }
    }
    (missing > 0).then_some(Malformed::Truncated)
}

#[cfg(test)]
mod tests;
