//! What the operating system or the library called the errors of a run.

use super::words;
use crate::backend::Outcome;
use crate::judge::ReturnedError;
use crate::judge::invariant::Evidence;

/// Every error that came with a name or a number, each sort of them once for each step that came to
/// it, in the order of processes and their operations.
pub fn returned_errors(evidence: &Evidence<'_>) -> Vec<ReturnedError> {
    let plan = &evidence.permutation.plan;
    let operations = evidence.history.operations();
    let failed = operations.filter_map(|(id, operation)| Some((id, operation, operation.raw?)));
    let mut errors: Vec<ReturnedError> = Vec::new();
    for (id, operation, raw) in failed {
        let error = ReturnedError {
            process: plan.processes[id.process].group.clone(),
            step: words::step(evidence, id),
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
    use crate::test_support::scene::{Scene, ints};

    fn raw(code: i32) -> Option<RawError> {
        Some(RawError {
            kind: Some("BrokenPipe".into()),
            code: Some(code),
        })
    }

    fn told(scene: &Scene) -> Vec<String> {
        let capabilities = Capabilities::new();
        let evidence = Evidence::new(&scene.permutation, &scene.history, &capabilities);
        let told = |error: ReturnedError| {
            let ReturnedError {
                process,
                step,
                outcome,
                raw,
            } = error;
            format!("{process}: {step} -> {outcome} {raw}")
        };
        returned_errors(&evidence).into_iter().map(told).collect()
    }

    #[test]
    fn each_sort_of_error_of_a_step_is_told_once() {
        let mut scene = Scene::new();
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
            told(&scene),
            [
                "producer: send p.tx -> gone BrokenPipe (32)",
                "producer: send p.tx -> gone BrokenPipe (104)",
            ]
        );
    }

    #[test]
    fn what_went_well_is_no_error() {
        let mut scene = Scene::new();
        let (tx, _) = scene.pipe("p");
        let producer = scene.process("producer");
        scene.puts(producer, tx, ints(0..3));
        assert_eq!(told(&scene), [""; 0]);
    }
}
