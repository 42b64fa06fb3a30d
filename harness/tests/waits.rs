//! Reports of hangs: which process waits for which, and why the wait never ends.

// One of the hangs needs a backend that exists only on Unix.
#![cfg_attr(not(unix), allow(unused))]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ipc_conformance::internals::{Hang, TrialReport, WaitFor};
use rstest::rstest;

use crate::reports::only_report;

fn case(name: &str) -> PathBuf {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/tests/waits/cases");
    cases.join(name).with_extension("toml")
}

fn run(name: &str, backend: &str, format: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ipc-conformance"))
        .args(["--root", env!("CARGO_MANIFEST_DIR"), "run", "--file"])
        .arg(case(name))
        .args(["--backend", backend, "--format", format])
        .output()
        .expect("the program was built for this test")
}

fn report(name: &str, backend: &str) -> TrialReport {
    only_report(&run(name, backend, "json"))
}

fn wait_for(name: &str, backend: &str) -> WaitFor {
    report(name, backend).wait_for.expect("the run hangs")
}

/// Returns the part of the page that says which process waits for which.
fn hang_report(name: &str, backend: &str) -> String {
    let output = run(name, backend, "text");
    let page = String::from_utf8(output.stdout).expect("reports are text");
    let mut lines = page
        .lines()
        .skip_while(|line| !line.contains(": ") || !starts_report(line));
    let first = lines.next().into_iter();
    let waits = lines.take_while(|line| line.starts_with("    "));
    first.chain(waits).map(|line| format!("{line}\n")).collect()
}

/// Returns the line without the duration at its end, which differs between runs.
fn without_time(line: &str) -> String {
    let seconds = |text: &str| text.strip_suffix(" s")?.parse::<f64>().ok();
    match line.rsplit_once(" for ") {
        Some((waits, time)) if seconds(time).is_some() => format!("{waits} for [time]"),
        _ => line.to_owned(),
    }
}

fn starts_report(line: &str) -> bool {
    let hangs = [
        Hang::Deadlock,
        Hang::DeadPeer,
        Hang::StoppedPeer,
        Hang::LostWakeUp,
        Hang::Unexplained,
    ];
    let word = line.trim_start().split(": ").next().unwrap_or_default();
    hangs.iter().any(|hang| hang.words() == word)
}

const CIRCLE: (&str, &str) = ("circle", "unix/stream-socketpair");
const NOT_WOKEN: (&str, &str) = ("not-woken", "queue:broker~hang");
const DEAD_HOLDER: (&str, &str) = ("dead-holder", "queue:pipe-lock");

/// Three hangs that look the same from outside: all processes wait, and nothing moves.
#[cfg(unix)]
#[rstest]
#[case::deadlock("deadlock", CIRCLE)]
#[case::lost_wake_up("lost_wake_up", NOT_WOKEN)]
#[case::dead_peer("dead_peer", DEAD_HOLDER)]
fn the_report_names_the_kind_of_hang(#[case] what: &str, #[case] (name, backend): (&str, &str)) {
    let report = hang_report(name, backend);
    // The kernel's view differs between systems and has its own test.
    let lines = report
        .lines()
        .filter(|line| !line.trim_start().starts_with("kernel: "));
    let lasting: Vec<String> = lines.map(without_time).collect();
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!(what, lasting.join("\n"));
    });
}

#[cfg(unix)]
#[rstest]
#[case::deadlock(CIRCLE, Hang::Deadlock)]
#[case::lost_wake_up(NOT_WOKEN, Hang::LostWakeUp)]
#[case::dead_peer(DEAD_HOLDER, Hang::DeadPeer)]
fn the_event_log_names_the_kind_of_hang(#[case] of: (&str, &str), #[case] expected: Hang) {
    let report = wait_for(of.0, of.1);
    assert_eq!(report.hang(), expected, "{report:#?}");
    for waiting in &report.waits {
        assert!(waiting.lasted > 1_000_000_000, "{waiting:#?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_kernel_names_the_system_call_and_descriptor_of_each_wait() {
    let report = wait_for(CIRCLE.0, CIRCLE.1);
    let seen: Vec<&str> = report
        .waits
        .iter()
        .filter(|waiting| waiting.process != "onlooker")
        .flat_map(|waiting| waiting.seen.iter().map(String::as_str))
        .collect();
    assert_eq!(seen.len(), 2, "{report:#?}");
    for line in seen {
        assert!(
            line.contains("(2) on fd ") && line.ends_with("a socket"),
            "{line}"
        );
    }
}
