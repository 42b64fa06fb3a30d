//! The verdict of one clause, and how the clause broke.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::backend::{Outcome, RawError};
use crate::clause::ClauseId;
use crate::history::OperationId;

/// The result for a clause, or for a whole trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The promise was tested and held.
    Pass,
    /// The backend declares that it lacks what the case needs.
    NotApplicable,
    /// The backend isn't available on this machine.
    Unavailable,
    /// The clause is broken, but doesn't bind this backend: information, and no failure.
    Unpromised,
    /// The clause doesn't hold, as a reviewed divergence says, and a published document of the library
    /// says that it behaves like this.
    Documented,
    /// The clause is broken as a reviewed divergence says.
    Diverges,
    /// There is too little evidence, or the golden differs although no invariant found a break.
    Unknown,
    /// The clause held, although a divergence says that it is always broken.
    UnexpectedPass,
    /// The clause is broken.
    Fail,
    /// The adapter broke its protocol.
    AdapterError,
    /// The case contradicts itself, which shows only in its run: it accuses no backend.
    CaseError,
    /// The harness itself failed.
    HarnessError,
}

impl Verdict {
    /// All verdicts, the best first.
    pub(crate) const ALL: [Verdict; 12] = [
        Verdict::Pass,
        Verdict::NotApplicable,
        Verdict::Unavailable,
        Verdict::Unpromised,
        Verdict::Documented,
        Verdict::Diverges,
        Verdict::Unknown,
        Verdict::UnexpectedPass,
        Verdict::Fail,
        Verdict::AdapterError,
        Verdict::CaseError,
        Verdict::HarnessError,
    ];

    /// Whether the result is as it should be: kept, broken without a promise, broken as reviewed, or
    /// not applicable.
    pub fn is_as_expected(self) -> bool {
        matches!(
            self,
            Verdict::Pass | Verdict::NotApplicable | Verdict::Unpromised
        ) || self.is_reviewed()
    }

    /// Whether a reviewed divergence records the result.
    pub fn is_reviewed(self) -> bool {
        matches!(self, Verdict::Documented | Verdict::Diverges)
    }

    /// Returns its word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::NotApplicable => "not-applicable",
            Verdict::Unavailable => "unavailable",
            Verdict::Unpromised => "unpromised",
            Verdict::Documented => "documented",
            Verdict::Diverges => "diverges",
            Verdict::Unknown => "unknown",
            Verdict::UnexpectedPass => "unexpected-pass",
            Verdict::Fail => "fail",
            Verdict::AdapterError => "adapter-error",
            Verdict::CaseError => "case-error",
            Verdict::HarnessError => "harness-error",
        }
    }
}

/// One clause's verdict in one trial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClauseVerdict {
    /// The clause.
    pub clause: ClauseId,
    /// Its verdict.
    pub verdict: Verdict,
    /// Whether the case lists it.
    pub listed: bool,
    /// How many times it was tested and held.
    pub evidence: u64,
    /// How it broke, each way once; empty if it didn't break.
    #[serde(default)]
    pub breaks: Vec<Break>,
    /// Where the reviewed divergence is that this verdict refers to: the one that records this
    /// break, another break, or a break in every run. Of an unknown clause, the divergence that
    /// may have prevented the test.
    #[serde(default)]
    pub divergence: Option<FileLine>,
}

impl ClauseVerdict {
    /// Whether the verdict says something about the backend: the clause was to be tested here, and
    /// no reviewed divergence prevented that.
    pub fn says(&self) -> bool {
        match self.verdict {
            Verdict::NotApplicable | Verdict::Unavailable | Verdict::CaseError => false,
            Verdict::Unknown => self.divergence.is_none(),
            _ => true,
        }
    }
}

/// How a clause broke: the operation that shows it, and its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Break {
    /// The step, as in `recv p.rx`. `exit writer` if the break shows in a process's exit, and `run`
    /// if it shows in neither an operation nor a process.
    pub step: String,
    /// The step's label in the case file.
    pub label: Option<String>,
    /// The operation's outcome; pending if it never returned.
    pub outcome: Outcome,
    /// The error's name and number from the operating system or the library.
    pub raw: Option<RawError>,
    /// The operation.
    pub operation: Option<OperationId>,
}

impl Break {
    /// Whether both have the same step, label, outcome and error; the operation may differ.
    pub fn is_like(&self, other: &Break) -> bool {
        let look = |one: &Break| (one.step.clone(), one.label.clone(), one.outcome, one.raw);
        look(self) == look(other)
    }
}

/// As reports write it: `recv p.rx -> error ConnectionReset (104)`.
impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}", self.step, self.outcome)?;
        match self.raw {
            Some(raw) => write!(f, " {raw}"),
            None => Ok(()),
        }
    }
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileLine {
    /// The file, as reports name it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for FileLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}
