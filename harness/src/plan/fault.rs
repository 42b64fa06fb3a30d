//! What happens to processes that isn't their own doing, and how they crash by their own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ProcessIndex;

/// A fault at one operation of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FaultPoint {
    /// To whom.
    pub process: ProcessIndex,
    /// At which of its operations on ends, from 0.
    pub operation: u64,
    /// When, around that operation.
    pub moment: Moment,
    /// What.
    pub fault: Fault,
}

/// When, around an operation, a fault comes.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// Before it starts.
    Before,
    /// When it has returned.
    After,
    /// While it is blocked.
    Inside,
}

impl Moment {
    /// The word for it in case files and permutations' names.
    pub fn word(self) -> &'static str {
        match self {
            Moment::Before => "before",
            Moment::After => "after",
            Moment::Inside => "inside",
        }
    }
}

/// What a sweep does to a process.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// Kills it.
    Kill,
    /// Pauses it, until nothing else moves any more.
    Pause,
}

impl Fault {
    /// The word for it in case files and permutations' names.
    pub fn word(self) -> &'static str {
        match self {
            Fault::Kill => "kill",
            Fault::Pause => "pause",
        }
    }
}

/// How a process crashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Crash {
    /// It kills itself.
    Kill,
    /// It aborts.
    Abort,
    /// It exits with code 1 and runs nothing more: no destructor, no handler.
    Exit,
}

impl Crash {
    /// The code with which [`Crash::Exit`] exits.
    pub const CODE: i32 = 1;

    /// The word for it in case files.
    pub fn word(self) -> &'static str {
        match self {
            Crash::Kill => "kill",
            Crash::Abort => "abort",
            Crash::Exit => "exit",
        }
    }
}
