//! What one permutation on one backend came to; all that reports are made of.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::backend::{Capability, Key, Outcome, RawError};
use crate::clause::ClauseId;
use crate::history::OperationId;
use crate::judge::Finding;
use crate::plan::ProcessIndex;

mod wait_for;

pub use wait_for::{Cause, Hang, WaitFor, Waiting};

/// A trial's name: `area/case[axis=v]@backend`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TrialName {
    /// The case, as in `seed/isolation`.
    pub case: String,
    /// The axes' values, as in `start=fork`; empty without axes.
    pub permutation: String,
    /// The backend.
    pub backend: Key,
}

impl TrialName {
    /// The permutation's name, which is the same on every backend: `area/case[axis=v]`.
    pub fn permutation_name(&self) -> String {
        let TrialName {
            case, permutation, ..
        } = self;
        match permutation.as_str() {
            "" => case.clone(),
            values => format!("{case}[{values}]"),
        }
    }
}

impl fmt::Display for TrialName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.permutation_name(), self.backend)
    }
}

/// What a trial came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialReport {
    /// Which trial.
    pub name: TrialName,
    /// The worst of its clauses' verdicts.
    pub verdict: Verdict,
    /// Why, where the verdict isn't about clauses: not applicable, unavailable, harness error.
    pub why: Option<String>,
    /// One for each clause that the case lists, in its order, then others that broke.
    pub clauses: Vec<ClauseVerdict>,
    /// Everything that invariants said.
    pub findings: Vec<Finding>,
    /// One for each broken clause: what a person needs to see.
    pub failures: Vec<FailurePage>,
    /// What the operating system or the library called errors, each sort of them once for each step
    /// that came to it, in the order of processes and their operations.
    #[serde(default)]
    pub errors: Vec<ReturnedError>,
    /// Who waited for whom, where the harness had to end the run.
    #[serde(default)]
    pub wait_for: Option<WaitFor>,
    /// This permutation's transcript.
    pub transcript: String,
    /// The capabilities that it needed and that the backend has only by its adapter's means: a pass
    /// that leans on these isn't the library's own.
    pub composed: Vec<Capability>,
    /// What each process wrote to its standard output, by name, in plan order.
    pub stdout: Vec<(String, Vec<u8>)>,
    /// How many operations were recorded.
    pub operations: u64,
    /// How long, in nanoseconds, it did nothing but wait for time limits that the case sets, and
    /// for what is expected never to come.
    #[serde(default)]
    pub waited: u64,
    /// The smallest failing instance of a property, as a case file of its own.
    #[serde(default)]
    pub instance: Option<Instance>,
    /// How long it took, in nanoseconds.
    pub elapsed: u64,
}

/// The smallest instance of a property that was found to break it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// A whole case file.
    pub text: String,
    /// In which run, from 1, some instance first broke the property.
    pub found: u64,
    /// How many runs there were to be.
    pub of: u64,
    /// In how many of [`Instance::tried`] runs more the smallest one broke the same clause.
    pub broke: u64,
    /// How many runs more it was given.
    pub tried: u64,
}

/// What came of a clause in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Held, on evidence.
    Pass,
    /// The backend lacks what the case needs, and says so.
    NotApplicable,
    /// The backend can't be had on this machine.
    Unavailable,
    /// Broken, and nobody promised it here: worth knowing, and no failure.
    Unpromised,
    /// Broken, as a reviewed divergence says that it is.
    Diverges,
    /// Too little evidence, or a golden that differs though nothing was found broken.
    Unknown,
    /// Held, though a divergence says that it never is.
    UnexpectedPass,
    /// Broken.
    Fail,
    /// The adapter didn't do its part.
    AdapterError,
    /// The harness itself went wrong.
    HarnessError,
}

impl Verdict {
    /// Whether it came out as it should: kept, broken where nobody promised it or as was reviewed, or
    /// not put to the test here, as at some points of a sweep.
    pub fn is_as_expected(self) -> bool {
        matches!(
            self,
            Verdict::Pass | Verdict::NotApplicable | Verdict::Unpromised | Verdict::Diverges
        )
    }

    /// The word for it in reports.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::NotApplicable => "not-applicable",
            Verdict::Unavailable => "unavailable",
            Verdict::Unpromised => "unpromised",
            Verdict::Diverges => "diverges",
            Verdict::Unknown => "unknown",
            Verdict::UnexpectedPass => "unexpected-pass",
            Verdict::Fail => "fail",
            Verdict::AdapterError => "adapter-error",
            Verdict::HarnessError => "harness-error",
        }
    }
}

/// One clause's verdict in one trial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClauseVerdict {
    /// Which clause.
    pub clause: ClauseId,
    /// What came of it.
    pub verdict: Verdict,
    /// Whether the case lists it.
    pub listed: bool,
    /// How many times it was put to the test.
    pub evidence: u64,
    /// How it broke, each way once; empty where it didn't.
    #[serde(default)]
    pub breaks: Vec<Break>,
    /// The reviewed divergence that the verdict has to do with: the one that says that it breaks
    /// like this, or in another way, or always; of a clause that is unknown, the one whose break
    /// may have kept it from being tried.
    #[serde(default)]
    pub divergence: Option<Place>,
}

impl ClauseVerdict {
    /// Whether it says anything of the backend: the clause was to be put to the test here, and no
    /// reviewed divergence kept it from being.
    pub fn says(&self) -> bool {
        match self.verdict {
            Verdict::NotApplicable | Verdict::Unavailable => false,
            Verdict::Unknown => self.divergence.is_none(),
            _ => true,
        }
    }
}

/// How a clause broke: the operation that shows it, and what that came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Break {
    /// What was done, as in `recv p.rx`; `exit writer` where the break is no operation's but a
    /// process's, `run` where it isn't a process's either.
    pub step: String,
    /// The label of the step, where the case gives it one.
    pub label: Option<String>,
    /// What it came to; pending if it never returned.
    pub outcome: Outcome,
    /// What the operating system or the library called it.
    pub raw: Option<RawError>,
    /// Which operation it was.
    pub operation: Option<OperationId>,
}

impl Break {
    /// Whether the other looks the same, whichever operation it was.
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

/// An error that operations of a step returned, whether or not the case expects it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ReturnedError {
    /// The process's name, without its number where there are several of it.
    pub process: String,
    /// What was done, as in `recv p.rx`.
    pub step: String,
    /// What it came to, in the words of the case language.
    pub outcome: Outcome,
    /// What the operating system or the library called it.
    pub raw: RawError,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The file, as reports name it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// What, where, why: one broken clause (or a golden that differs), ready to be shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FailurePage {
    /// The broken clause; none for a golden that differs without a finding.
    pub clause: Option<ClauseId>,
    /// Who found it.
    pub invariant: String,
    /// The step that it is about, in bytes of the case file; none for the whole run.
    pub span: Option<(usize, usize)>,
    /// What the promise asks for, here.
    pub expected: String,
    /// What was seen.
    pub actual: String,
    /// The events that prove it, three to eight of them.
    pub events: Vec<ShownEvent>,
    /// The last lines of standard error of each process that wrote any, by name.
    pub stderr: Vec<(String, String)>,
    /// What else there is to say: for a hang who waits in which operation, for a message that is not
    /// as it was made where it stops being so.
    pub notes: Vec<String>,
}

/// One operation as reports show it: who did what, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownEvent {
    /// The process's name, or that of its thread, as in `main/1`.
    pub process: String,
    /// The process's place in the plan.
    pub index: ProcessIndex,
    /// Which of its threads did it: 0 outside `threads`.
    #[serde(default)]
    pub thread: u16,
    /// What it did, as in `send p.tx 3`.
    pub text: String,
    /// What came of it, as in `ok` or `end`; none if it never returned.
    pub outcome: Option<String>,
    /// What the operating system or the library called that, as in `ConnectionReset (104)`.
    #[serde(default)]
    pub raw: Option<String>,
    /// Whether the break is at this one.
    pub wrong: bool,
    /// The event whose item this one got, by its place among the page's events.
    pub from: Option<usize>,
    /// When it started, in nanoseconds since the run's first operation.
    pub start: u64,
    /// When it returned.
    pub returned: Option<u64>,
}
