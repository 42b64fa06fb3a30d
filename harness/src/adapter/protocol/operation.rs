//! The two messages of which an operation is made.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::RunNumber;
use crate::backend::{End, Outcome};
use crate::history::OperationKind;
use crate::plan::{Item, ProcessIndex, StepId};

/// The begin of an operation, said before the call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Began {
    /// In which run.
    pub run: RunNumber,
    /// In which process.
    pub process: ProcessIndex,
    /// On which of its threads: 0 outside `threads`, else from 1.
    #[serde(default)]
    pub thread: u16,
    /// Its number among the process's operations, from 0, in the order in which they begin.
    pub operation: usize,
    /// The step that asks for it; [`crate::plan::NO_STEP`] for the exit behind the last one.
    pub step: StepId,
    /// What kind of operation it is.
    pub kind: OperationKind,
    /// The end that it is done to, where there is one.
    #[serde(default)]
    pub end: Option<End>,
    /// When, in nanoseconds of the machine's monotonic clock.
    pub at: u64,
    /// What is put.
    #[serde(default)]
    pub item: Option<Item>,
    /// Whether it returns by itself after a time.
    #[serde(default)]
    pub timed: bool,
    /// What is printed, without its line break.
    #[serde(default)]
    pub text: Option<String>,
}

/// The end of an operation, said after the call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Returned {
    /// In which run.
    pub run: RunNumber,
    /// In which process.
    pub process: ProcessIndex,
    /// The number with which it began.
    pub operation: usize,
    /// When, in nanoseconds of the machine's monotonic clock.
    pub at: u64,
    /// What it came to.
    pub outcome: Outcome,
    /// What was got.
    #[serde(default)]
    pub item: Option<Item>,
    /// What the library said, where it isn't ok.
    #[serde(default)]
    pub error: Option<ReturnedError>,
}

/// What a library said of an operation that isn't ok.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ReturnedError {
    /// What sort of error it is, in the words of the library's language: `EOFError`.
    #[serde(default)]
    pub kind: Option<String>,
    /// `errno`, `GetLastError`, or a number of the library's own.
    #[serde(default)]
    pub code: Option<i32>,
    /// Its message.
    #[serde(default)]
    pub message: Option<String>,
    /// Whether the effect surely did not happen.
    #[serde(default)]
    pub definite: bool,
}
