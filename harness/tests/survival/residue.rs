//! Processes, descriptors and files that a backend leaves are found, reported and removed.

use std::collections::BTreeSet;

use ipc_conformance::internals::{FindingState, Verdict};

use super::scene::Scene;
use super::wrong;

super::tests![
    a_leftover_process_is_reported_and_killed,
    #[cfg(target_os = "linux")]
    a_process_that_leaves_its_session_is_killed,
    #[cfg(unix)]
    a_leaked_descriptor_is_reported,
    a_leftover_file_is_reported_and_removed,
    the_right_backend_leaves_no_process_and_no_file,
];

/// Returns the broken clauses, the observed values, and the verdicts. A leak is reported, but fails
/// only a reference, because other backends promise nothing about it.
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

fn a_leftover_process_is_reported_and_killed() {
    let actual = "a process that consumer had started was still alive";
    assert_found("pipe:wrong/leaves-process", "leak.helper-processes", actual);
}

#[cfg(target_os = "linux")]
fn a_process_that_leaves_its_session_is_killed() {
    let scene = Scene::new();
    // Returns only after all processes have exited.
    let ended = wrong::end_on(&scene, "pipe:wrong/leaves-session");
    assert!(ended.status.success(), "{}", ended.stderr);
    scene.assert_nothing_left();
}

// On Windows, handles aren't counted.
#[cfg(unix)]
fn a_leaked_descriptor_is_reported() {
    let actual = "1 more, with every end closed";
    assert_found("pipe:wrong/leaks-descriptor", "leak.handles.steady", actual);
}

fn a_leftover_file_is_reported_and_removed() {
    let actual = "`left` was still there";
    assert_found("pipe:wrong/leaves-name", "leak.names.after-kill", actual);
}

fn the_right_backend_leaves_no_process_and_no_file() {
    let (clauses, said, _) = found("pipe:std/pipe");
    assert!(clauses.is_empty(), "{said:?}");
}
