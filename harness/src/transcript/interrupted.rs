//! Items that were being put when whoever put them was killed: some libraries have them come all the
//! same, at times, and either is right.

use std::collections::HashSet;

use super::section::ByStep;
use crate::content::Content;
use crate::permutation::{ExpectedExit, Permutation};
use crate::plan::{Action, Event, Plan, ProcessIndex, StepId, flat};

/// What may have come or not, by channel.
#[derive(Debug, Default)]
pub(super) struct Interrupted(HashSet<(usize, Content)>);

impl Interrupted {
    pub(super) fn of(permutation: &Permutation, operations: &ByStep<'_>) -> Interrupted {
        let plan = &permutation.plan;
        let victims = (0..plan.processes.len())
            .filter(|process| permutation.exits[*process] == ExpectedExit::Killed);
        let steps = victims.flat_map(|victim| surely_inside(plan, victim));
        let operations = steps.filter_map(|step| operations.get(&step)).flatten();
        let contents = operations.filter_map(|(_, operation)| {
            let content = operation.content.filter(|_| operation.is_pending())?;
            Some((operation.end?.channel, content))
        });
        Interrupted(contents.collect())
    }

    pub(super) fn may_come(&self, channel: usize, content: Content) -> bool {
        self.0.contains(&(channel, content))
    }
}

/// The steps that whoever kills the process saw it blocked in before.
fn surely_inside(plan: &Plan, victim: ProcessIndex) -> Vec<StepId> {
    let mut inside = Vec::new();
    for killer in &plan.processes {
        let mut blocked: Vec<StepId> = Vec::new();
        for step in flat(&killer.steps) {
            match &step.action {
                Action::Await {
                    event: Event::Blocked(steps),
                } => blocked.extend(steps),
                Action::Kill { processes } if processes.contains(&victim) => {
                    inside.append(&mut blocked);
                }
                _ => {}
            }
        }
    }
    let own: HashSet<StepId> = flat(&plan.processes[victim].steps)
        .into_iter()
        .filter(|step| matches!(step.action, Action::Put { .. }))
        .map(|step| step.id)
        .collect();
    inside.retain(|step| own.contains(step));
    inside
}
