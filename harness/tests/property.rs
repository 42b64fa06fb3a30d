//! A property that breaks produces a case file that reproduces the break.

use std::path::Path;
use std::process::{Command, Output};

use ipc_conformance::internals::{Instance, Verdict};
use rstest::rstest;

use crate::reports::only_report;

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ipc-conformance"))
        .args([
            "--root",
            env!("CARGO_MANIFEST_DIR"),
            "run",
            "--format",
            "json",
        ])
        .args(arguments)
        .output()
        .expect("the program was built for this test")
}

fn on(case: &Path, backend: &str) -> Verdict {
    let file = case.to_str().expect("the path is UTF-8");
    only_report(&run(&["--file", file, "--backend", backend])).verdict
}

#[rstest]
#[case::queue("property/queue-items", "queue:broker", "count = 200 }")]
#[case::pipe("property/pipe-messages", "pipe:std/pipe", "count = 201 }")]
#[case::stream("property/stream-bytes", "stream:std/pipe", "count = 201 }")]
fn losing_every_200th_message_is_found_and_shrunk_to_a_failing_case(
    #[case] property: &str,
    #[case] sound: &str,
    #[case] smallest: &str,
) {
    let wrong = format!("{sound}~lost@every-200");
    let output = run(&["--exact", property, "--backend", &wrong]);
    assert_eq!(output.status.code(), Some(1));
    let report = only_report(&output);
    let Instance {
        text, broke, tried, ..
    } = report.instance.expect("the report has an instance");
    assert_eq!(broke, tried, "the case breaks in every run");
    assert!(text.contains(smallest), "{text}");
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let case = folder.path().join("found.toml");
    std::fs::write(&case, &text).expect("the case can be written");
    assert_eq!(on(&case, &wrong), Verdict::Fail);
    assert_eq!(on(&case, sound), Verdict::Pass);
}

#[test]
fn a_seed_gives_the_same_run_again() {
    let evidence = || {
        let output = run(&[
            "--exact",
            "property/pipe-messages",
            "--backend",
            "std/pipe",
            "--seed",
            "5",
        ]);
        let report = only_report(&output);
        (report.verdict, report.operations)
    };
    assert_eq!(evidence(), evidence());
}
