//! The reasons why a clause that a case lists wasn't put to the test.
//!
//! An invariant that sees a special reason gives one of the constants. Otherwise [`lacking()`] says what
//! the run would have needed. The reasons with names of processes are in `missed`.

use crate::backend::Capability;
use crate::clause::ClauseId;
use crate::judge::{Finding, FindingState};

mod lacking;

pub(crate) use lacking::lacking;

pub(crate) const EQUAL_ITEMS: &str =
    "equal items can't be told apart, and no receive shows that none is left";
pub(crate) const ONE_MESSAGE: &str = "only one message was received";
pub(crate) const ONE_ITEM: &str = "only one item was received";
pub(crate) const ONE_CONSUMER: &str = "only one process gets from the queue";
pub(crate) const ONE_PRODUCER: &str = "only one process puts into the queue";
pub(crate) const WRITTEN_AT_ONCE: &str = "several processes wrote at once";
pub(crate) const READ_AT_ONCE: &str = "several processes read at once";
pub(crate) const FORKED: &str = "a fork copies open ends, so a forked process may delay the end";
pub(crate) const NO_REPLY: &str = "no reply arrived after the end";
pub(crate) const NO_IDENTITY: &str = "the library doesn't say which process connected";
pub(crate) const LONG_NAME_FITS: &str = "this library accepts names of that length";
pub(crate) const NO_MODE: &str = "the name is no file with a mode";
pub(crate) const NO_CLEANUP: &str = "the harness ended the run before it could clean up";
pub(crate) const HOLDER_KILLED: &str = "a process that held the queue was killed";

// The reasons of breaks that count for another clause, or for no clause at all.
pub(crate) const BROKEN_EARLIER: &str = "another clause was broken earlier in the run";
pub(crate) const BROKEN_BY_SAME_EXIT: &str = "another clause was broken by the same exit";
pub(crate) const HANG_EXPLAINED: &str = "another broken clause explains why the run didn't end";
pub(crate) const HANG_OF_OTHERS: &str = "the library isn't the cause of the hang";
pub(crate) const HARNESS_FAILED: &str = "a process of the harness failed";
pub(crate) const RIGHT_REPORT: &str =
    "the operation correctly reports that the other side has left";

pub(crate) fn not_declared(capability: Capability) -> String {
    format!("the backend doesn't declare {capability}")
}

/// Returns why this clause is unknown. A reason that an invariant found comes before what the run lacks.
pub(crate) fn why<'a>(clause: &ClauseId, findings: &'a [Finding]) -> Option<&'a str> {
    let reasons = findings.iter().filter_map(|finding| match &finding.state {
        FindingState::TooSlow { why } | FindingState::Untried { why }
            if finding.clause == *clause =>
        {
            Some(why.as_str())
        }
        _ => None,
    });
    let lacks = lacking(clause.as_str());
    reasons.min_by_key(|reason| *reason == lacks)
}

#[cfg(test)]
mod tests;
