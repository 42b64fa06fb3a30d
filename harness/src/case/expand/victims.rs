//! The processes that may be killed, so that nothing is certain of them.

use std::collections::BTreeSet;

use crate::case::model::Case;
use crate::plan::{Action, Injection, Plan, ProcessIndex};

/// The processes that may be killed.
pub(super) struct Victims {
    /// By a step.
    killed: BTreeSet<ProcessIndex>,
    /// By the sweep, at any of their operations.
    swept: BTreeSet<ProcessIndex>,
}

impl Victims {
    pub(super) fn of(case: &Case, plan: &Plan) -> Victims {
        let kills = plan.steps().filter_map(|(_, step)| match &step.action {
            Action::Kill { processes, .. } => Some(processes),
            _ => None,
        });
        let sweep = case.sweep.iter().find(|one| one.fault == Injection::Kill);
        let victim = sweep.map(|sweep| sweep.process.process.as_str());
        let processes = plan.processes.iter().enumerate();
        let swept = processes.filter(|(_, process)| victim == Some(process.group.as_str()));
        Victims {
            killed: kills.flatten().copied().collect(),
            swept: swept.map(|(index, _)| index).collect(),
        }
    }

    /// Returns whether the process may be killed.
    pub(super) fn include(&self, process: ProcessIndex) -> bool {
        self.killed.contains(&process) || self.is_swept(process)
    }

    /// Returns whether the sweep may kill the process.
    pub(super) fn is_swept(&self, process: ProcessIndex) -> bool {
        self.swept.contains(&process)
    }
}
