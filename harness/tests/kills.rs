//! Kills and pauses of processes in every state, at each start method, on our own backends and on an
//! adapter's.
//!
//! The cases are in `kills/`. For a backend with channels, each process that is killed or paused also
//! holds an end, while two others use the channel.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ipc_conformance::internals::{TrialReport, Verdict};
use rstest::rstest;
use tempfile::TempDir;

use crate::reports::reports;

/// What a case gets for a kind of channel: the line that makes a process hold an end, and the channel
/// with two processes that use it.
fn channel(backend: &str) -> (&'static str, &'static str) {
    match backend.split(':').next() {
        Some("pipe") => (
            r#"holds = ["p.tx"]"#,
            r#"
[channels.p]
kind = "pipe"
[processes.sender]
steps = [{ send = { on = "p.tx", count = 3 } }]
[processes.receiver]
steps = [{ recv = { on = "p.rx", count = 3 } }, { recv = { on = "p.rx", expect = "end" } }]
"#,
        ),
        Some("queue") => (
            r#"holds = ["q"]"#,
            r#"
[channels.q]
kind = "queue"
[processes.producer]
steps = [{ put = { on = "q", count = 3 } }]
[processes.consumer]
steps = [{ get = { on = "q", count = 3 } }]
"#,
        ),
        _ => ("", ""),
    }
}

/// Writes the case for this backend into the folder.
fn write(case: &str, backend: &str, folder: &Path) -> PathBuf {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/tests/kills");
    let text = fs::read_to_string(cases.join(case).with_extension("toml"));
    let text = text.expect("the case is there");
    let (holds, channel) = channel(backend);
    let file = folder.join(case).with_extension("toml");
    let text = text.replace("# holds", holds) + channel;
    fs::write(&file, text).expect("a new folder is writable");
    file
}

/// Returns the reports of all trials that apply.
fn run(case: &str, backend: &str) -> Vec<TrialReport> {
    let folder = TempDir::new().expect("a temporary folder can be created");
    let output = Command::new(env!("CARGO_BIN_EXE_ipc-conformance"))
        .args(["--root", env!("CARGO_MANIFEST_DIR"), "run", "/", "--file"])
        .arg(write(case, backend, folder.path()))
        .args(["--backend", backend, "--format", "json"])
        .output()
        .expect("the program was built for this test");
    let mut reports = reports(&output);
    reports.retain(|report| {
        !matches!(
            report.verdict,
            Verdict::NotApplicable | Verdict::Unavailable
        )
    });
    reports
}

/// Without Python, no trial of CPython runs.
#[rstest]
#[case::killed_before_its_birth("before-birth", Verdict::Pass)]
#[case::killed_before_its_start("before-start", Verdict::Pass)]
#[case::killed_after_its_exit("exited", Verdict::Pass)]
#[case::killed_after_it_crashed("crashed", Verdict::Pass)]
#[case::killed_with_children_of_its_own("has-children", Verdict::Pass)]
#[case::several_killed_at_once("several", Verdict::Pass)]
#[case::killed_with_its_starter("with-its-starter", Verdict::Pass)]
#[case::paused_before_its_birth("paused-before-birth", Verdict::Pass)]
#[case::paused_while_its_starter_is_killed("paused-orphan", Verdict::Pass)]
#[case::paused_after_its_exit("paused-after-exit", Verdict::Unknown)]
#[case::to_be_killed_and_exited("killed-too-late", Verdict::Unknown)]
fn a_process_is(
    #[case] case: &str,
    #[case] expected: Verdict,
    #[values(
        "process:os/process",
        "pipe:std/pipe",
        "queue:broker",
        "process:cpython-fork/",
        "process:cpython-forkserver/",
        "pipe:cpython-spawn/",
        "queue:cpython-spawn/Queue",
        "queue:cpython-forkserver/SimpleQueue"
    )]
    backend: &str,
) {
    let reports = run(case, backend);
    assert!(!reports.is_empty() || backend.contains("cpython"));
    let verdicts: BTreeMap<String, (Verdict, Option<String>)> = reports
        .into_iter()
        .map(|report| (report.name.to_string(), (report.verdict, report.why)))
        .collect();
    let all = verdicts.values().all(|(verdict, _)| *verdict == expected);
    assert!(all, "{verdicts:#?}");
}
