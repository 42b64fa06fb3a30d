//! The program as a person calls it.

use std::path::Path;
use std::process::{Command, Output};

use ipc_conformance::event::Event;
use ipc_conformance::report::json;

fn ipc_conformance(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ipc-conformance"))
        .args(["--root", env!("CARGO_MANIFEST_DIR")])
        .args(arguments)
        .output()
        .expect("the program was built for this test")
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_seed_programs_print_what_they_should() {
    let output = ipc_conformance(&["run", "seed/queue", "seed/pipe"]);
    let received: Vec<String> = text(&output.stdout)
        .lines()
        .filter_map(|line| line.strip_prefix("    Received "))
        .map(str::to_owned)
        .collect();
    assert_eq!(received, ["0", "1", "2", "3", "4", "0", "1", "2", "3", "4"]);
}

#[cfg(unix)]
#[test]
fn only_a_forked_child_sees_its_parents_variable() {
    let output = ipc_conformance(&["run", "seed/isolation"]);
    let stdout = text(&output.stdout);
    let below = |start: &str| {
        let mut lines = stdout
            .lines()
            .skip_while(|line| !line.contains(start))
            .skip(1);
        lines.next().map(str::to_owned)
    };
    let printed = "    Ciallo~(∠・ω< )⌒★".to_owned();
    assert_eq!(below("start=fork]"), Some(printed), "{stdout}");
    assert_eq!(below("start=spawn]"), Some(String::new()), "{stdout}");
}

#[test]
fn a_log_is_the_same_bytes_as_the_json_that_is_printed() {
    let folder = tempfile::tempdir().expect("a folder for the log");
    let log = folder.path().join("log.jsonl");
    let path = log.to_str().expect("temporary folders have plain names");
    let output = ipc_conformance(&["run", "seed/", "--format", "json", "--log", path]);
    let logged = std::fs::read(&log).expect("the log was written");
    assert!(logged == output.stdout, "{}", text(&output.stderr));
    let events = json::read(logged.as_slice()).expect("a run that ended has a whole log");
    let trials = |event: &&Event| matches!(event, Event::Finished(_));
    let Event::Header(header) = &events[0] else {
        panic!("{:?}", events[0]);
    };
    assert_eq!(events.iter().filter(trials).count(), header.trials);
}

#[test]
fn a_pattern_that_matches_nothing_says_what_was_meant() {
    let output = ipc_conformance(&["run", "sead/queue"]);
    assert_eq!(code(&output), Some(4));
    let stderr = text(&output.stderr);
    assert!(stderr.contains("did you mean seed/queue"), "{stderr}");
}

#[test]
fn a_backend_that_is_none_says_which_there_are() {
    let output = ipc_conformance(&["run", "--backend", "carrier-pigeon"]);
    assert_eq!(code(&output), Some(4));
    let stderr = text(&output.stderr);
    assert!(stderr.contains("queue:broker"), "{stderr}");
}

#[test]
fn a_broken_promise_exits_with_1_and_says_how_to_see_it_again() {
    let output = ipc_conformance(&["run", "seed/pipe", "--backend", "pipe:std/pipe~swapped"]);
    let stdout = text(&output.stdout);
    assert_eq!(code(&output), Some(1), "{stdout}");
    let again = "ipc-conformance run --exact seed/pipe --backend 'pipe:std/pipe~swapped' --seed 0";
    assert!(stdout.contains(again), "{stdout}");
    assert!(stdout.contains("cases/seed/pipe.toml:"), "{stdout}");
}

#[test]
fn a_wrong_argument_exits_with_2() {
    assert_eq!(code(&ipc_conformance(&["run", "--jobs", "0"])), Some(2));
    assert_eq!(code(&ipc_conformance(&["jump"])), Some(2));
}

#[test]
fn a_faulty_case_file_exits_with_2_and_is_pointed_at() {
    let folder = tempfile::tempdir().expect("a folder for the case");
    let file = folder.path().join("faulty.toml");
    std::fs::write(&file, "titel = \"a slip\"\n").expect("a folder that can be written");
    let path = file.to_str().expect("temporary folders have plain names");
    let output = ipc_conformance(&["check", path]);
    let stderr = text(&output.stderr);
    assert_eq!(code(&output), Some(2), "{stderr}");
    assert!(stderr.contains("titel"), "{stderr}");
}

#[test]
fn a_folder_without_cases_is_nothing_to_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let cases = folder.path().join("cases");
    std::fs::create_dir(cases).expect("a folder that can be written");
    let output = run_in(folder.path(), &["run"]);
    assert_eq!(code(&output), Some(4), "{}", text(&output.stderr));
}

fn run_in(root: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ipc-conformance"))
        .args(arguments)
        .arg("--root")
        .arg(root)
        .output()
        .expect("the program was built for this test")
}

#[test]
fn what_there_is_can_be_listed() {
    for (what, expected) in [
        ("cases", "seed/queue"),
        ("backends", "pipe:std/pipe"),
        ("clauses", "pipe.order.single-writer"),
        ("invariants", "order"),
    ] {
        let output = ipc_conformance(&["list", what]);
        assert_eq!(code(&output), Some(0), "{what}");
        let stdout = text(&output.stdout);
        assert!(stdout.contains(expected), "{stdout}");
    }
}

#[test]
fn help_explains_the_exit_codes_when_it_is_long() {
    let long = text(&ipc_conformance(&["--help"]).stdout);
    let short = text(&ipc_conformance(&["-h"]).stdout);
    assert!(long.contains("Exit codes:"), "{long}");
    assert!(!short.contains("Exit codes:"), "{short}");
}
