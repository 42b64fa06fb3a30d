//! Faults that a sweep injects into a process, and crashes that a process causes itself.

use macro_rules_attribute::apply;
use serde::{Deserialize, Serialize};

use super::{Plan, ProcessIndex};
use crate::backend::with_schema;

/// A fault that a sweep injects at one operation of one process.
#[apply(with_schema)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InjectionPoint {
    /// The process.
    pub process: ProcessIndex,
    /// The index among its operations on ends, from 0. Of the moments while it runs, the number.
    pub operation: u64,
    /// When, relative to that operation.
    pub moment: Moment,
    /// What happens to the process.
    pub fault: Injection,
}

/// When a fault is injected, relative to an operation.
#[apply(with_schema)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// Before it starts.
    Before,
    /// After it has returned.
    After,
    /// While it is blocked.
    Inside,
    /// At a random moment after the process has begun its first operation on an end.
    Running,
}

impl InjectionPoint {
    /// Returns the index of the operation on an end from whose start on the fault may happen.
    pub(crate) fn first_exposed(&self) -> u64 {
        match self.moment {
            Moment::Running => 0,
            Moment::Before | Moment::After | Moment::Inside => self.operation,
        }
    }

    /// Whether the harness brings it about, and not the process itself.
    pub(crate) fn is_from_outside(&self) -> bool {
        matches!(self.moment, Moment::Inside | Moment::Running)
    }
}

impl Plan {
    /// Returns the process that a sweep kills at a random moment, which is another one in every run.
    pub(crate) fn killed_at_random(&self) -> Option<ProcessIndex> {
        let point = self.fault?;
        let is_random = point.fault == Injection::Kill && point.moment == Moment::Running;
        is_random.then_some(point.process)
    }
}

impl Moment {
    /// Every moment.
    pub(crate) const ALL: [Moment; 4] = [
        Moment::Before,
        Moment::After,
        Moment::Inside,
        Moment::Running,
    ];

    /// Returns the word for it in case files and names of permutations.
    pub fn word(self) -> &'static str {
        match self {
            Moment::Before => "before",
            Moment::After => "after",
            Moment::Inside => "inside",
            Moment::Running => "running",
        }
    }
}

/// A fault that a sweep injects.
#[apply(with_schema)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Injection {
    /// Kill the process.
    Kill,
    /// Suspend the process until no other process makes progress.
    Pause,
}

impl Injection {
    /// Returns the word for it in case files and names of permutations.
    pub fn word(self) -> &'static str {
        match self {
            Injection::Kill => "kill",
            Injection::Pause => "pause",
        }
    }
}

/// How a process crashes.
#[apply(with_schema)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Crash {
    /// It kills itself.
    Kill,
    /// It aborts.
    Abort,
    /// It exits with code 1, without running destructors or exit handlers.
    Exit,
}

impl Crash {
    /// The exit code of [`Crash::Exit`].
    pub const CODE: i32 = 1;

    /// Returns the word for it in case files.
    pub fn word(self) -> &'static str {
        match self {
            Crash::Kill => "kill",
            Crash::Abort => "abort",
            Crash::Exit => "exit",
        }
    }
}
