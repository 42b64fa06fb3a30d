//! Checks that a run has no more operations than its processes can record and the judges can hold.

use crate::case::limits::OPERATIONS;
use crate::case::{Diagnostic, Diagnostics};
use crate::plan::{Action, Expected, Limit, Plan, Source, Step, StepId};

/// Adds a mistake if the plan has too many operations, at the step with the most of them.
pub(super) fn few(plan: &Plan, expected: &[Expected], errors: &mut Diagnostics) {
    let mut count = OperationCount::default();
    for process in &plan.processes {
        count.add(&process.steps, 1);
    }
    if let Some((_, step)) = count.largest
        && count.all > OPERATIONS
    {
        let position = expected[step as usize].span.clone().into();
        let message = format!(
            "a run can have at most {OPERATIONS} operations, and this one has {}",
            in_words(count.all)
        );
        errors.push(Diagnostic::new(position, message).help("lower the `count` here"));
    }
}

fn in_words(count: u64) -> String {
    match count {
        u64::MAX => "more than can be counted".to_owned(),
        count => count.to_string(),
    }
}

#[derive(Default)]
struct OperationCount {
    all: u64,
    /// The step with the most operations.
    largest: Option<(u64, StepId)>,
}

impl OperationCount {
    /// Counts the operations of these steps, which run this number of times.
    fn add(&mut self, steps: &[Step], times: u64) {
        for step in steps {
            let (own, inside) = match &step.action {
                Action::Put { source, .. } => (items(source), 0),
                Action::Get { limit, .. } => match limit {
                    Limit::Count(count) => (*count, *count),
                    // Unknown, but not more than are sent.
                    Limit::Until(_) => (1, 1),
                },
                // A round that does nothing takes time nevertheless.
                Action::Repeat { count, .. } => (*count, *count),
                _ => (1, 1),
            };
            let own = own.saturating_mul(times);
            self.all = self.all.saturating_add(own);
            if self.largest.is_none_or(|(most, _)| most < own) {
                self.largest = Some((own, step.id));
            }
            for steps in step.inside() {
                self.add(steps, inside.saturating_mul(times));
            }
        }
    }
}

fn items(source: &Source) -> u64 {
    match source {
        Source::Items(items) => items.len() as u64,
        Source::Count { count, .. } => *count,
    }
}
