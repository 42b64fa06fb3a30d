//! What a report shows about one broken clause.

use serde::{Deserialize, Serialize};

use crate::clause::ClauseId;
use crate::plan::ProcessIndex;

/// One fault with the clauses that it breaks, or one golden that differs, ready to be shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FailurePage {
    /// The clause that names the fault best; none for a mistake of the case, or a golden that differs
    /// without a finding.
    pub clause: Option<ClauseId>,
    /// The name of the invariant that found the break.
    pub invariant: String,
    /// The step that shows it, in bytes of the case file; none for the whole run.
    pub span: Option<(usize, usize)>,
    /// What the promise requires here.
    pub expected: String,
    /// What happened.
    pub actual: String,
    /// The three to eight operations that prove it.
    pub events: Vec<ShownEvent>,
    /// The first lines of a panic, or else the last lines of standard error, by the name of the process that wrote them.
    pub stderr: Vec<(String, String)>,
    /// Remarks: from which byte on a message is wrong, or how the break differs from a divergence.
    pub notes: Vec<String>,
    /// The other clauses that the same fault breaks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<AlsoBroken>,
}

/// Another clause that a fault breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlsoBroken {
    /// The clause.
    pub clause: ClauseId,
    /// The name of the invariant that found the break.
    pub invariant: String,
    /// What the promise requires here.
    pub expected: String,
    /// What happened.
    pub actual: String,
}

impl FailurePage {
    /// Returns all clauses of the page, each with the invariant that found the break.
    pub fn clauses(&self) -> impl Iterator<Item = (&ClauseId, &str)> {
        let also = self.also.iter();
        let first = self.clause.iter().map(|clause| (clause, &*self.invariant));
        first.chain(also.map(|also| (&also.clause, &*also.invariant)))
    }
}

/// One operation as reports show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownEvent {
    /// The process's name, or that of its thread, as in `main/1`.
    pub process: String,
    /// The process's index in the plan.
    pub index: ProcessIndex,
    /// The thread's number in its process; 0 outside `threads`.
    #[serde(default)]
    pub thread: u16,
    /// The operation, as in `send p.tx 3`.
    pub text: String,
    /// Its outcome, as in `ok` or `end`, or the item that it received; none if it never returned.
    pub outcome: Option<String>,
    /// The error's name and number, as in `ConnectionReset (104)`.
    #[serde(default)]
    pub raw: Option<String>,
    /// Whether this operation shows the break.
    pub wrong: bool,
    /// The event that put the item which this one got, as an index of the page's events.
    pub from: Option<usize>,
    /// When it started, in nanoseconds since the run's first operation.
    pub start: u64,
    /// When it returned, in the same unit.
    pub returned: Option<u64>,
}
