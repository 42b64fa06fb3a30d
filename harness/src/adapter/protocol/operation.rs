//! The two messages that report an operation.

use macro_rules_attribute::apply;
use serde::{Deserialize, Serialize};

use super::parts::RunNumber;
use crate::backend::{Outcome, with_schema};
use crate::history::OperationKind;
use crate::plan::{End, Item, ProcessIndex, StepId};

/// The begin of an operation, sent before the call.
#[apply(with_schema)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OperationBegan {
    /// The number of the run.
    pub run: RunNumber,
    /// The process.
    pub process: ProcessIndex,
    /// The thread: 0 outside `threads` steps, otherwise counted from 1.
    #[serde(default)]
    pub thread: u16,
    /// The number of the operation: a process counts its operations from 0, in the order in which they
    /// begin.
    pub operation: usize,
    /// The step that the operation belongs to; [`crate::plan::NO_STEP`] for the exit after the last
    /// step.
    pub step: StepId,
    /// The kind of operation.
    pub kind: OperationKind,
    /// The end that the operation uses, if any.
    #[serde(default)]
    pub end: Option<End>,
    /// The time, in nanoseconds of the machine's monotonic clock.
    pub at: u64,
    /// The item, if the operation puts one.
    #[serde(default)]
    pub item: Option<Item>,
    /// Whether the operation has a timeout.
    #[serde(default)]
    pub timed: bool,
    /// The text, if the operation prints one, without its line break.
    #[serde(default)]
    pub text: Option<String>,
}

/// The end of an operation, sent after the call.
#[apply(with_schema)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OperationReturned {
    /// The number of the run.
    pub run: RunNumber,
    /// The process.
    pub process: ProcessIndex,
    /// The number of the operation, as in `began`.
    pub operation: usize,
    /// The time, in nanoseconds of the machine's monotonic clock.
    pub at: u64,
    /// The outcome.
    pub outcome: Outcome,
    /// The item, if the operation received one.
    #[serde(default)]
    pub item: Option<Item>,
    /// The library's error, if the outcome isn't ok.
    #[serde(default)]
    pub error: Option<LibraryError>,
    /// At the exit after the last step, with every end closed: how many more descriptors (Unix) or handles
    /// (Windows) the process has open than before its first end, if the adapter counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handles: Option<u64>,
}

/// A library's error.
#[apply(with_schema)]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LibraryError {
    /// The error's name in the library's language, such as `EOFError`.
    #[serde(default)]
    pub kind: Option<String>,
    /// `errno`, `GetLastError`, or a number of the library's own.
    #[serde(default)]
    pub code: Option<i32>,
    /// The error's message.
    #[serde(default)]
    pub message: Option<String>,
    /// Whether the operation certainly had no effect.
    #[serde(default)]
    pub definite: bool,
}
