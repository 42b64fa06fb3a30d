//! The history of a run as the event log keeps it: in words, and of a long run only a part.

use std::collections::{BTreeSet, HashMap};

use super::Explainer;
use crate::backend::Outcome;
use crate::history::{Operation, OperationId, OperationKind, Stop};
use crate::judge::trial_report::{RecordedOperation, RecordedProcess, RecordedRun, RecordedStep};
use crate::judge::wording;
use crate::plan::StepId;

/// How many operations of one run are kept at most, except for the first and the last of each process.
const MOST: usize = 400;

/// How many of the operations that prove a finding are kept at most.
const MOST_PROOFS: usize = MOST / 2;

impl Explainer<'_> {
    /// Returns the history in words. Of a long run, it has the operations that prove something, in
    /// the order of `proofs`, and the first and the last.
    pub(in crate::judge) fn recording(&mut self, proofs: &[OperationId]) -> RecordedRun {
        let history = self.evidence.history;
        let plan = &self.evidence.permutation.plan;
        let origin = self.origin;
        let kept = kept(self.all(), proofs);
        let mut steps = Steps::default();
        let mut shown = 0;
        let mut processes = Vec::new();
        for (index, (process, recorded)) in
            plan.processes.iter().zip(&history.processes).enumerate()
        {
            let of_process = OperationId {
                process: index,
                index: 0,
            }..OperationId {
                process: index + 1,
                index: 0,
            };
            let mut next = 0;
            let operations = kept.range(of_process).map(|id| {
                let skipped = id.index - next;
                next = id.index + 1;
                self.recorded(*id, skipped, &mut steps)
            });
            let operations: Vec<RecordedOperation> = operations.collect();
            shown += operations.len();
            processes.push(RecordedProcess {
                name: process.name(),
                start: process.start,
                starter: process.starter,
                exit: recorded.exit,
                stderr: super::extract(&recorded.stderr),
                operations,
            });
        }
        let since = |time: u64| time.saturating_sub(origin);
        RecordedRun {
            ending: history.ending,
            ended: history.ended.map(since),
            fault: plan.fault,
            steps: steps.steps,
            processes,
            stops: history
                .stops
                .iter()
                .map(|stop| Stop {
                    from: since(stop.from),
                    until: stop.until.map(since),
                    ..*stop
                })
                .collect(),
            residue: history.residue.clone(),
            left_out: history.operations().count() - shown,
        }
    }

    /// Returns all operations, in the order in which they started.
    fn all(&self) -> Vec<OperationId> {
        let history = self.evidence.history;
        let mut all: Vec<OperationId> = history.operations().map(|(id, _)| id).collect();
        all.sort_by_key(|id| (history.operation(*id).start, *id));
        all
    }

    fn recorded(
        &mut self,
        id: OperationId,
        skipped: usize,
        steps: &mut Steps,
    ) -> RecordedOperation {
        let evidence = self.evidence;
        let operation = evidence.operation(id);
        let step = steps.index_of(operation, || RecordedStep {
            text: wording::timed_step(evidence, id),
            kind: operation.kind,
            end: operation
                .end
                .map(|end| evidence.permutation.plan.end_name(end)),
            span: evidence
                .expected(operation)
                .map(|expected| (expected.span.start, expected.span.end)),
        });
        RecordedOperation {
            skipped,
            step,
            thread: operation.thread,
            item: self.recorded_item(operation),
            start: operation.start - self.origin,
            returned: operation.returned.map(|returned| returned - self.origin),
            outcome: operation.outcome.unwrap_or(Outcome::Pending),
            raw: operation.raw,
            said: self.said(id),
        }
    }

    fn recorded_item(&mut self, operation: &Operation) -> Option<String> {
        match (operation.kind, operation.end, operation.content) {
            (OperationKind::Put | OperationKind::Get, Some(end), Some(content)) => {
                Some(self.names.item(end.channel, content))
            }
            _ => operation.size().map(|size| size.to_string()),
        }
    }
}

/// The steps so far, each once.
#[derive(Default)]
struct Steps {
    steps: Vec<RecordedStep>,
    /// By what the words of a step follow from.
    known: HashMap<(StepId, OperationKind, Option<crate::plan::End>), usize>,
}

impl Steps {
    fn index_of(&mut self, operation: &Operation, step: impl FnOnce() -> RecordedStep) -> usize {
        let key = (operation.step, operation.kind, operation.end);
        *self.known.entry(key).or_insert_with(|| {
            self.steps.push(step());
            self.steps.len() - 1
        })
    }
}

/// Returns which operations are kept: of `all`, which are in the order of their starts, those that
/// prove something, the first and the last of each process, and the first and the last of the run.
fn kept(all: Vec<OperationId>, proofs: &[OperationId]) -> BTreeSet<OperationId> {
    if all.len() <= MOST {
        return all.into_iter().collect();
    }
    let mut kept: BTreeSet<OperationId> = proofs.iter().copied().take(MOST_PROOFS).collect();
    let (mut first, mut last) = (HashMap::new(), HashMap::new());
    for id in &all {
        first.entry(id.process).or_insert(*id);
        last.insert(id.process, *id);
    }
    kept.extend(first.into_values().chain(last.into_values()));
    let from_both_ends = all.iter().zip(all.iter().rev());
    for id in from_both_ends.flat_map(|(first, last)| [*first, *last]) {
        if kept.len() >= MOST {
            break;
        }
        kept.insert(id);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn all(processes: usize, each: usize) -> Vec<OperationId> {
        let of_process = |process| (0..each).map(move |index| OperationId { process, index });
        (0..processes).flat_map(of_process).collect()
    }

    #[test]
    fn a_short_run_is_kept_whole() {
        assert_eq!(kept(all(2, MOST / 2), &[]).len(), MOST);
    }

    proptest! {
        #[test]
        fn of_a_long_run_the_proofs_and_the_ends_are_kept(
            processes in 2_usize..6,
            each in MOST..3 * MOST,
            proofs in vec((0_usize..2, 0..MOST), 0..20),
        ) {
            let proofs: Vec<OperationId> =
                proofs.into_iter().map(|(process, index)| OperationId { process, index }).collect();
            let kept = kept(all(processes, each), &proofs);
            prop_assert!(kept.len() <= MOST);
            prop_assert!(proofs.iter().all(|id| kept.contains(id)));
            for process in 0..processes {
                for index in [0, each - 1] {
                    let id = OperationId { process, index };
                    prop_assert!(kept.contains(&id));
                }
            }
        }
    }
}
