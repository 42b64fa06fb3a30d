//! The errors that operations returned, with the names and numbers that the operating system or the
//! library gave them.

use crate::backend::Outcome;
use crate::judge::invariant::Evidence;
use crate::judge::{ReturnedError, wording};

/// Returns every error that has a name or a number, each once for each step that returned it, in the
/// order of processes and their operations.
pub(super) fn returned_errors(evidence: &Evidence<'_>) -> Vec<ReturnedError> {
    let plan = &evidence.permutation.plan;
    let operations = evidence.history.operations();
    let failed = operations.filter_map(|(id, operation)| Some((id, operation, operation.raw?)));
    let mut errors: Vec<ReturnedError> = Vec::new();
    for (id, operation, raw) in failed {
        let error = ReturnedError {
            process: plan.processes[id.process].group.clone(),
            step: wording::step(evidence, id),
            outcome: operation.outcome.unwrap_or(Outcome::Pending),
            raw,
        };
        if !errors.contains(&error) {
            errors.push(error);
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Capabilities, RawError};
    use crate::test_support::scene::{PermutationBuilder, ints};

    fn raw(code: i32) -> Option<RawError> {
        Some(RawError {
            kind: Some("BrokenPipe".into()),
            code: Some(code),
        })
    }

    fn written(scene: &PermutationBuilder) -> Vec<String> {
        let capabilities = Capabilities::new();
        let evidence = Evidence::new(&scene.permutation, &scene.history, &capabilities);
        let write = |error: ReturnedError| {
            let ReturnedError {
                process,
                step,
                outcome,
                raw,
            } = error;
            format!("{process}: {step} -> {outcome} {raw}")
        };
        returned_errors(&evidence).into_iter().map(write).collect()
    }

    #[test]
    fn each_error_of_a_step_is_listed_once() {
        let mut scene = PermutationBuilder::new();
        let (tx, _) = scene.pipe("p");
        for producer in scene.replicas("producer", 2) {
            scene.puts(producer, tx, ints(0..3));
        }
        for process in &mut scene.history.processes {
            for (operation, code) in process.operations.iter_mut().zip([32, 32, 104]) {
                operation.outcome = Some(Outcome::Gone);
                operation.raw = raw(code);
            }
        }
        assert_eq!(
            written(&scene),
            [
                "producer: send p.tx -> gone BrokenPipe (32)",
                "producer: send p.tx -> gone BrokenPipe (104)",
            ]
        );
    }

    #[test]
    fn a_successful_operation_returns_no_error() {
        let mut scene = PermutationBuilder::new();
        let (tx, _) = scene.pipe("p");
        let producer = scene.process("producer");
        scene.puts(producer, tx, ints(0..3));
        assert_eq!(written(&scene), [""; 0]);
    }
}
