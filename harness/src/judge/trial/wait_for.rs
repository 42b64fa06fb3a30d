//! Who waits for whom in a run that came to no end.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::history::{KernelView, OperationId};
use crate::plan::ProcessIndex;

/// The report of a run that the harness had to end: who waited for whom, and why that was for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitFor {
    /// Why nothing moved, as far as the history shows it; at least one, what is most certain first.
    pub causes: Vec<Cause>,
    /// One for each operation that was under way, in plan order.
    pub waits: Vec<Waiting>,
}

impl WaitFor {
    /// What sort of hang it was.
    pub fn hang(&self) -> Hang {
        let first = self.causes.first();
        first.map_or(Hang::Unexplained, |cause| cause.hang)
    }
}

/// A sort of hang.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hang {
    /// Some wait for one another in a circle, so none of them ever goes on.
    Deadlock,
    /// Somebody waits for one who is gone, or who took along what is needed.
    DeadPeer,
    /// Somebody waits for one who was stopped.
    StoppedPeer,
    /// Somebody could go on: what it waits for is there, and nobody wakes it.
    LostWakeUp,
    /// The history doesn't show why.
    Unexplained,
}

impl Hang {
    /// The words for it in reports.
    pub fn words(self) -> &'static str {
        match self {
            Hang::Deadlock => "deadlock",
            Hang::DeadPeer => "dead peer",
            Hang::StoppedPeer => "stopped peer",
            Hang::LostWakeUp => "lost wake-up",
            Hang::Unexplained => "unexplained",
        }
    }
}

impl fmt::Display for Hang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// One reason why nothing moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// Of which sort.
    pub hang: Hang,
    /// What shows it, as a sentence without its full stop.
    pub what: String,
    /// The operations that it is about: of a circle, in its order.
    pub operations: Vec<OperationId>,
}

/// One operation that was under way when the harness ended the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Whose: a process, or a thread of one, as in `main/1`.
    pub process: String,
    /// Which operation.
    pub operation: OperationId,
    /// What it is, as in `get q`.
    pub text: String,
    /// Which of its process's operations, or of its thread's, from 1.
    pub place: usize,
    /// When it began, in nanoseconds since the run's first operation.
    pub since: u64,
    /// How long it had lasted, in nanoseconds, when the harness ended the run.
    pub lasted: u64,
    /// The processes that could have let it return: any of them, or all where it waits for each.
    pub awaited: Vec<ProcessIndex>,
    /// For whom it waited to do what, and how those stood, as in `for producer to put`; empty where
    /// the operation says it itself.
    pub whom: String,
    /// What the operating system said of its thread, and of the library's own threads there.
    pub kernel: Vec<KernelView>,
    /// The same in words, each as in `in read(2) on fd 5, a pipe`.
    pub seen: Vec<String>,
}
