//! The event log: JSON lines from which every report is made.
//!
//! The first line is a header, the last a footer; a log without its footer is invalid.
//! `--format json` prints the same bytes that `--log` writes.

use serde::{Deserialize, Serialize};

use crate::backend::{Capabilities, Emulation, Key, Platform, System};
use crate::judge::{TrialName, TrialReport, Verdict};

pub mod comparison;
pub mod exit_code;
pub mod merge;
pub mod partition;

pub use partition::Partition;

/// The version of this format; a change that a reader must know of raises it.
pub const VERSION: u32 = 1;

/// One line of the event log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
pub enum Event {
    /// First: what is about to run, and on what.
    Header(Header),
    /// A trial begins.
    Started {
        /// Which.
        name: TrialName,
    },
    /// A trial is done.
    Finished(Box<TrialReport>),
    /// Last: what came of it all.
    Footer(Footer),
}

impl Event {
    /// What the trial came to that is done with this.
    pub fn into_report(self) -> Option<TrialReport> {
        match self {
            Event::Finished(report) => Some(*report),
            _ => None,
        }
    }
}

/// What is about to run, and on what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// [`VERSION`].
    pub version: u32,
    /// This program's version.
    pub program: String,
    /// The operating system.
    pub system: System,
    /// What stands in for it, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emulation: Option<Emulation>,
    /// The processor's architecture, as in `x86_64`; empty in logs of programs that didn't say.
    #[serde(default)]
    pub architecture: String,
    /// What delays follow from; 0 for none.
    pub seed: u64,
    /// How many trials run at once.
    pub jobs: usize,
    /// How many trials there are.
    pub trials: usize,
    /// Which part of all trials these are, where others ran elsewhere.
    #[serde(default)]
    pub partition: Option<Partition>,
    /// The backends taking part, in the order of columns.
    pub backends: Vec<BackendInfo>,
}

impl Header {
    /// The operating system, or what stands in for it.
    pub fn platform(&self) -> Platform {
        Platform {
            system: self.system,
            emulation: self.emulation,
        }
    }

    /// Where it ran, as in `Linux x86_64`.
    pub fn place(&self) -> String {
        match self.architecture.as_str() {
            "" => self.platform().to_string(),
            architecture => format!("{} {architecture}", self.platform()),
        }
    }
}

/// A backend as a report introduces it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BackendInfo {
    /// Its name.
    pub key: Key,
    /// Which library, which version, by what means.
    pub about: String,
    /// What it declares on this system.
    pub capabilities: Capabilities,
}

/// What came of it all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Footer {
    /// How many trials came to each verdict, in the order of verdicts.
    pub counts: Vec<(Verdict, usize)>,
    /// Whether the run was interrupted before its end.
    pub interrupted: bool,
    /// How long all of it took, in nanoseconds.
    pub elapsed: u64,
    /// How long trials waited for time limits that cases set, in nanoseconds, all of them together.
    #[serde(default)]
    pub waited: u64,
}

impl Footer {
    /// One more trial came to this.
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

/// All of one run's events that reports are made of, as read back.
#[derive(Clone, Debug, PartialEq)]
pub struct Log {
    /// Where it was read from, as messages name it.
    pub path: String,
    /// Its first line.
    pub header: Header,
    /// What each trial came to, in the log's order.
    pub reports: Vec<TrialReport>,
    /// Its last line.
    pub footer: Footer,
}
