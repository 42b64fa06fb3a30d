//! Which processes the harness stopped, and when.

use std::collections::BTreeMap;

use crate::history::Stop;
use crate::os::clock;
use crate::plan::ProcessIndex;

/// The pauses of a run.
#[derive(Debug, Default)]
pub(super) struct Stops {
    all: Vec<Stop>,
    /// For each stopped process, the index of its pause in `all`.
    under_way: BTreeMap<ProcessIndex, usize>,
}

impl Stops {
    pub(super) fn is_stopped(&self, process: ProcessIndex) -> bool {
        self.under_way.contains_key(&process)
    }

    /// A process is stopped from now on.
    pub(super) fn begin(&mut self, process: ProcessIndex) {
        self.under_way.insert(process, self.all.len());
        self.all.push(Stop {
            process,
            from: clock::now(),
            until: None,
        });
    }

    /// A process is about to be continued or killed. Returns whether it was stopped.
    pub(super) fn end(&mut self, process: ProcessIndex) -> bool {
        let stop = self.under_way.remove(&process);
        if let Some(stop) = stop {
            self.all[stop].until = Some(clock::now());
        }
        stop.is_some()
    }

    /// A process is gone.
    pub(super) fn gone(&mut self, process: ProcessIndex) {
        self.under_way.remove(&process);
    }

    /// Takes all pauses, for the history.
    pub(super) fn take(&mut self) -> Vec<Stop> {
        std::mem::take(&mut self.all)
    }
}
