//! From a broken clause, a golden that differs, or a hang to what a person needs to see.
//!
//! In: the evidence of a run and what was decided about it. Out: pages, and the report of a hang.
//! Nothing here decides anything.

use crate::backend::Outcome;
use crate::clause::ClauseId;
use crate::history::naming::Naming;
use crate::history::quote::cut;
use crate::history::{OperationId, OperationKind};
use crate::judge::breaks::{self, BrokenFinding};
use crate::judge::cause::Blame;
use crate::judge::invariant::Evidence;
use crate::judge::{FailurePage, ShownEvent, WaitFor, Witness};
use crate::plan::hex;

mod names;
mod order;
mod recording;
mod select;
mod wait_for;

use names::Names;

/// How many lines of standard error a page shows.
const STDERR_LINES: usize = 5;
/// How many bytes of a wrong message a page shows.
const SHOWN_BYTES: usize = 16;

/// Explains one run.
pub(super) struct Explainer<'a> {
    evidence: &'a Evidence<'a>,
    names: Names<'a>,
    /// When the run's first operation started.
    origin: u64,
}

impl<'a> Explainer<'a> {
    /// Explains a run with the names of its items, those that it knows already or finds out.
    pub(super) fn new(evidence: &'a Evidence<'a>, naming: Naming) -> Explainer<'a> {
        let starts = evidence.history.operations().map(|(_, op)| op.start);
        Explainer {
            evidence,
            names: Names::of(evidence, naming),
            origin: starts.min().unwrap_or(0),
        }
    }

    /// Returns the page of a broken clause.
    pub(super) fn page(&mut self, broken: &BrokenFinding<'_>) -> FailurePage {
        let finding = broken.finding;
        let clause = Some(finding.clause.clone());
        self.page_of(clause, &finding.invariant, broken.witness)
    }

    /// Returns the page of a mistake of the case.
    pub(super) fn blame(&mut self, blame: &Blame) -> FailurePage {
        self.page_of(None, "cause", &blame.witness)
    }

    fn page_of(
        &mut self,
        clause: Option<ClauseId>,
        found_by: &str,
        witness: &Witness,
    ) -> FailurePage {
        let wrong = breaks::culprit(self.evidence, witness);
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
        FailurePage {
            clause,
            invariant: found_by.to_owned(),
            span,
            expected: witness.expected.clone(),
            actual: match wrong.and_then(|wrong| self.said(wrong)) {
                Some(said) => format!("the library said {said:?}: {}", witness.actual),
                None => witness.actual.clone(),
            },
            events,
            stderr: self.stderr(),
            notes: self.notes(&shown),
            also: Vec::new(),
        }
    }

    /// Returns the operations that the witness names, and the puts and gets of their items.
    pub(super) fn traffic(&self, witness: &Witness) -> Vec<OperationId> {
        select::with_partners(self.evidence, &witness.operations)
    }

    /// Returns the page of a transcript that differs from its golden although no invariant found a
    /// break.
    pub(super) fn golden(&mut self, diff: &str) -> FailurePage {
        FailurePage {
            clause: None,
            invariant: "golden".to_owned(),
            span: None,
            expected: "the transcript that was reviewed".to_owned(),
            actual: diff.to_owned(),
            events: Vec::new(),
            stderr: self.stderr(),
            notes: self.notes(&[]),
            also: Vec::new(),
        }
    }

    /// Returns which operations waited for which processes, or `None` for a run that completed.
    pub(super) fn wait_for(&mut self) -> Option<WaitFor> {
        wait_for::report(self.evidence, &mut self.names, self.origin)
    }

    fn event(
        &mut self,
        id: OperationId,
        wrong: bool,
        witness: &Witness,
        shown: &[OperationId],
    ) -> ShownEvent {
        let operation = *self.evidence.history.operation(id);
        let from = select::put_of(self.evidence, id)
            .or_else(|| select::replaced(self.evidence, witness, id))
            .and_then(|put| shown.iter().position(|other| *other == put));
        ShownEvent {
            process: self.names.thread(id),
            index: id.process,
            thread: operation.thread,
            text: self.names.operation(id),
            outcome: match operation.outcome {
                Some(outcome) => Some(self.outcome(id, outcome)),
                None if breaks::never_returned(self.evidence, id) => None,
                None => Some("killed".to_owned()),
            },
            raw: operation.raw.map(|raw| raw.to_string()),
            wrong,
            from,
            start: operation.start - self.origin,
            returned: operation.returned.map(|returned| returned - self.origin),
        }
    }

    /// The outcome; of a get, the item that it got.
    fn outcome(&mut self, id: OperationId, outcome: Outcome) -> String {
        let operation = self.evidence.history.operation(id);
        match (operation.kind, outcome, operation.end, operation.content) {
            (OperationKind::Get, Outcome::Ok, Some(end), Some(content)) => {
                self.names.item(end.channel, content)
            }
            (OperationKind::Poll, Outcome::Ok, ..) => Outcome::Ready.to_string(),
            (OperationKind::Size, Outcome::Ok, ..) => {
                let size = operation.size();
                size.map_or(outcome.to_string(), |size| size.to_string())
            }
            _ => outcome.to_string(),
        }
    }

    /// Returns what the library said when this operation failed.
    fn said(&self, id: OperationId) -> Option<String> {
        let process = &self.evidence.history.processes[id.process];
        let mut said = process.said.iter();
        let said = said.find(|said| said.operation == id.index)?;
        let text = said.text.trim().replace('\n', " ");
        (!text.is_empty()).then(|| cut(&text))
    }

    fn stderr(&self) -> Vec<(String, String)> {
        let processes = self.evidence.permutation.plan.processes.iter();
        processes
            .zip(&self.evidence.history.processes)
            .filter(|(_, history)| !history.stderr.is_empty())
            .map(|(process, history)| (process.name(), extract(&history.stderr)))
            .collect()
    }

    /// For each shown message with wrong bytes, where they begin.
    fn notes(&mut self, shown: &[OperationId]) -> Vec<String> {
        let mut notes = Vec::new();
        for id in shown {
            let process = &self.evidence.history.processes[id.process];
            let asides = process.asides.iter();
            for aside in asides.filter(|aside| aside.operation == id.index) {
                let text = self.names.operation(*id);
                let bytes = hex::encode(&aside.bytes[..aside.bytes.len().min(SHOWN_BYTES)]);
                let offset = aside.offset;
                notes.push(format!("{text} is wrong from byte {offset} on: 0x{bytes}…"));
            }
        }
        notes
    }
}

/// Returns the first lines of a panic, or else the last lines before a backtrace, each cut if it is long.
fn extract(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let is_kept = |line: &&str| !line.starts_with("stack backtrace:");
    let lines: Vec<&str> = text.lines().take_while(is_kept).collect();
    let panic = lines.iter().position(|line| line.contains("panicked at"));
    let first = panic.unwrap_or(lines.len().saturating_sub(STDERR_LINES));
    let shown = lines[first..].iter().take(STDERR_LINES);
    shown.map(|line| cut(line)).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
