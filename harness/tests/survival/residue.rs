//! What a backend leaves behind is found, named, and taken away.

use std::collections::BTreeSet;

use ipc_conformance::internals::{FindingState, Verdict};

use super::scene::Scene;
use super::wrong;

super::tests![
    a_process_that_a_backend_leaves_is_found_and_killed,
    #[cfg(unix)]
    a_descriptor_that_a_backend_leaks_is_found,
    a_name_that_a_backend_leaves_is_found_and_removed,
    the_backend_that_the_wrong_ones_stand_on_leaves_nothing,
];

/// The clauses that are broken, in which ways, and what came of them. A leak is shown, and fails
/// only a reference: nobody else promised anything.
fn found(backend: &str) -> (BTreeSet<String>, Vec<String>, BTreeSet<Verdict>) {
    let scene = Scene::new();
    let ended = wrong::end_on(&scene, backend);
    scene.assert_nothing_left();
    let report = ended.report();
    let broken = report
        .findings
        .iter()
        .filter_map(|finding| match &finding.state {
            FindingState::Broken(witness) => {
                Some((finding.clause.to_string(), witness.actual.clone()))
            }
            _ => None,
        });
    let (clauses, said): (BTreeSet<String>, Vec<String>) = broken.unzip();
    let of_broken = report
        .clauses
        .iter()
        .filter(|clause| clauses.contains(clause.clause.as_str()));
    let verdicts = of_broken.map(|clause| clause.verdict).collect();
    (clauses, said, verdicts)
}

#[track_caller]
fn assert_found(backend: &str, clause: &str, actual: &str) {
    let (clauses, said, verdicts) = found(backend);
    assert_eq!(clauses, BTreeSet::from([clause.to_owned()]), "{said:?}");
    assert_eq!(verdicts, BTreeSet::from([Verdict::Unpromised]));
    assert!(said.iter().any(|said| said.contains(actual)), "{said:?}");
}

fn a_process_that_a_backend_leaves_is_found_and_killed() {
    let actual = "a process that consumer had started was still alive";
    assert_found("pipe:wrong/leaves-process", "leak.helper-processes", actual);
}

// On Windows nobody counts them.
#[cfg(unix)]
fn a_descriptor_that_a_backend_leaks_is_found() {
    let actual = "1 more, with every end closed";
    assert_found("pipe:wrong/leaks-descriptor", "leak.handles.steady", actual);
}

fn a_name_that_a_backend_leaves_is_found_and_removed() {
    let actual = "`left` was still there";
    assert_found("pipe:wrong/leaves-name", "leak.names.after-kill", actual);
}

fn the_backend_that_the_wrong_ones_stand_on_leaves_nothing() {
    let (clauses, said, _) = found("pipe:std/pipe");
    assert!(clauses.is_empty(), "{said:?}");
}
