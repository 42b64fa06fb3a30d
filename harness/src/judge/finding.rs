//! What an invariant says of a clause, after looking at one history.

use serde::{Deserialize, Serialize};

use crate::clause::ClauseId;
use crate::history::OperationId;
use crate::plan::ProcessIndex;

/// One invariant's word on one clause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The promise.
    pub clause: ClauseId,
    /// Who says so: an [`crate::judge::invariant::Invariant`]'s name.
    pub invariant: String,
    /// What it says.
    pub state: State,
}

/// Broken, upheld or untried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum State {
    /// The promise was broken, and this shows it.
    Broken(Witness),
    /// The promise was put to the test so many times, and held.
    Upheld {
        /// How many times.
        evidence: u64,
    },
    /// The promise was not put to the test.
    Untried {
        /// Why not.
        why: String,
    },
}

/// The few events that prove a break, and what they should have been.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Witness {
    /// The operations that prove it, in the order to show them; empty where the break is no
    /// operation's (a wrong exit, a process left behind).
    pub operations: Vec<OperationId>,
    /// The process that it is about, where no operation is.
    pub process: Option<ProcessIndex>,
    /// What the promise asks for, here.
    pub expected: String,
    /// What was seen.
    pub actual: String,
}
