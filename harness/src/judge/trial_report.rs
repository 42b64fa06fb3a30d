//! The report of one permutation on one backend: the judge's result, and the only thing that event
//! log and reports are made of.

use serde::{Deserialize, Serialize};

use crate::backend::{Capability, Outcome, RawError};
use crate::judge::Finding;

mod clause;
mod name;
mod page;
mod run;
mod wait_for;

pub use clause::{Break, Verdict};
pub(crate) use clause::{ClauseVerdict, FileLine};
pub use name::TrialName;
pub(crate) use page::{AlsoBroken, FailurePage, ShownEvent};
pub(crate) use run::{RecordedOperation, RecordedProcess, RecordedRun, RecordedStep};
pub use wait_for::{Hang, WaitFor};
pub(crate) use wait_for::{HangCause, PendingOperation};

/// The result of one trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialReport {
    /// The trial's name.
    pub name: TrialName,
    /// The worst of its clauses' verdicts.
    pub verdict: Verdict,
    /// The reason for the verdict, unless it passed or a page gives the reason.
    pub why: Option<String>,
    /// Whether the verdict is unknown because the machine was too slow; then `why` has the figures.
    #[serde(default)]
    pub too_slow: bool,
    /// One verdict for each clause that the case lists, in its order, then others that broke.
    pub clauses: Vec<ClauseVerdict>,
    /// Everything that invariants reported.
    pub findings: Vec<Finding>,
    /// One page for each fault, with the clauses that it breaks.
    pub failures: Vec<FailurePage>,
    /// The errors that operations returned, each once for each step that returned it, in the order
    /// of processes and their operations.
    #[serde(default)]
    pub errors: Vec<ReturnedError>,
    /// Which processes waited for which others, if the harness had to end the run.
    #[serde(default)]
    pub wait_for: Option<WaitFor>,
    /// What every process did and saw. None for a trial that wasn't run, for a property that held, which
    /// is many runs, and in logs of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RecordedRun>,
    /// The permutation's transcript.
    pub transcript: String,
    /// Capabilities that the permutation needed and that the adapter adds to the library. A pass
    /// that needs these doesn't count for the library.
    pub composed: Vec<Capability>,
    /// What each process wrote to its standard output, by name, in plan order.
    pub stdout: Vec<(String, Vec<u8>)>,
    /// How many operations were recorded.
    pub operations: u64,
    /// How long, in nanoseconds, the run only waited for time limits of its case, or for an event
    /// that is expected never to happen.
    #[serde(default)]
    pub waited: u64,
    /// The smallest failing instance of a property, as a case file of its own.
    #[serde(default)]
    pub instance: Option<Instance>,
    /// How long it took, in nanoseconds.
    pub elapsed: u64,
    /// When the harness may have begun to end processes, if it had to. For mutants; no log has it.
    #[serde(skip)]
    pub(crate) ended: Option<u64>,
}

/// An error that operations of a step returned, whether or not the case expects it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ReturnedError {
    /// The process's name, without its number if it has replicas.
    pub process: String,
    /// The step, as in `recv p.rx`.
    pub step: String,
    /// The outcome, in the words of the case language.
    pub outcome: Outcome,
    /// The error's name and number from the operating system or the library.
    pub raw: RawError,
}

/// The smallest known instance of a property that breaks it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// A whole case file.
    pub text: String,
    /// The number of the run, from 1, in which an instance first broke the property.
    pub found: u64,
    /// How many runs were planned.
    pub of: u64,
    /// In how many of the [`Instance::tried`] runs the smallest instance broke the same clause.
    pub broke: u64,
    /// How many times the smallest instance was run again.
    pub tried: u64,
}
