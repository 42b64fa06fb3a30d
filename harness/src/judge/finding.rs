//! What an invariant reports about a clause after it has read one history.

use serde::{Deserialize, Serialize};

use crate::clause::ClauseId;
use crate::history::OperationId;
use crate::plan::ProcessIndex;

/// What one invariant reports about one clause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The clause.
    pub clause: ClauseId,
    /// The name of the [`Invariant`](crate::judge::invariant::Invariant).
    pub invariant: String,
    /// Whether the clause is broken, upheld or untried.
    pub state: FindingState,
}

/// Whether a clause is broken, upheld, untried, or too slow to judge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum FindingState {
    /// The promise was broken, and the witness proves it.
    Broken(Witness),
    /// The promise was tested and held.
    Upheld {
        /// How many times it was tested.
        evidence: u64,
    },
    /// The promise was not tested.
    Untried {
        /// Why not.
        why: String,
    },
    /// The machine kept processes from running for so long that what happened shows nothing.
    TooSlow {
        /// The figures.
        why: String,
    },
}

/// The few operations that prove a break, and what should have happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Witness {
    /// The operations that prove it, in the order in which a page shows them. Empty if the break
    /// shows in no operation, as with a wrong exit or a process that is left over.
    pub operations: Vec<OperationId>,
    /// The process with the break, if no operation shows it.
    pub process: Option<ProcessIndex>,
    /// What the promise requires here.
    pub expected: String,
    /// What happened.
    pub actual: String,
}
