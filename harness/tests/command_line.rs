//! The command line: output and exit codes.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use ipc_conformance::internals::{Event, json};
use rstest::rstest;

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

const REFERENCES: &[&str] = &[
    "--backend=queue:broker",
    "--backend=pipe:std/pipe",
    "--backend=process:os/process",
];

#[test]
fn the_seed_programs_print_the_received_values() {
    let output = ipc_conformance(&[&["run", "seed/queue", "seed/pipe"], REFERENCES].concat());
    let received: Vec<String> = text(&output.stdout)
        .lines()
        .filter_map(|line| line.strip_prefix("    Received "))
        .map(str::to_owned)
        .collect();
    assert_eq!(received, ["0", "1", "2", "3", "4", "0", "1", "2", "3", "4"]);
}

/// One line for each trial, followed by exactly the output of its processes. The output is an empty
/// line if the child has its own memory.
#[cfg(unix)]
#[test]
fn the_seed_programs_print_no_other_lines() {
    let output = ipc_conformance(&[&["run", "seed/", "--seed", "0"], REFERENCES].concat());
    let stdout = text(&output.stdout);
    let (trials, summary) = stdout
        .trim_end()
        .rsplit_once('\n')
        .expect("the last line is a summary");
    assert_eq!(
        trials,
        "\
pass  seed/isolation[start=spawn]@process:os/process

not-applicable  seed/isolation[start=forkserver]@process:os/process  (no forkserver)
pass  seed/isolation[start=fork]@process:os/process
    Ciallo~(∠・ω< )⌒★
pass  seed/pipe@pipe:std/pipe
    Received 0
    Received 1
    Received 2
    Received 3
    Received 4
pass  seed/queue@queue:broker
    Received 0
    Received 1
    Received 2
    Received 3
    Received 4"
    );
    assert!(summary.ends_with(": 4 pass, 1 not-applicable"), "{summary}");
    assert_eq!(code(&output), Some(0));
}

#[test]
fn a_log_has_the_same_bytes_as_the_printed_json() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let log = folder.path().join("log.jsonl");
    let path = log
        .to_str()
        .expect("the path of a temporary folder is UTF-8");
    let output = ipc_conformance(&["run", "seed/", "--format", "json", "--log", path]);
    let logged = fs::read(&log).expect("the log was written");
    assert!(logged == output.stdout, "{}", text(&output.stderr));
    let events = json::read(logged.as_slice()).expect("a run that ended has a complete log");
    let trials = |event: &&Event| matches!(event, Event::Finished(_));
    let Event::Header(header) = &events[0] else {
        panic!("{:?}", events[0]);
    };
    assert_eq!(events.iter().filter(trials).count(), header.trials);
}

#[test]
fn an_unmatched_pattern_suggests_a_similar_case() {
    let output = ipc_conformance(&["run", "sead/queue"]);
    assert_eq!(code(&output), Some(4));
    let stderr = text(&output.stderr);
    assert!(stderr.contains("did you mean seed/queue"), "{stderr}");
}

#[test]
fn an_unmatched_pattern_is_an_error_although_another_matches() {
    let output = ipc_conformance(&["run", "seed/queue", "seed/pip3"]);
    assert_eq!(code(&output), Some(4), "{}", text(&output.stdout));
    let stderr = text(&output.stderr);
    assert!(stderr.contains("no trial matches `seed/pip3`"), "{stderr}");
    assert!(output.stdout.is_empty(), "{}", text(&output.stdout));
}

#[test]
fn an_unmatched_pattern_is_reported_with_the_backend() {
    let output = ipc_conformance(&["run", "seed/pipe", "--backend", "broker"]);
    assert_eq!(code(&output), Some(4));
    let stderr = text(&output.stderr);
    assert!(
        stderr.contains("no trial on queue:broker matches `seed/pipe`"),
        "{stderr}"
    );
}

#[test]
fn an_unwritable_log_fails_before_any_trial() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let log = folder.path().join("no such folder").join("log.jsonl");
    let path = log
        .to_str()
        .expect("the path of a temporary folder is UTF-8");
    let output = ipc_conformance(&["run", "seed/queue", "--log", path]);
    assert_eq!(code(&output), Some(2));
    assert!(output.stdout.is_empty(), "{}", text(&output.stdout));
    let stderr = text(&output.stderr);
    assert!(stderr.contains("can't write"), "{stderr}");
    assert!(stderr.contains("log.jsonl"), "{stderr}");
}

#[test]
fn a_closed_standard_output_is_not_an_error() {
    for arguments in [&["run", "seed/queue"][..], &["list", "clauses"]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_ipc-conformance"))
            .args(["--root", env!("CARGO_MANIFEST_DIR")])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program was built for this test");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("a child can be waited for");
        assert_eq!(code(&output), Some(0), "{arguments:?}");
        assert_eq!(text(&output.stderr), "", "{arguments:?}");
    }
}

#[test]
fn an_unknown_backend_lists_the_known_ones() {
    let output = ipc_conformance(&["run", "--backend", "carrier-pigeon"]);
    assert_eq!(code(&output), Some(4));
    let stderr = text(&output.stderr);
    assert!(stderr.contains("queue:broker"), "{stderr}");
}

#[test]
fn a_broken_clause_exits_with_1_and_prints_a_command_to_reproduce_it() {
    let output = ipc_conformance(&["run", "seed/pipe", "--backend", "pipe:std/pipe~swapped"]);
    let stdout = text(&output.stdout);
    assert_eq!(code(&output), Some(1), "{stdout}");
    let again = " run --exact seed/pipe --backend 'pipe:std/pipe~swapped' ";
    assert!(stdout.contains(again), "{stdout}");
    assert!(stdout.contains("cases/seed/pipe.toml:"), "{stdout}");
}

#[test]
fn a_wrong_argument_exits_with_2() {
    let no_jobs = ipc_conformance(&["run", "--jobs", "0"]);
    assert_eq!(code(&no_jobs), Some(2));
    let stderr = text(&no_jobs.stderr);
    assert!(stderr.contains("at least one trial"), "{stderr}");
    assert_eq!(code(&ipc_conformance(&["jump"])), Some(2));
}

#[test]
fn a_malformed_case_file_exits_with_2_and_is_quoted() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let file = folder.path().join("faulty.toml");
    fs::write(&file, "titel = \"a slip\"\n").expect("the folder is writable");
    let path = file
        .to_str()
        .expect("the path of a temporary folder is UTF-8");
    let output = ipc_conformance(&["check", path]);
    let stderr = text(&output.stderr);
    assert_eq!(code(&output), Some(2), "{stderr}");
    assert!(stderr.contains("titel"), "{stderr}");
}

#[test]
fn a_folder_without_cases_exits_with_4() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let cases = folder.path().join("cases");
    fs::create_dir(cases).expect("the folder is writable");
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
fn list_prints_cases_backends_clauses_and_invariants() {
    for (what, expected) in [
        ("cases", "seed/queue"),
        ("backends", "pipe:std/pipe"),
        (
            "clauses",
            "pipe.order.single-writer (must, core, since 0.1)",
        ),
        ("clauses", "tested by wire/garbage"),
        (
            "clauses",
            "seen broken: https://github.com/nodejs/node/issues/61312",
        ),
        (
            "clauses",
            "not tested: setting the system's clock needs privileges",
        ),
        ("invariants", "order"),
    ] {
        let output = ipc_conformance(&["list", what]);
        assert_eq!(code(&output), Some(0), "{what}");
        let stdout = text(&output.stdout);
        assert!(stdout.contains(expected), "{stdout}");
    }
}

#[rstest]
#[case::a_clause("pipe.eof.sticky", &["judged by `end`", "pipe/end-again\n", "interprocess.toml"])]
#[case::a_clause_without_a_case("fault.clock.jump", &["not tested: "])]
#[case::a_case("pipe/end-again", &["Tests ", "pipe.eof.sticky (", "pipe:std/pipe\n"])]
#[case::a_file("cases/seed/pipe.toml", &["run --exact seed/pipe"])]
#[case::a_trial("pipe/given-up-receive@pipe:std/stdio", &["in cases/pipe/given-up-receive.toml"])]
#[case::a_backend("std/pipe", &["pipe:std/pipe\n", "stream:std/pipe\n", "composed: "])]
#[case::a_verdict("documented", &["in the matrix: documented otherwise", "applies: 0"])]
fn explain_describes(#[case] name: &str, #[case] expected: &[&str]) {
    let output = ipc_conformance(&["explain", name]);
    let stdout = text(&output.stdout);
    assert_eq!(code(&output), Some(0), "{}", text(&output.stderr));
    for part in expected {
        assert!(stdout.contains(part), "{stdout}");
    }
}

#[rstest]
#[case::like_a_clause("pipe.eof.stcky", "did you mean `pipe.eof.sticky`?")]
#[case::like_nothing(
    "xyzzy",
    "`list clauses`, `list cases` and `list backends` show what there is"
)]
fn explain_of_an_unknown_name_says_what_there_is(#[case] name: &str, #[case] help: &str) {
    let output = ipc_conformance(&["explain", name]);
    let stderr = text(&output.stderr);
    assert_eq!(code(&output), Some(2));
    assert!(stderr.contains(help), "{stderr}");
}

#[test]
fn check_names_clauses_that_no_case_tests() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let clause = |id: &str, more: &str| {
        format!(
            "[[clause]]\nid = \"{id}\"\nsentence = \"s\"\nlevel = \"must\"\nprofile = \"core\"\n\
             source = \"s\"\n{more}"
        )
    };
    let clauses = clause("pipe.order.single-writer", "")
        + &clause("pipe.eof.sticky", "")
        + &clause("fault.clock.jump", "untried = \"it needs privileges\"\n");
    let case =
        include_str!("../../cases/seed/pipe.toml").replace(", \"pipe.eof.sentinel-is-data\"", "");
    fs::create_dir_all(folder.path().join("cases/seed")).expect("it can be written");
    fs::write(folder.path().join("cases/clauses.toml"), clauses).expect("it can be written");
    fs::write(folder.path().join("cases/seed/pipe.toml"), case).expect("it can be written");
    let output = run_in(folder.path(), &["check"]);
    let expected =
        "note: no case tests `pipe.eof.sticky`\n1 of 1 case file valid, with 1 permutation\n";
    assert_eq!(text(&output.stdout), expected, "{}", text(&output.stderr));
    assert_eq!(code(&output), Some(0));
}

#[test]
fn long_help_lists_the_exit_codes() {
    let long = text(&ipc_conformance(&["--help"]).stdout);
    let short = text(&ipc_conformance(&["-h"]).stdout);
    assert!(long.contains("Exit codes:"), "{long}");
    assert!(!short.contains("Exit codes:"), "{short}");
}

/// Runs a command as a shell does.
#[cfg(unix)]
fn in_a_shell(command: &str) -> Output {
    Command::new("sh")
        .args(["-c", command])
        .env_remove("CARGO_PKG_NAME")
        .output()
        .expect("there is a shell")
}

#[cfg(unix)]
#[test]
fn the_command_on_a_page_runs_the_same_trial_again() {
    let program = env!("CARGO_BIN_EXE_ipc-conformance");
    let root = env!("CARGO_MANIFEST_DIR");
    let trial = "'pipe/edge-lengths[size=4097]' --backend pipe:std/pipe~corrupt";
    let first = in_a_shell(&format!("{program} --root {root} run {trial}"));
    assert_eq!(code(&first), Some(1), "{first:?}");
    let page = text(&first.stdout);
    let again = page
        .lines()
        .find_map(|line| line.strip_prefix("  run it again: "))
        .expect("a page ends with a command");
    let second = in_a_shell(again);
    assert_eq!(code(&second), Some(1), "{again}: {second:?}");
    assert_eq!(text(&second.stdout), page);
}
