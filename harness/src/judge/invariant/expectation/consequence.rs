//! Excuses deviations that only follow from an earlier break.
//!
//! After an item is lost, doubled or changed, or the end arrives early, the processes of a case behave
//! differently than it expects: one waits for an answer that never comes, another sends to a process
//! that has left. The channel may handle all that correctly; only the first break is its fault.
//!
//! Two deviations from the case's expectations may have separate causes. One excuses another only in
//! this way: a process deviated and left, and another process correctly saw that it was gone.

use super::steps;
use crate::backend::Outcome;
use crate::history::holders::Holder;
use crate::history::{OperationId, OperationKind};
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::untried;
use crate::judge::{Finding, FindingState, Witness};

/// Returns the findings, in which a deviation from the case's expectations becomes untried if another
/// invariant has found an earlier break, or if it correctly reports that a process left which had
/// deviated before.
pub(crate) fn excuse(evidence: &Evidence<'_>, mut findings: Vec<Finding>) -> Vec<Finding> {
    let earliest = findings
        .iter()
        .filter(|finding| !is_deviation(finding))
        .filter_map(|finding| visible_from(evidence, witness(finding)?))
        .min();
    let deviated: Vec<OperationId> = findings.iter().filter_map(deviation).collect();
    for finding in &mut findings {
        let Some(operation) = deviation(finding) else {
            continue;
        };
        let both = earliest.zip(returned(evidence, operation));
        let follows_a_break = both.is_some_and(|(earliest, returned)| earliest <= returned);
        if follows_a_break || reports_deviant(evidence, operation, &deviated) {
            finding.state = FindingState::Untried {
                why: untried::BROKEN_EARLIER.to_owned(),
            };
        }
    }
    findings
}

fn is_deviation(finding: &Finding) -> bool {
    finding.invariant == steps::INVARIANT.name
}

/// Returns the operation that deviated from its case's expectation.
fn deviation(finding: &Finding) -> Option<OperationId> {
    let witness = witness(finding).filter(|_| is_deviation(finding))?;
    witness.operations.last().copied()
}

/// Whether this operation correctly reported that all processes at the other end had left, and one of
/// them had deviated before.
fn reports_deviant(evidence: &Evidence<'_>, report: OperationId, deviated: &[OperationId]) -> bool {
    let (Some(others), Some(now)) = (departed(evidence, report), returned(evidence, report)) else {
        return false;
    };
    let mut before = deviated.iter().filter(|id| {
        id.process != report.process && returned(evidence, **id).is_some_and(|then| then <= now)
    });
    before.any(|id| others.iter().any(|other| other.process == id.process))
}

/// Returns the operation of a deviation that correctly reports that all processes at the other end had
/// left, although the case expects another outcome.
pub(crate) fn reports_departure(evidence: &Evidence<'_>, finding: &Finding) -> Option<OperationId> {
    let id = deviation(finding)?;
    let expected = evidence.expected(evidence.operation(id))?;
    let others = departed(evidence, id)?;
    let is_right = others.iter().all(|other| other.released);
    (is_right && !expected.outcomes.contains(&Outcome::Closed)).then_some(id)
}

/// Returns the holders of the other end if this operation reports that they have left, and each of them
/// may have left by then.
fn departed<'a>(evidence: &'a Evidence<'_>, report: OperationId) -> Option<Vec<&'a Holder>> {
    let operation = evidence.operation(report);
    let (end, now) = (operation.end?, operation.returned?);
    let holders = evidence.holders();
    let others: Vec<&Holder> = match (operation.kind, operation.outcome) {
        (OperationKind::Put, Some(Outcome::Gone)) => {
            holders.of_end(end.sends_on().receiver()).iter().collect()
        }
        // At the end, a poll is ready.
        (OperationKind::Get, Some(Outcome::End))
        | (OperationKind::Poll, Some(Outcome::End | Outcome::Ok)) => {
            holders.writers(end.receives_from().sending()).collect()
        }
        _ => return None,
    };
    let had_left = others.iter().all(|other| other.until <= now);
    had_left.then_some(others)
}

fn witness(finding: &Finding) -> Option<&Witness> {
    match &finding.state {
        FindingState::Broken(witness) => Some(witness),
        _ => None,
    }
}

/// Returns the time from which the break may have changed what processes did: when the first get in
/// the witness returned, or the first operation if there is no get.
fn visible_from(evidence: &Evidence<'_>, witness: &Witness) -> Option<u64> {
    let is_get = |id: &&OperationId| evidence.operation(**id).kind == OperationKind::Get;
    let gets = witness.operations.iter().filter(is_get);
    let when = |id: &OperationId| returned(evidence, *id);
    gets.filter_map(when)
        .min()
        .or_else(|| witness.operations.iter().filter_map(when).min())
}

fn returned(evidence: &Evidence<'_>, id: OperationId) -> Option<u64> {
    evidence.operation(id).returned
}

#[cfg(test)]
mod tests {
    use crate::backend::{Outcome, Side};
    use crate::test_support::histories::{HistoryBuilder, pipe};

    /// A reader's receive has this outcome, and the reader leaves; then a send reports that.
    fn reader_leaves_after(outcome: Outcome) -> HistoryBuilder {
        pipe()
            .process("r")
            .ask()
            .gives(outcome, 2, 3)
            .close(Side::Rx)
            .ok(4, 5)
            .process("w")
            .put(1)
            .gives(Outcome::Gone, 10, 11)
            .expecting(Outcome::Ok)
    }

    #[test]
    fn a_failed_send_after_an_early_end_is_charged_to_the_early_end() {
        let broken = reader_leaves_after(Outcome::End).broken();
        assert_eq!(broken, ["pipe.eof.after-writer-drop"]);
    }

    /// A reader fails to receive and leaves between 4 and 5; a send reports that at this time.
    fn reader_leaves_and_send_fails_at(time: u64) -> HistoryBuilder {
        pipe()
            .process("r")
            .ask()
            .gives(Outcome::Error, 2, 3)
            .expecting(Outcome::Ok)
            .close(Side::Rx)
            .ok(4, 5)
            .process("w")
            .put(1)
            .gives(Outcome::Gone, time, time + 1)
            .expecting(Outcome::Ok)
    }

    #[test]
    fn a_correct_report_that_a_deviating_process_left_is_excused() {
        let broken = reader_leaves_and_send_fails_at(10).broken();
        assert_eq!(broken, ["pipe.frame.boundaries-preserved"]);
    }

    #[test]
    fn a_report_before_the_process_left_is_charged() {
        let broken = reader_leaves_and_send_fails_at(1).broken();
        assert_eq!(broken, ["pipe.peer.send-after-close"]);
    }

    #[test]
    fn a_deviation_without_an_earlier_break_is_charged() {
        let broken = reader_leaves_after(Outcome::Timeout).broken();
        assert_eq!(broken, ["pipe.peer.send-after-close"]);
    }
}
