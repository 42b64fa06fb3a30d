//! What only follows from an earlier break is charged to nobody.
//!
//! Once an item is lost, doubled or changed, or the end comes early, the processes of a case go
//! other ways than it expects: one waits for an answer that never comes, another sends to somebody
//! who has left. The channel may do all that rightly; only what led there is broken.
//!
//! Deviations from what a case expects may each have a cause of its own, so one excuses another only
//! where it is seen how: a process deviated and left, and others were told so.

use super::steps;
use crate::backend::Outcome;
use crate::history::{OperationId, OperationKind};
use crate::judge::invariant::Evidence;
use crate::judge::{Finding, State, Witness};

/// The same findings, with deviations from the case's expectation turned into untried clauses where
/// another judge has found a break before, or where they are the true news that somebody left who had
/// deviated.
pub(in crate::judge::invariant) fn spare(
    evidence: &Evidence<'_>,
    mut findings: Vec<Finding>,
) -> Vec<Finding> {
    let earliest = findings
        .iter()
        .filter(|finding| !is_deviation(finding))
        .filter_map(|finding| felt(evidence, witness(finding)?))
        .min();
    let deviated: Vec<OperationId> = findings.iter().filter_map(deviation).collect();
    for finding in &mut findings {
        let Some(operation) = deviation(finding) else {
            continue;
        };
        let both = earliest.zip(returned(evidence, operation));
        let had_gone_wrong = both.is_some_and(|(earliest, returned)| earliest <= returned);
        if had_gone_wrong || is_news_of(evidence, operation, &deviated) {
            finding.state = State::Untried {
                why: "the run had gone wrong before".to_owned(),
            };
        }
    }
    findings
}

fn is_deviation(finding: &Finding) -> bool {
    finding.invariant == steps::INVARIANT.name
}

/// The operation that came to something else than its case expects.
fn deviation(finding: &Finding) -> Option<OperationId> {
    let witness = witness(finding).filter(|_| is_deviation(finding))?;
    witness.operations.last().copied()
}

/// Whether this operation was told that everybody at the other end had left, when they had, and one
/// of them had deviated before.
fn is_news_of(evidence: &Evidence<'_>, told: OperationId, deviated: &[OperationId]) -> bool {
    let operation = evidence.operation(told);
    let (Some(end), Some(now)) = (operation.end, operation.returned) else {
        return false;
    };
    let holders = evidence.holders();
    let others: Vec<_> = match operation.outcome {
        Some(Outcome::Gone) => holders.of_end(end.sends_on().receiver()).iter().collect(),
        Some(Outcome::End) => holders.writers(end.receives_from().sending()).collect(),
        _ => return false,
    };
    let had_left = others.iter().all(|other| other.until <= now);
    let mut before = deviated.iter().filter(|id| {
        id.process != told.process && returned(evidence, **id).is_some_and(|then| then <= now)
    });
    had_left && before.any(|id| others.iter().any(|other| other.process == id.process))
}

fn witness(finding: &Finding) -> Option<&Witness> {
    match &finding.state {
        State::Broken(witness) => Some(witness),
        State::Upheld { .. } | State::Untried { .. } => None,
    }
}

/// From when on processes may have gone other ways because of the break: the first get that shows
/// it, or what else does where none is a get.
fn felt(evidence: &Evidence<'_>, witness: &Witness) -> Option<u64> {
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
    use crate::test_support::histories::{Run, pipe};

    /// A reader asks, is told this, and leaves; then the writer is told so.
    fn left_alone(told: Outcome) -> Run {
        pipe()
            .process("r")
            .ask()
            .gives(told, 2, 3)
            .close(Side::Rx)
            .ok(4, 5)
            .process("w")
            .put(1)
            .gives(Outcome::Gone, 10, 11)
            .expecting(Outcome::Ok)
    }

    #[test]
    fn a_send_to_a_reader_that_an_early_end_drove_away_is_the_early_ends_doing() {
        let broken = left_alone(Outcome::End).broken();
        assert_eq!(broken, ["pipe.eof.after-writer-drop"]);
    }

    /// A reader fails to receive and leaves between 4 and 5; the writer is told so at this time.
    fn driven_away(told: u64) -> Run {
        pipe()
            .process("r")
            .ask()
            .gives(Outcome::Error, 2, 3)
            .expecting(Outcome::Ok)
            .close(Side::Rx)
            .ok(4, 5)
            .process("w")
            .put(1)
            .gives(Outcome::Gone, told, told + 1)
            .expecting(Outcome::Ok)
    }

    #[test]
    fn the_news_that_somebody_left_who_had_deviated_is_charged_to_nobody() {
        let broken = driven_away(10).broken();
        assert_eq!(broken, ["pipe.frame.boundaries-preserved"]);
    }

    #[test]
    fn news_that_came_before_it_was_true_is_charged() {
        let broken = driven_away(1).broken();
        assert_eq!(broken, ["pipe.peer.send-after-close"]);
    }

    #[test]
    fn a_deviation_without_an_earlier_break_is_charged() {
        let broken = left_alone(Outcome::Timeout).broken();
        assert_eq!(broken, ["pipe.peer.send-after-close"]);
    }
}
