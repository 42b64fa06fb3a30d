//! Which process each operation of a `start` or `join` step is about: such a step makes one operation for each
//! of its processes, in their order.

use std::collections::BTreeMap;

use crate::plan::{ProcessIndex, StepId};

/// How many operations of each such step there were so far.
#[derive(Debug, Default)]
pub(crate) struct StepTurns(BTreeMap<(ProcessIndex, StepId), usize>);

impl StepTurns {
    /// Returns the process that the next operation of this step is about. `others` are the step's.
    pub(crate) fn next(
        &mut self,
        process: ProcessIndex,
        step: StepId,
        others: &[ProcessIndex],
    ) -> Option<ProcessIndex> {
        let turn = self.0.entry((process, step)).or_insert(0);
        let place = turn.checked_rem(others.len())?;
        *turn += 1;
        others.get(place).copied()
    }
}
