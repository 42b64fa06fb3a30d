//! Random cases show no fault of the harness, and a faulty backend shows as one with a small case.

use std::process::{Command, Output};

use rstest::rstest;

fn self_test(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ipc-conformance"))
        .args(["--root", env!("CARGO_MANIFEST_DIR"), "self-test"])
        .args(arguments)
        .output()
        .expect("the program was built for this test")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[rstest]
#[case::one("1")]
#[case::another("2")]
fn random_cases_break_no_promise_on_the_references(#[case] seed: &str) {
    let output = self_test(&["--cases", "150", "--seed", seed]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
}

#[test]
fn every_fault_that_acts_several_times_is_detected() {
    let output = self_test(&["--mutants", "--cases", "200", "--seed", "1"]);
    let shown = text(&output);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    // Some faults did act.
    let acted = shown.lines().filter(|line| {
        let numbers = line.split_whitespace().rev();
        let detected = numbers.take(1).find_map(|last| last.parse::<u64>().ok());
        detected.is_some_and(|detected| detected > 0)
    });
    assert!(acted.count() > 20, "{shown}");
}

#[test]
fn a_wrong_verdict_is_shown_with_a_small_case() {
    // To the self-test, every backend is sound.
    let wrong = ["--backend", "pipe:std/pipe~corrupt@always"];
    let output = self_test(&[&["--cases", "12", "--seed", "2"], &wrong[..]].concat());
    let shown = text(&output);
    assert_eq!(output.status.code(), Some(70), "{shown}");
    assert!(shown.contains("the harness's own fault"), "{shown}");
    let smallest = shown.split("the smallest case file").skip(1);
    let lines = smallest.map(|case| case.lines().count()).min();
    assert!(lines.is_some_and(|lines| lines < 24), "{shown}");
}

#[test]
fn the_same_seed_draws_the_same_cases() {
    let drawn = || {
        let output = self_test(&["--cases", "20", "--seed", "7"]);
        text(&output).split("verdicts").next().map(str::to_owned)
    };
    assert_eq!(drawn(), drawn());
}
