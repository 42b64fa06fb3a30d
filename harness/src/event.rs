//! The event log, and results that follow from event logs.
//!
//! In: the reports of trials, from the runner. Out: events, which every report is made of;
//! comparisons and merges of logs; the program's exit code. It reads and writes no file, and knows
//! no case file and no backend.
//!
//! The first event of a log is a header, and the last one a footer. A log without a footer is
//! invalid.

use serde::{Deserialize, Serialize};

use crate::backend::{About, Capabilities, Emulation, Key, Platform, System};
use crate::judge::{TrialName, TrialReport, Verdict};

pub(crate) mod comparison;
mod exit_code;
mod meaning;
pub(crate) mod merge;
mod partition;
mod printable;
mod texts;

pub use exit_code::ExitCode;
pub(crate) use meaning::{State, about, meaning};
pub(crate) use partition::Partition;
pub(crate) use printable::printable;
pub(crate) use texts::{QuotedCase, QuotedDivergence, Texts};

/// The version of the format. A change that readers must handle increments it.
pub(crate) const VERSION: u32 = 3;

/// The oldest version that this program reads. It describes a backend in a line instead of fields.
/// Version 2 has no histories and no texts of cases.
pub(crate) const OLDEST: u32 = 1;

/// One line of the event log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
pub enum Event {
    /// The first event: the platform, the backends and the options of the run.
    Header(Header),
    /// A trial begins.
    Started {
        /// The name of the trial.
        name: TrialName,
    },
    /// A trial ended.
    Finished(Box<TrialReport>),
    /// The texts that the trials name. It comes just before the footer, if the log has them.
    Texts(Texts),
    /// The last event: counts and times of the whole run.
    Footer(Footer),
}

impl Event {
    /// Returns the report if this is the end of a trial.
    pub fn into_report(self) -> Option<TrialReport> {
        match self {
            Event::Finished(report) => Some(*report),
            _ => None,
        }
    }
}

/// The platform, the backends and the options of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// [`VERSION`].
    pub version: u32,
    /// The version of this program.
    pub program: String,
    /// The operating system.
    pub system: System,
    /// The emulator of that system, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emulation: Option<Emulation>,
    /// The architecture of the processor, such as `x86_64`; empty in logs of older versions.
    #[serde(default)]
    pub architecture: String,
    /// The operating system's kernel with its version, such as `Linux 6.1.0`; empty if unknown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kernel: String,
    /// The number of processors that the run could use; 0 if unknown.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cores: usize,
    /// When the run began, such as `2026-03-01T12:00:00Z`; empty if unknown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub date: String,
    /// The command line of the run; empty if unknown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub command: String,
    /// How to run a trial again, if the run was started by the command `run`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rerun: Option<Rerun>,
    /// The seed of random delays; 0 means no delays.
    pub seed: u64,
    /// How many trials run at once.
    pub jobs: usize,
    /// How many trials the run has.
    pub trials: usize,
    /// The part of all trials that this run has, if it has only a part.
    #[serde(default)]
    pub partition: Option<Partition>,
    /// The backends, in the order of the columns of the matrix.
    pub backends: Vec<BackendInfo>,
}

impl Header {
    /// Returns the operating system, or its emulator.
    pub fn platform(&self) -> Platform {
        Platform {
            system: self.system,
            emulation: self.emulation,
        }
    }

    /// Returns the description of this backend, if the run has it.
    pub(crate) fn backend(&self, key: &Key) -> Option<&BackendInfo> {
        self.backends.iter().find(|info| info.key == *key)
    }

    /// Returns the platform and the architecture, such as `Linux x86_64`.
    pub fn machine(&self) -> String {
        match self.architecture.as_str() {
            "" => self.platform().to_string(),
            architecture => format!("{} {architecture}", self.platform()),
        }
    }
}

/// The words around the name of a trial in a command that runs it again, quoted for a shell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rerun {
    /// The words before `run`.
    pub words: String,
    /// The options that choose more than a trial.
    pub options: Vec<String>,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// A backend as reports describe it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BackendInfo {
    /// Its key.
    pub key: Key,
    /// The library, its version, the language runtime, and how the backend uses the library.
    pub about: About,
    /// The capabilities that it declares on this system.
    pub capabilities: Capabilities,
}

/// Counts and times of a whole run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Footer {
    /// How many trials have each verdict, in the order of verdicts.
    pub counts: Vec<(Verdict, usize)>,
    /// Whether the run was interrupted before its end.
    pub interrupted: bool,
    /// How long the run took, in nanoseconds.
    pub elapsed: u64,
    /// The sum of the time that trials waited for time limits in cases, in nanoseconds.
    #[serde(default)]
    pub waited: u64,
}

impl Footer {
    /// Counts one more trial with this verdict.
    pub fn count(&mut self, verdict: Verdict) {
        let place = self
            .counts
            .binary_search_by_key(&verdict, |(known, _)| *known);
        match place {
            Ok(place) => self.counts[place].1 += 1,
            Err(place) => self.counts.insert(place, (verdict, 1)),
        }
    }
}

/// The event log of one run, as read from a file.
#[derive(Clone, Debug, PartialEq)]
pub struct EventLog {
    /// The path that messages show.
    pub path: String,
    /// The first event.
    pub header: Header,
    /// The reports of all trials, in the order of the log.
    pub reports: Vec<TrialReport>,
    /// The texts that the trials name; empty in logs of older versions.
    pub texts: Texts,
    /// The last event.
    pub footer: Footer,
}
