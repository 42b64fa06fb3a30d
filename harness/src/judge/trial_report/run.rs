//! What every process of a run did and saw, as reports show it.

use serde::{Deserialize, Serialize};

use crate::backend::{Outcome, RawError};
use crate::history::{Ending, Exit, OperationKind, Residue, Stop};
use crate::plan::{InjectionPoint, ProcessIndex, Start};

/// The history of one run, in words and without long contents.
///
/// Times are in nanoseconds since the run's first operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordedRun {
    /// How it ended.
    #[serde(default, skip_serializing_if = "is_completed")]
    pub ending: Ending,
    /// When the harness ended it, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<u64>,
    /// What a sweep did to a process at which operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<InjectionPoint>,
    /// The steps of the operations.
    pub steps: Vec<RecordedStep>,
    /// The processes, in plan order.
    pub processes: Vec<RecordedProcess>,
    /// The times for which processes were stopped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stops: Vec<Stop>,
    /// What was still there after all processes had exited.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub residue: Vec<Residue>,
    /// How many operations were left out, because a log shows only some of a long run.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: usize,
}

/// What one process did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordedProcess {
    /// Its name, such as `producer` or `producer#1`.
    pub name: String,
    /// Its start method.
    pub start: Start,
    /// The process that started it; none if the harness did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starter: Option<ProcessIndex>,
    /// How it exited; none if it never started.
    pub exit: Option<Exit>,
    /// The first lines of a panic, or else the last lines of its standard error.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stderr: String,
    /// Its operations, in the order in which they started. Findings name one by its index among all
    /// of them, also those that were left out.
    pub operations: Vec<RecordedOperation>,
}

/// What operations of one step have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RecordedStep {
    /// The step in words, such as `send p.tx` or `poll p.rx for at most 50ms`.
    pub text: String,
    /// The kind of its operations.
    pub kind: OperationKind,
    /// The end that they use, such as `p.tx`, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// Where the step is in the case file, in bytes; none for the exit after the last step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<(usize, usize)>,
}

/// The recorded begin and end of one operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordedOperation {
    /// How many operations of its process were left out just before it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skipped: usize,
    /// The index of its step in [`RecordedRun::steps`].
    pub step: usize,
    /// Its thread: 0 outside `threads`.
    #[serde(default, skip_serializing_if = "is_first")]
    pub thread: u16,
    /// The item that it put or got, or the number that a queue returned. A long one is shortened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// When it started.
    pub start: u64,
    /// When it returned; none if it never did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned: Option<u64>,
    /// Its outcome. Left out if it is ok; pending if the operation never returned.
    #[serde(default = "ok", skip_serializing_if = "is_ok")]
    pub outcome: Outcome,
    /// The error's name and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<RawError>,
    /// The library's own words for the failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
}

fn is_completed(ending: &Ending) -> bool {
    *ending == Ending::Completed
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

fn is_first(thread: &u16) -> bool {
    *thread == 0
}

fn ok() -> Outcome {
    Outcome::Ok
}

fn is_ok(outcome: &Outcome) -> bool {
    *outcome == Outcome::Ok
}
