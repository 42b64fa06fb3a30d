//! `adapter check` tells an honest adapter from others, and `adapter schema` what to keep to.

use crate::command;
use crate::scene::{Ended, Scene};

crate::tests![
    an_honest_adapter_has_nothing_to_mend,
    an_adapter_that_dies_is_told_what_to_mend,
    a_program_that_is_not_there_is_told,
    the_schema_is_the_committed_one,
];

fn check(adapter: &str) -> (Ended, String) {
    let scene = Scene::new();
    let ended = scene.start(["adapter", "check", adapter]).end();
    scene.assert_nothing_left();
    let told = String::from_utf8(ended.stdout.clone()).expect("text");
    (ended, told)
}

fn an_honest_adapter_has_nothing_to_mend() {
    let (ended, told) = check(&command("honest"));
    assert_eq!(ended.status.code(), Some(0), "{told}{}", ended.stderr);
    assert_eq!(
        told.lines().filter(|line| line.starts_with('✓')).count(),
        9,
        "{told}"
    );
    assert!(!told.contains('✗'), "{told}");
}

fn an_adapter_that_dies_is_told_what_to_mend() {
    let (ended, told) = check(&command("dies"));
    assert_eq!(ended.status.code(), Some(5), "{told}{}", ended.stderr);
    let wrong = "✗ queue:hostile/queue takes and gives, each whole and in order\n    \
                 the adapter exited with code 3; its standard error ends:\n    \
                 Traceback: out of luck\n    to mend it: ";
    assert!(told.contains(wrong), "{told}");
}

fn a_program_that_is_not_there_is_told() {
    let (ended, told) = check("no-such-program");
    assert_eq!(ended.status.code(), Some(5), "{told}{}", ended.stderr);
    assert!(
        told.contains("the adapter's program `no-such-program` isn't there"),
        "{told}"
    );
}

fn the_schema_is_the_committed_one() {
    let scene = Scene::new();
    let ended = scene.start(["adapter", "schema", "from-adapter"]).end();
    let committed = include_str!("../../adapters/schemas/from-adapter.json");
    assert_eq!(String::from_utf8_lossy(&ended.stdout), committed);
}
