//! Labels of steps, and the `await` steps that name them.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{Action, Event, Process, Step, StepId};

/// The labels of the steps built so far, and the `await` steps that wait for labelled steps.
#[derive(Default)]
pub(super) struct StepLabels<'c> {
    steps: BTreeMap<&'c str, Vec<StepId>>,
    awaits: BTreeMap<StepId, (LabelEvent, &'c str)>,
}

/// Makes the event of an `await` from the steps that have the label.
pub(super) type LabelEvent = fn(Vec<StepId>) -> Event;

impl<'c> StepLabels<'c> {
    /// Adds a step with this label.
    pub(super) fn give(&mut self, label: &'c str, step: StepId) {
        self.steps.entry(label).or_default().push(step);
    }

    /// Adds an `await` step. Steps with the label may still follow, so [`StepLabels::resolve`] fills in
    /// its event.
    pub(super) fn wait_for(&mut self, label: &'c str, event: LabelEvent, step: StepId) {
        self.awaits.insert(step, (event, label));
    }

    /// Fills in the event of each `await` step, and marks the steps that it waits for as watched. Called
    /// after all steps are built.
    pub(super) fn resolve(&self, processes: &mut [Process]) {
        let awaited = self.awaits.values();
        let watched: BTreeSet<StepId> = awaited
            .flat_map(|(_, label)| self.steps.get(label).into_iter().flatten())
            .copied()
            .collect();
        for process in processes {
            self.resolve_steps(&mut process.steps, &watched);
        }
    }

    fn resolve_steps(&self, steps: &mut [Step], watched: &BTreeSet<StepId>) {
        for step in steps {
            step.watched = watched.contains(&step.id);
            if let Action::Await { event } = &mut step.action
                && let Some((make_event, label)) = self.awaits.get(&step.id)
            {
                *event = make_event(self.steps.get(label).cloned().unwrap_or_default());
            }
            for nested in step.inside_mut() {
                self.resolve_steps(nested, watched);
            }
        }
    }
}
