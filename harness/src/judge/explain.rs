//! From a finding to what a person needs to see.

use crate::backend::{Outcome, RawError};
use crate::history::naming::Naming;
use crate::history::{Exit, OperationId, OperationKind};
use crate::judge::invariant::Evidence;
use crate::judge::{Break, FailurePage, Finding, ShownEvent, State, Witness};
use crate::plan::ProcessIndex;
use crate::plan::item::hex;

mod errors;
mod order;
mod select;
mod wait_for;
mod words;

pub use errors::returned_errors;

/// How many of the last lines of standard error are shown.
const STDERR_LINES: usize = 5;
/// How many bytes of a wrong message are shown.
const SHOWN_BYTES: usize = 16;

/// Explains the findings of one run.
pub struct Explainer<'a> {
    evidence: &'a Evidence<'a>,
    naming: Naming,
    /// The run's first moment.
    origin: u64,
}

impl<'a> Explainer<'a> {
    /// Looks at what was recorded, once for all findings.
    pub fn new(evidence: &'a Evidence<'a>) -> Explainer<'a> {
        let starts = evidence.history.operations().map(|(_, op)| op.start);
        Explainer {
            evidence,
            naming: Naming::of(&evidence.permutation.plan),
            origin: starts.min().unwrap_or(0),
        }
    }

    /// The page of a broken clause; `None` for a finding that breaks nothing.
    pub fn page(&mut self, finding: &Finding) -> Option<FailurePage> {
        let State::Broken(witness) = &finding.state else {
            return None;
        };
        let wrong = self.culprit(witness);
        let shown = order::sort(
            self.evidence,
            &witness.operations,
            select::operations(self.evidence, witness),
        );
        let events = shown
            .iter()
            .map(|id| self.event(*id, wrong == Some(*id), witness, &shown))
            .collect();
        let span = wrong
            .map(|id| self.evidence.history.operation(id).step)
            .and_then(|step| self.evidence.permutation.expected.get(step as usize))
            .map(|expected| (expected.span.start, expected.span.end));
        Some(FailurePage {
            clause: Some(finding.clause.clone()),
            invariant: finding.invariant.clone(),
            span,
            expected: witness.expected.clone(),
            actual: witness.actual.clone(),
            events,
            stderr: self.stderr(),
            notes: self.notes(&shown),
        })
    }

    /// How a clause broke: what the operation shows at which the break is, and of a hang also what
    /// others wait in for a channel. Nothing for a finding that breaks nothing.
    pub fn how(&self, finding: &Finding) -> Vec<Break> {
        let State::Broken(witness) = &finding.state else {
            return Vec::new();
        };
        let Some(culprit) = self.culprit(witness) else {
            return vec![self.how_it_ended(witness.process)];
        };
        let others = witness.operations.iter().copied().filter(|id| {
            let has_end = self.evidence.history.operation(*id).end.is_some();
            *id != culprit && has_end && self.waits(*id)
        });
        let all = [culprit].into_iter().chain(others);
        all.map(|id| self.how_it_went(id)).collect()
    }

    fn how_it_went(&self, id: OperationId) -> Break {
        let operation = self.evidence.history.operation(id);
        let expected = self.evidence.permutation.expected(operation.step);
        Break {
            step: words::step(self.evidence, id),
            label: expected.label.clone(),
            outcome: operation.outcome.unwrap_or(Outcome::Pending),
            raw: operation.raw,
            operation: Some(id),
        }
    }

    /// How a process exited, or the run ended, that a break is about.
    fn how_it_ended(&self, process: Option<ProcessIndex>) -> Break {
        let plan = &self.evidence.permutation.plan;
        let exit = process.and_then(|process| self.evidence.exit(process));
        let (outcome, kind, code) = match exit {
            None | Some(Exit::Code(0)) => (Outcome::Ok, None, None),
            Some(Exit::Code(code)) => (Outcome::Error, Some("code"), Some(code)),
            Some(Exit::Signal(signal)) => (Outcome::Error, Some("signal"), Some(signal)),
            Some(Exit::Killed) => (Outcome::Error, Some("killed"), None),
            Some(Exit::Unseen) => (Outcome::Error, Some("unseen"), None),
            Some(Exit::Ended) => (Outcome::Pending, None, None),
        };
        Break {
            step: match process {
                Some(process) => format!("exit {}", plan.processes[process].group),
                None => "run".to_owned(),
            },
            label: None,
            outcome,
            raw: kind.map(|kind| RawError {
                kind: Some(kind.into()),
                code,
            }),
            operation: None,
        }
    }

    /// The page of a transcript that differs from its golden though nothing was found broken.
    pub fn golden(&mut self, diff: &str) -> FailurePage {
        FailurePage {
            clause: None,
            invariant: "golden".to_owned(),
            span: None,
            expected: "the transcript that was reviewed".to_owned(),
            actual: diff.to_owned(),
            events: Vec::new(),
            stderr: self.stderr(),
            notes: self.notes(&[]),
        }
    }

    /// Where the break shows: the witness that never returned, else the last get in the judge's
    /// order, else the last of all. The clock has no say: which of two that overlap returns last is
    /// another one in each run.
    fn culprit(&self, witness: &Witness) -> Option<OperationId> {
        let operations = &witness.operations;
        let gets = |id: &&OperationId| {
            let kind = self.evidence.history.operation(**id).kind;
            matches!(kind, OperationKind::Get | OperationKind::Poll)
        };
        operations
            .iter()
            .find(|id| self.waits(**id))
            .or_else(|| operations.iter().rfind(gets))
            .or(operations.last())
            .copied()
    }

    /// Whether it never returned though nobody killed its process.
    fn waits(&self, id: OperationId) -> bool {
        let was_killed = self.evidence.exit(id.process) == Some(Exit::Killed);
        self.evidence.history.operation(id).is_pending() && !was_killed
    }

    fn event(
        &mut self,
        id: OperationId,
        wrong: bool,
        witness: &Witness,
        shown: &[OperationId],
    ) -> ShownEvent {
        let operation = *self.evidence.history.operation(id);
        let from = select::put_behind(self.evidence, id)
            .or_else(|| select::replaced(self.evidence, witness, id))
            .and_then(|put| shown.iter().position(|other| *other == put));
        ShownEvent {
            process: self.doer(id),
            index: id.process,
            thread: operation.thread,
            text: self.text(id),
            outcome: match operation.outcome {
                Some(outcome) => Some(self.outcome(id, outcome)),
                None if self.waits(id) => None,
                None => Some("killed".to_owned()),
            },
            raw: operation.raw.map(|raw| raw.to_string()),
            wrong,
            from,
            start: operation.start - self.origin,
            returned: operation.returned.map(|returned| returned - self.origin),
        }
    }

    /// Who did it: a process, or a thread of one, as in `main/1`.
    fn doer(&self, id: OperationId) -> String {
        let process = &self.evidence.permutation.plan.processes[id.process];
        process.thread_name(self.evidence.history.operation(id).thread)
    }

    /// Which of its process's operations, or of its thread's, this is, from 1.
    fn place(&self, id: OperationId) -> usize {
        let operations = &self.evidence.history.processes[id.process].operations;
        let thread = operations[id.index].thread;
        let own = operations[..=id.index].iter();
        own.filter(|operation| operation.thread == thread).count()
    }

    /// What it came to: of a get, the item that it got.
    fn outcome(&mut self, id: OperationId, outcome: Outcome) -> String {
        let operation = self.evidence.history.operation(id);
        match (operation.kind, outcome, operation.end, operation.content) {
            (OperationKind::Get, Outcome::Ok, Some(end), Some(content)) => {
                self.naming.name(end.channel, content).to_string()
            }
            _ => outcome.to_string(),
        }
    }

    fn stderr(&self) -> Vec<(String, String)> {
        let processes = self.evidence.permutation.plan.processes.iter();
        processes
            .zip(&self.evidence.history.processes)
            .filter(|(_, history)| !history.stderr.is_empty())
            .map(|(process, history)| (process.name(), tail(&history.stderr)))
            .collect()
    }

    /// Where the messages shown stop being as they were made.
    fn notes(&mut self, shown: &[OperationId]) -> Vec<String> {
        let mut notes = Vec::new();
        for id in shown {
            let process = &self.evidence.history.processes[id.process];
            let asides = process.asides.iter();
            for aside in asides.filter(|aside| aside.operation == id.index) {
                let text = self.text(*id);
                let bytes = hex::encode(&aside.bytes[..aside.bytes.len().min(SHOWN_BYTES)]);
                let offset = aside.offset;
                notes.push(format!("{text} is wrong from byte {offset} on: 0x{bytes}…"));
            }
        }
        notes
    }

    fn text(&mut self, id: OperationId) -> String {
        words::text(self.evidence, &mut self.naming, id)
    }
}

/// The last lines, as text.
fn tail(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(STDERR_LINES)..].join("\n")
}

#[cfg(test)]
mod tests;
