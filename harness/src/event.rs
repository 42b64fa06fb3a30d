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

pub use exit_code::ExitCode;
pub(crate) use meaning::{State, about, meaning};
pub(crate) use partition::Partition;
pub(crate) use printable::printable;

/// The version of the format. A change that readers must handle increments it.
pub(crate) const VERSION: u32 = 2;

/// The oldest version that this program reads. It describes a backend in a line instead of fields.
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

    /// Returns the platform and the architecture, such as `Linux x86_64`.
    pub fn machine(&self) -> String {
        match self.architecture.as_str() {
            "" => self.platform().to_string(),
            architecture => format!("{} {architecture}", self.platform()),
        }
    }
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
    /// The last event.
    pub footer: Footer,
}
