//! What a backend leaves behind is found, named, and taken away.

use std::collections::BTreeSet;

use crate::scene::{Scene, broken};
use crate::stand_in::StandIn;

crate::tests![
    a_process_that_a_backend_leaves_is_found_and_killed,
    a_descriptor_that_a_backend_leaks_is_found,
    a_name_that_a_backend_leaves_is_found_and_removed,
    the_backend_that_the_wrong_ones_stand_on_leaves_nothing,
];

fn found(backend: &str) -> (BTreeSet<String>, Vec<String>) {
    let scene = Scene::new();
    let backend = format!("--backend={backend}");
    let arguments = ["run", "--format=json", "seed/pipe", &backend];
    let ended = scene.start_as(StandIn::CommandLine, arguments).end();
    scene.assert_nothing_left();
    let report = ended.report();
    let said = report.failures.iter().map(|page| page.actual.clone());
    (broken(&report).into_iter().collect(), said.collect())
}

#[track_caller]
fn assert_found(backend: &str, clause: &str, actual: &str) {
    let (clauses, said) = found(backend);
    assert_eq!(clauses, BTreeSet::from([clause.to_owned()]), "{said:?}");
    assert!(said.iter().any(|said| said.contains(actual)), "{said:?}");
}

fn a_process_that_a_backend_leaves_is_found_and_killed() {
    let actual = "a process that consumer had started was still alive";
    assert_found("pipe:wrong/leaves-process", "leak.helper-processes", actual);
}

fn a_descriptor_that_a_backend_leaks_is_found() {
    let actual = "1 more, with every end closed";
    assert_found("pipe:wrong/leaks-descriptor", "leak.handles.steady", actual);
}

fn a_name_that_a_backend_leaves_is_found_and_removed() {
    let actual = "`left` was still there";
    assert_found("pipe:wrong/leaves-name", "leak.names.after-kill", actual);
}

fn the_backend_that_the_wrong_ones_stand_on_leaves_nothing() {
    let (clauses, said) = found("pipe:std/pipe");
    assert!(clauses.is_empty(), "{said:?}");
}
