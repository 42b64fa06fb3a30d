//! The state of a process when the harness ended the run.

use crate::history::{Exit, Operation, OperationKind};
use crate::judge::invariant::Evidence;
use crate::plan::{NO_STEP, ProcessIndex};

/// Whether a process could still do something when the harness ended the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProcessState {
    Alive,
    Stopped,
    Killed,
    Exited,
    NeverStarted,
}

impl ProcessState {
    pub(crate) fn of(evidence: &Evidence<'_>, process: ProcessIndex) -> ProcessState {
        let history = &evidence.history.processes[process];
        let leaves = |op: &Operation| op.step == NO_STEP && op.is_pending();
        let left = |op: &Operation| {
            op.step == NO_STEP && op.kind == OperationKind::Exit && !op.is_pending()
        };
        match history.exit {
            None => ProcessState::NeverStarted,
            Some(Exit::Killed) => ProcessState::Killed,
            // Its exit wasn't seen: the process that started it had exited, or didn't join it yet.
            Some(Exit::Ended) if history.operations.last().is_some_and(left) => {
                ProcessState::Exited
            }
            Some(Exit::Ended) if evidence.is_stopped(process) => ProcessState::Stopped,
            Some(Exit::Ended) => ProcessState::Alive,
            // Its exit returned only after the harness had ended other processes.
            Some(_) if history.operations.last().is_some_and(leaves) => ProcessState::Alive,
            Some(_) => ProcessState::Exited,
        }
    }

    /// Whether the process will never do anything again.
    pub(crate) fn is_gone(self) -> bool {
        matches!(
            self,
            ProcessState::Killed | ProcessState::Exited | ProcessState::NeverStarted
        )
    }

    /// Returns the state as the end of a sentence; empty for a process that is alive.
    pub(crate) fn words(self) -> &'static str {
        match self {
            ProcessState::Alive => "",
            ProcessState::Stopped => "is stopped",
            ProcessState::Killed => "was killed",
            ProcessState::Exited => "has exited",
            ProcessState::NeverStarted => "was never started",
        }
    }
}
