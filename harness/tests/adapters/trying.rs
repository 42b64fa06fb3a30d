//! `adapter check` tells an honest adapter from others, and `adapter schema` what to keep to.

use std::env;
use std::fs;
use std::process::Command;

use super::command;
use crate::survival::scene::{Ended, Scene};

super::tests![
    an_honest_adapter_has_nothing_to_mend,
    an_adapter_that_dies_is_told_what_to_mend,
    a_program_that_is_not_there_is_told,
    the_example_of_the_guide_has_nothing_to_mend,
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
    let wrong = "✗ queue:hostile/queue transfers items, complete and in order\n    \
                 the adapter exited with code 3; its standard error ends:\n    \
                 Traceback: out of luck\n    to fix it: ";
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

fn the_example_of_the_guide_has_nothing_to_mend() {
    let guide = include_str!("../../adapters/README.md");
    let (_, rest) = guide.split_once("```python\n").expect("it has an example");
    let (example, _) = rest.split_once("```").expect("the example has an end");
    let folder = tempfile::tempdir().expect("room for a file");
    let file = folder.path().join("example.py");
    fs::write(&file, example).expect("a new file");
    let has_python = Command::new("python3").arg("--version").output().is_ok();
    // Where everything is to be there, so is Python.
    if !has_python && env::var_os("CI").is_none() {
        return;
    }
    let (ended, told) = check(&format!("python3 {}", file.display()));
    assert_eq!(ended.status.code(), Some(0), "{told}{}", ended.stderr);
}

fn the_schema_is_the_committed_one() {
    let scene = Scene::new();
    let ended = scene.start(["adapter", "schema", "from-adapter"]).end();
    let committed = include_str!("../../adapters/schemas/from-adapter.json");
    assert_eq!(String::from_utf8_lossy(&ended.stdout), committed);
}
