//! A machine that has too little of something makes trials unknown, and breaks no library's promise.
//!
//! Each test runs the built program with a limit, or in a namespace of its own.

#[cfg(target_os = "linux")]
pub(crate) mod linux;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use ipc_conformance::internals::{Event, TrialReport, Verdict, json};
use libtest_mimic::Trial;
use tempfile::TempDir;

use crate::named::{self, Named};
use crate::survival::scene::{HEADER, Scene};

const TESTS: &[Named] = &[
    (
        "few_descriptors_charge_no_library",
        few_descriptors_charge_no_library,
    ),
    (
        "many_jobs_run_as_far_as_descriptors_allow",
        many_jobs_run_as_far_as_descriptors_allow,
    ),
    (
        "a_long_tmpdir_changes_no_verdict",
        a_long_tmpdir_changes_no_verdict,
    ),
    (
        "several_harnesses_at_once_charge_no_library",
        several_harnesses_at_once_charge_no_library,
    ),
    (
        "a_folder_that_is_removed_charges_no_library",
        a_folder_that_is_removed_charges_no_library,
    ),
];

/// Returns the tests of this file.
pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    let tests = TESTS.iter().map(|test| named::trial("shortage", test));
    #[cfg(target_os = "linux")]
    let tests = tests.chain(linux::trials());
    tests
}

/// The built program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_ipc-conformance");

/// Trials of each kind of channel that need names, processes and descriptors.
const SOME: [&str; 5] = [
    "endpoint/backlog",
    "endpoint/right-key",
    "pipe/chain",
    "queue/bounded",
    "process/exit-codes",
];

/// Returns a command that runs a shell's script, which has the program and its arguments as `"$@"`.
fn scripted(script: &str) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", script, "sh", PROGRAM])
        .args(["run", "--format=json", "--no-adapters"])
        .env_remove("IPC_CONFORMANCE_ROOT")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null());
    command
}

/// A harness that has ended.
struct Ran {
    code: Option<i32>,
    stdout: Vec<u8>,
    stderr: String,
}

impl Ran {
    #[track_caller]
    fn of(command: &mut Command) -> Ran {
        Ran::from(command.output().expect("the system has a shell"))
    }

    /// Returns the reports of its trials. Its event log must be complete.
    #[track_caller]
    fn reports(&self) -> Vec<TrialReport> {
        let events = json::read(self.stdout.as_slice());
        let events = events.unwrap_or_else(|error| panic!("{error}; {}", self.stderr));
        events.into_iter().filter_map(Event::into_report).collect()
    }

    /// Checks that each trial has the result of a machine that has enough, or is unknown because of the
    /// machine. Returns the reasons of those.
    #[track_caller]
    fn lacks(&self) -> Vec<String> {
        let mut lacks = Vec::new();
        for report in self.reports() {
            let why = report.why.unwrap_or_default();
            match report.verdict {
                Verdict::Unknown if is_of_machine(&why) => lacks.push(why),
                verdict => assert!(
                    verdict.is_as_expected(),
                    "{} {verdict:?}: {why}",
                    report.name
                ),
            }
        }
        lacks
    }
}

fn is_of_machine(why: &str) -> bool {
    why.contains("the machine ran out of") || why.contains("was removed during the run")
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            code: output.status.code(),
            stdout: output.stdout,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

fn few_descriptors_charge_no_library() {
    let trials = SOME.iter().chain(&["endpoint/queue-of-clients"]);
    let ran = Ran::of(scripted("ulimit -n 64 && exec \"$@\"").args(trials));
    let lacks = ran.lacks();
    // Seventeen processes need more descriptors than that.
    assert!(
        lacks.iter().any(|why| why.contains("file descriptors")),
        "{lacks:?}"
    );
    assert!(lacks.len() < ran.reports().len(), "{lacks:?}");
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
}

fn many_jobs_run_as_far_as_descriptors_allow() {
    let script = "ulimit -n 128 && exec \"$@\"";
    let ran = Ran::of(scripted(script).args(["--jobs=400"]).args(SOME));
    assert_eq!(ran.lacks(), [""; 0]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("note: at most 3 trials"),
        "{}",
        ran.stderr
    );
}

/// Returns a new folder with a path of more than 120 characters.
fn long_folder(folder: &Path) -> std::path::PathBuf {
    let long = folder.join("x".repeat(120));
    fs::create_dir(&long).expect("a new folder is writable");
    long
}

fn a_long_tmpdir_changes_no_verdict() {
    let folder = TempDir::new().expect("a temporary folder can be created");
    let long = long_folder(folder.path());
    let ran = Ran::of(scripted("exec \"$@\"").env("TMPDIR", &long).args(SOME));
    assert_eq!(ran.lacks(), [""; 0]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("too long for names of sockets"),
        "{}",
        ran.stderr
    );
}

fn several_harnesses_at_once_charge_no_library() {
    let start = |_| {
        let mut command = scripted("exec \"$@\"");
        command.args(["--jobs=4"]).args(SOME);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the system has a shell")
    };
    let harnesses: Vec<_> = (0..6).map(start).collect();
    for harness in harnesses {
        let output = harness
            .wait_with_output()
            .expect("a child can be waited for");
        assert_eq!(Ran::from(output).lacks(), [""; 0]);
    }
}

fn a_folder_that_is_removed_charges_no_library() {
    let scene = Scene::new();
    let root = scene.slow_case("removed", "3s");
    let pipe = "--backend=pipe:std/pipe";
    let mut harness = scene.start(["run", "--format=json", pipe, "--root", &root]);
    harness.wait_until_it_says(HEADER);
    for left in scene.left() {
        // Those that are in a folder are gone with it.
        let _ = fs::remove_dir_all(&left).or_else(|_| fs::remove_file(&left));
    }
    let report = harness.end().report();
    let why = report.why.unwrap_or_default();
    assert_eq!(report.verdict, Verdict::Unknown, "{why}");
    assert!(is_of_machine(&why), "{why}");
}
