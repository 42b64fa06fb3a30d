//! What the operating system or the library called the errors of a run.

use std::collections::HashMap;

use super::words;
use crate::invariant::Evidence;
use crate::outcome::Outcome;
use crate::plan::{Step, StepId};
use crate::trial::ReturnedError;

/// Every error that came with a name or a number, each sort of them once for each step that came to
/// it, in the order of processes and their operations.
pub fn returned_errors(evidence: &Evidence<'_>) -> Vec<ReturnedError> {
    let plan = &evidence.permutation.plan;
    let failed: Vec<_> = evidence
        .history
        .operations()
        .filter_map(|(id, operation)| Some((id, operation, operation.raw?)))
        .collect();
    if failed.is_empty() {
        return Vec::new();
    }
    let steps: HashMap<StepId, &Step> = plan.steps().map(|(_, step)| (step.id, step)).collect();
    let mut errors: Vec<ReturnedError> = Vec::new();
    for (id, operation, raw) in failed {
        let step = steps.get(&operation.step).copied();
        let error = ReturnedError {
            process: plan.processes[id.process].group.clone(),
            step: words::step(evidence, step, id),
            outcome: operation.outcome.unwrap_or(Outcome::Pending),
            raw,
        };
        if !errors.contains(&error) {
            errors.push(error);
        }
    }
    errors
}
