//! What is malformed beneath the messages is an error on its own connection, and never a message.
//!
//! Messages over bytes are framed by the harness: eight bytes of length, signed and little-endian,
//! and then the message.

use crate::backend::{End, Outcome};
use crate::history::{Exit, OperationId, OperationKind};
use crate::judge::Finding;
use crate::judge::invariant::support::tally::{Tally, seen};
use crate::judge::invariant::{Evidence, Invariant};
use crate::plan::Action;

const NEGATIVE: &str = "wire.length.negative";
const HUGE: &str = "wire.length.huge";
const TRUNCATED: &str = "wire.truncated";
const GARBAGE: &str = "wire.garbage";

pub(in crate::judge::invariant) const INVARIANT: Invariant = Invariant {
    name: "wire",
    about: "what is malformed beneath the messages is an error on its own connection alone",
    clauses: &[NEGATIVE, HUGE, TRUNCATED, GARBAGE],
    judge,
};

/// The longest message that can be framed.
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
        Hostile {
            evidence,
            end,
            first,
        }
        .judge(&mut tally);
    }
    tally.findings()
}

/// An end to which somebody wrote beneath the messages, and where that began.
struct Hostile<'a> {
    evidence: &'a Evidence<'a>,
    end: End,
    first: OperationId,
}

impl Hostile<'_> {
    fn judge(&self, tally: &mut Tally<'_>) {
        let Some(fault) = fault(&self.bytes()) else {
            return self.spares_others(tally, GARBAGE);
        };
        let clause = match fault {
            Malformed::Negative => NEGATIVE,
            Malformed::Huge => HUGE,
            Malformed::Truncated => TRUNCATED,
        };
        for (id, outcome) in self.answers() {
            match outcome {
                Outcome::Error => {
                    tally.upheld(clause, 1);
                    self.spares_others(tally, GARBAGE);
                }
                Outcome::Empty | Outcome::Timeout | Outcome::Closed => {}
                other => tally.broken(clause, || {
                    seen([self.first, id], "an error, and no message", other.word())
                }),
            }
        }
        self.survives(tally, clause);
    }

    /// All that was written beneath the messages, in its order.
    fn bytes(&self) -> Vec<u8> {
        let operations = &self.evidence.history.processes[self.first.process].operations;
        let mut bytes = Vec::new();
        for operation in operations.iter().skip(self.first.index) {
            let step = self.evidence.step(operation.step).map(|step| &step.action);
            if let (Some(Action::Raw { bytes: some, .. }), true) =
                (step, operation.end == Some(self.end))
            {
                bytes.extend_from_slice(some);
            }
        }
        bytes
    }

    /// What the other side's gets came to, from the first that a message of the peer's own doesn't
    /// account for.
    fn answers(&self) -> impl Iterator<Item = (OperationId, Outcome)> {
        let lane = self.end.sends_on();
        let whole = self.sent_whole();
        let gets = self.evidence.history.operations();
        gets.filter(move |(_, operation)| {
            let of_lane = operation.end.map(End::receives_from) == Some(lane);
            operation.kind == OperationKind::Get && of_lane
        })
        .skip(whole)
        .filter_map(|(id, operation)| Some((id, operation.outcome?)))
    }

    /// How many messages were sent as messages before.
    fn sent_whole(&self) -> usize {
        let operations = &self.evidence.history.processes[self.first.process].operations;
        let before = operations.iter().take(self.first.index);
        let sent = before.filter(|operation| {
            operation.kind == OperationKind::Put
                && operation.end == Some(self.end)
                && operation.outcome == Some(Outcome::Ok)
        });
        sent.count()
    }

    /// Whether this came behind what was written: when that had returned, or behind what it led to,
    /// which may come before the writer has returned.
    fn is_felt_before(&self, id: OperationId) -> bool {
        let history = self.evidence.history;
        let mut answers = self.answers().map(|(answer, _)| answer);
        history.is_before(self.first, id) || answers.any(|answer| history.is_before(answer, id))
    }

    /// Nobody dies of it.
    fn survives(&self, tally: &mut Tally<'_>, clause: &'static str) {
        let receiver = self.end.sends_on().receiver();
        for holder in self.evidence.holders().of_end(receiver) {
            let exit = self.evidence.exit(holder.process);
            if matches!(exit, Some(Exit::Signal(_)) | Some(Exit::Code(101 | 134))) {
                tally.broken(clause, || {
                    let name = self.evidence.process(holder.process);
                    seen([self.first], format!("{name} lives on"), "it died")
                });
            }
        }
    }

    /// Whoever got it goes on to get the messages of others.
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
                        && self.is_felt_before(*id)
                });
            tally.upheld(clause, served.count() as u64);
        }
        self.survives(tally, clause);
    }
}

/// What is wrong with bytes that are to be framed messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Malformed {
    Negative,
    Huge,
    Truncated,
}

/// What is wrong first; none where they are whole messages, whatever those say.
fn fault(mut bytes: &[u8]) -> Option<Malformed> {
    while !bytes.is_empty() {
        let Some((header, rest)) = bytes.split_first_chunk() else {
            return Some(Malformed::Truncated);
        };
        let length = i64::from_le_bytes(*header);
        if length < 0 {
            return Some(Malformed::Negative);
        }
        if length > LONGEST {
            return Some(Malformed::Huge);
        }
        match rest.split_at_checked(length.unsigned_abs() as usize) {
            Some((_, rest)) => bytes = rest,
            None => return Some(Malformed::Truncated),
        }
    }
    None
}

#[cfg(test)]
mod tests;
