//! What the parts of this room share: causes, and findings that change with them.

use crate::history::OperationId;
use crate::judge::{Finding, FindingState, Verdict, Witness};

/// The clause that a hang breaks if no other promise explains it.
pub(super) const DEADLINE: &str = "live.deadline";

/// Whose doing it is that a run ends wrongly or not at all, if not the library's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The case contradicts itself.
    Case,
    /// A process of the harness failed.
    Harness,
    /// The adapter couldn't do its task.
    Adapter,
    /// No operation was under way, so the cause is the machine or unknown.
    Machine,
}

impl Cause {
    /// Returns the verdict of a run that ended by this cause.
    pub(crate) fn verdict(self) -> Verdict {
        match self {
            Cause::Case => Verdict::CaseError,
            Cause::Harness => Verdict::HarnessError,
            Cause::Adapter => Verdict::AdapterError,
            Cause::Machine => Verdict::Unknown,
        }
    }
}

/// A cause, and what shows it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Blame {
    pub(crate) cause: Cause,
    /// The operations that show it, and what happened.
    pub(crate) witness: Witness,
}

impl Blame {
    pub(super) fn new(
        cause: Cause,
        operations: Vec<OperationId>,
        expected: impl Into<String>,
        actual: impl Into<String>,
    ) -> Blame {
        Blame {
            cause,
            witness: Witness {
                operations,
                process: None,
                expected: expected.into(),
                actual: actual.into(),
            },
        }
    }
}

pub(super) fn broken(finding: &Finding) -> Option<&Witness> {
    match &finding.state {
        FindingState::Broken(witness) => Some(witness),
        FindingState::Upheld { .. }
        | FindingState::Untried { .. }
        | FindingState::TooSlow { .. } => None,
    }
}

/// Makes a broken clause untried.
pub(super) fn acquit(finding: &mut Finding, why: &str) {
    if broken(finding).is_some() {
        finding.state = FindingState::Untried {
            why: why.to_owned(),
        };
    }
}

/// Whether a break may have changed what processes did. What a run leaves behind changes nothing in it.
pub(super) fn has_consequences(finding: &Finding) -> bool {
    broken(finding).is_some() && !finding.clause.as_str().starts_with("leak.")
}

/// Whether a finding is about a hang that no other promise explains.
pub(super) fn is_bare_hang(finding: &Finding) -> bool {
    finding.clause.as_str() == DEADLINE && broken(finding).is_some()
}
