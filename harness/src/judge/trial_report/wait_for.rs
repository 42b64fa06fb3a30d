//! Which processes waited for which others in a run that the harness had to end.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::history::{KernelView, OperationId};
use crate::plan::ProcessIndex;

/// The report of a hang: which operations waited, for which processes, and why they never returned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitFor {
    /// Why nothing moved, as far as the history shows it. At least one, the most certain first.
    pub causes: Vec<HangCause>,
    /// One entry for each operation that had not returned, in plan order.
    pub waits: Vec<PendingOperation>,
}

impl WaitFor {
    /// Returns the kind of its most certain cause.
    pub fn hang(&self) -> Hang {
        let first = self.causes.first();
        first.map_or(Hang::Unexplained, |cause| cause.hang)
    }
}

/// A kind of hang.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hang {
    /// Processes wait for one another in a circle.
    Deadlock,
    /// A process waits for one that has exited or was killed, or for something that it held.
    DeadPeer,
    /// A process waits for one that is stopped.
    StoppedPeer,
    /// What an operation waits for is there, but the operation doesn't return.
    LostWakeUp,
    /// The history doesn't show why.
    Unexplained,
}

impl Hang {
    /// Returns its words in reports.
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
pub struct HangCause {
    /// The kind of hang.
    pub hang: Hang,
    /// The evidence, as a sentence without a full stop.
    pub what: String,
    /// The operations that the sentence mentions; those of a circle are in its order.
    pub operations: Vec<OperationId>,
}

/// One operation that had not returned when the harness ended the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingOperation {
    /// The process, or the thread of one, as in `main/1`.
    pub process: String,
    /// The operation.
    pub operation: OperationId,
    /// The operation in words, as in `get q`.
    pub text: String,
    /// The operation's number, from 1, among those of its process or thread.
    pub place: usize,
    /// When it started, in nanoseconds since the run's first operation.
    pub since: u64,
    /// How long it had lasted, in nanoseconds, when the harness ended the run.
    pub lasted: u64,
    /// The processes that could have let it return: any of them, or all if it waits for each.
    pub awaited: Vec<ProcessIndex>,
    /// What it waited for those processes to do, and whether they could, as in `, for producer to
    /// put`. Empty if the operation's own words say it.
    pub whom: String,
    /// What the operating system reported about its thread and the library's own threads.
    pub kernel: Vec<KernelView>,
    /// The same in words, as in `in read(2) on fd 5, a pipe`.
    pub seen: Vec<String>,
}
