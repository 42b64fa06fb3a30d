//! How each broken clause broke: the step, its outcome and its error, as divergences describe them.

use crate::backend::{Outcome, RawError};
use crate::history::{Exit, OperationId, OperationKind};
use crate::judge::invariant::Evidence;
use crate::judge::{Break, Finding, FindingState, Witness, wording};
use crate::plan::ProcessIndex;

/// A finding that a clause is broken.
#[derive(Clone, Debug)]
pub(crate) struct BrokenFinding<'a> {
    /// What the invariant reported.
    pub(crate) finding: &'a Finding,
    /// The operations that prove it.
    pub(crate) witness: &'a Witness,
    /// How the clause broke; never empty.
    pub(crate) breaks: Vec<Break>,
}

/// Returns the findings of broken clauses, in their order, with how each broke.
pub(super) fn broken<'a>(
    evidence: &Evidence<'_>,
    findings: &'a [Finding],
) -> Vec<BrokenFinding<'a>> {
    let broken = findings.iter().filter_map(|finding| match &finding.state {
        FindingState::Broken(witness) => Some(BrokenFinding {
            finding,
            witness,
            breaks: breaks(evidence, witness),
        }),
        _ => None,
    });
    broken.collect()
}

/// The break at the operation that shows it. Of a hang, also the other operations of the witness
/// that wait for a channel.
fn breaks(evidence: &Evidence<'_>, witness: &Witness) -> Vec<Break> {
    let Some(culprit) = culprit(evidence, witness) else {
        return vec![at_exit(evidence, witness.process)];
    };
    let others = witness.operations.iter().copied().filter(|id| {
        let has_end = evidence.history.operation(*id).end.is_some();
        *id != culprit && has_end && never_returned(evidence, *id)
    });
    let all = [culprit].into_iter().chain(others);
    all.map(|id| at_operation(evidence, id)).collect()
}

/// Returns the operation that shows the break: the first that never returned, else the last get in
/// the invariant's order, else the last operation.
///
/// Times don't matter, because two operations that overlap return in another order in each run.
pub(super) fn culprit(evidence: &Evidence<'_>, witness: &Witness) -> Option<OperationId> {
    let operations = &witness.operations;
    let gets = |id: &&OperationId| {
        let kind = evidence.history.operation(**id).kind;
        matches!(kind, OperationKind::Get | OperationKind::Poll)
    };
    operations
        .iter()
        .find(|id| never_returned(evidence, **id))
        .or_else(|| operations.iter().rfind(gets))
        .or(operations.last())
        .copied()
}

/// Whether the operation never returned, although its process wasn't killed.
pub(super) fn never_returned(evidence: &Evidence<'_>, id: OperationId) -> bool {
    let was_killed = evidence.exit(id.process) == Some(Exit::Killed);
    evidence.history.operation(id).is_pending() && !was_killed
}

fn at_operation(evidence: &Evidence<'_>, id: OperationId) -> Break {
    let operation = evidence.history.operation(id);
    let expected = evidence.permutation.expected(operation.step);
    let outcome = match (operation.kind, operation.outcome) {
        (OperationKind::Poll, Some(Outcome::Ok)) => Outcome::Ready,
        (_, outcome) => outcome.unwrap_or(Outcome::Pending),
    };
    Break {
        step: wording::step(evidence, id),
        label: expected.label.clone(),
        outcome,
        raw: operation.raw,
        operation: Some(id),
    }
}

/// A break that shows in how a process exited or, without a process, in how the run ended.
fn at_exit(evidence: &Evidence<'_>, process: Option<ProcessIndex>) -> Break {
    let plan = &evidence.permutation.plan;
    let exit = process.and_then(|process| evidence.exit(process));
    let (outcome, kind, code) = match exit {
        None | Some(Exit::Code(0)) => (Outcome::Ok, None, None),
        Some(Exit::Code(code)) => (Outcome::Error, Some("code"), Some(code)),
        Some(Exit::Signal(signal)) => (Outcome::Error, Some("signal"), Some(signal)),
        Some(Exit::Killed) => (Outcome::Error, Some("killed"), None),
        Some(Exit::Unseen) => (Outcome::Error, Some("unseen"), None),
        Some(Exit::Ended) => (Outcome::Pending, None, None),
    };
    Break {
        step: match process {
            Some(process) => format!("exit {}", plan.processes[process].group),
            None => "run".to_owned(),
        },
        label: None,
        outcome,
        raw: kind.map(|kind| RawError {
            kind: Some(kind.into()),
            code,
        }),
        operation: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Capabilities;
    use crate::plan::End;
    use crate::test_support::scene::{PermutationBuilder, ints};

    fn id(process: usize, index: usize) -> OperationId {
        OperationId { process, index }
    }

    fn witness(operations: Vec<OperationId>, process: Option<usize>) -> Witness {
        Witness {
            operations,
            process,
            expected: "as it should be".to_owned(),
            actual: "as it is".to_owned(),
        }
    }

    fn written(scene: &PermutationBuilder, witness: &Witness) -> Vec<String> {
        let capabilities = Capabilities::new();
        let evidence = Evidence::new(&scene.permutation, &scene.history, &capabilities);
        let breaks = breaks(&evidence, witness);
        breaks.iter().map(Break::to_string).collect()
    }

    /// A producer that sends 0 to 4, and a consumer that receives 0 and 1.
    fn one_way(last: Option<Outcome>) -> (PermutationBuilder, End) {
        let mut scene = PermutationBuilder::new();
        let (tx, rx) = scene.pipe("p");
        let producer = scene.process("producer");
        let consumer = scene.process("consumer");
        scene.puts(producer, tx, ints(0..5));
        scene.gets(consumer, rx, ints(0..2), last);
        (scene, rx)
    }

    #[test]
    fn a_break_is_written_as_the_operation_that_shows_it() {
        let (mut scene, _) = one_way(Some(Outcome::Error));
        scene.history.processes[1].operations[2].raw = Some(RawError {
            kind: Some("ConnectionReset".into()),
            code: Some(104),
        });
        let witness = witness(vec![id(0, 4), id(1, 2)], None);
        assert_eq!(
            written(&scene, &witness),
            ["recv p.rx -> error ConnectionReset (104)"]
        );
    }

    #[test]
    fn a_hang_is_written_as_all_operations_that_wait_for_a_channel() {
        let (mut scene, rx) = one_way(None);
        let step = scene.history.operation(id(1, 0)).step;
        scene.record(1, step, OperationKind::Get, (Some(rx), None), None);
        let sender = &mut scene.history.processes[0].operations[4];
        (sender.returned, sender.outcome) = (None, None);
        let witness = witness(vec![id(0, 4), id(1, 2)], None);
        assert_eq!(
            written(&scene, &witness),
            ["send p.tx -> pending", "recv p.rx -> pending"]
        );
    }

    #[test]
    fn a_break_without_operations_is_written_as_an_exit() {
        let (mut scene, _) = one_way(None);
        scene.history.processes[1].exit = Some(Exit::Signal(11));
        assert_eq!(
            written(&scene, &witness(Vec::new(), Some(1))),
            ["exit consumer -> error signal (11)"]
        );
        assert_eq!(written(&scene, &witness(Vec::new(), None)), ["run -> ok"]);
    }

    #[test]
    fn only_broken_findings_have_breaks() {
        let (scene, _) = one_way(None);
        let finding = |state| Finding {
            clause: "pipe.order.single-writer".into(),
            invariant: "order".to_owned(),
            state,
        };
        let findings = [
            finding(FindingState::Upheld { evidence: 1 }),
            finding(FindingState::Broken(witness(vec![id(1, 1)], None))),
        ];
        let capabilities = Capabilities::new();
        let evidence = Evidence::new(&scene.permutation, &scene.history, &capabilities);
        let broken = broken(&evidence, &findings);
        assert_eq!(broken.len(), 1);
        assert_eq!(broken[0].finding, &findings[1]);
    }
}
