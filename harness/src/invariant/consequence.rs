//! What only follows from an earlier break is charged to nobody.
//!
//! Once an item is lost, doubled or changed, or the end comes early, the processes of a case go
//! other ways than it expects: one waits for an answer that never comes, another sends to somebody
//! who has left. The channel may do all that rightly; only what led there is broken.

use super::{Evidence, expectation};
use crate::finding::{Finding, State, Witness};
use crate::history::{OperationId, OperationKind};

/// The same findings, with deviations from the case's expectation turned into untried clauses where
/// another judge has found a break before.
pub(super) fn spare(evidence: &Evidence<'_>, mut findings: Vec<Finding>) -> Vec<Finding> {
    let earliest = findings
        .iter()
        .filter(|finding| finding.invariant != expectation::INVARIANT.name)
        .filter_map(|finding| felt(evidence, witness(finding)?))
        .min();
    let Some(earliest) = earliest else {
        return findings;
    };
    for finding in &mut findings {
        let follows = finding.invariant == expectation::INVARIANT.name
            && witness(finding)
                .and_then(|witness| returned(evidence, *witness.operations.last()?))
                .is_some_and(|deviated| earliest <= deviated);
        if follows {
            finding.state = State::Untried {
                why: "the run had gone wrong before".to_owned(),
            };
        }
    }
    findings
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
    use crate::channel::Side;
    use crate::outcome::Outcome;
    use crate::testing::histories::{Run, pipe};

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

    #[test]
    fn a_deviation_without_an_earlier_break_is_charged() {
        let broken = left_alone(Outcome::Timeout).broken();
        assert_eq!(broken, ["pipe.peer.send-after-close"]);
    }
}
