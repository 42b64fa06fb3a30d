//! The adapter for CPython's multiprocessing: its queues and pipes give the goldens of the seed
//! programs.

use std::collections::BTreeSet;
use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

use ipc_conformance::internals::{Event, TrialReport, Verdict, json};
use libtest_mimic::Trial;

use crate::named::{self, Named};

/// The tests for these start methods.
macro_rules! methods {
    ($($method:ident),+) => {
        [$((
            concat!("the_seed_programs_match_their_goldens_with_", stringify!($method)),
            (|| assert_goldens_match(stringify!($method))) as fn(),
        )),+]
    };
}

const EVERYWHERE: &[Named] = &methods![spawn];
const ON_UNIX: &[Named] = &methods![fork, forkserver];
const OF_ITS_OWN: &[Named] = &[("the_unit_tests_of_the_adapter_pass", its_own_tests_pass)];

/// Returns the tests of this file. They are ignored if Python is missing.
pub(crate) fn trials() -> Vec<Trial> {
    let on_unix = if cfg!(unix) { ON_UNIX } else { &[] };
    // In CI these tests run in any case, and fail without Python.
    let left_out = env::var_os("CI").is_none() && !has_python();
    let tests = [EVERYWHERE, on_unix, OF_ITS_OWN].into_iter().flatten();
    let trial = |test| named::trial("python", test).with_ignored_flag(left_out);
    tests.map(trial).collect()
}

fn has_python() -> bool {
    let version = Command::new("python3")
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status();
    version.is_ok_and(|status| status.success())
}

/// Checks which seed programs pass on the backends of this start method.
fn assert_goldens_match(method: &str) {
    let reports = run(&["seed/", "--backend", &format!("cpython-{method}/")]);
    let passed: BTreeSet<String> = reports
        .iter()
        .filter(|report| report.verdict == Verdict::Pass)
        .map(|report| report.name.to_string())
        .collect();
    let starts: &[&str] = if cfg!(unix) {
        &["spawn", "forkserver", "fork"]
    } else {
        &["spawn"]
    };
    let isolation = starts
        .iter()
        .map(|start| format!("seed/isolation[start={start}]@process:cpython-{method}/Process"));
    let queues = ["Queue", "SimpleQueue", "JoinableQueue"]
        .map(|class| format!("seed/queue@queue:cpython-{method}/{class}"));
    let pipe = format!("seed/pipe@pipe:cpython-{method}/Pipe");
    let expected: BTreeSet<String> = isolation.chain(queues).chain([pipe]).collect();
    assert_eq!(passed, expected, "{reports:#?}");
}

fn its_own_tests_pass() {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/adapters/python-multiprocessing");
    let output = Command::new("python3")
        .args(["-m", "unittest", "--quiet", "test_adapter"])
        .current_dir(folder)
        .output()
        .expect("python3 can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("OK"), "{said}");
}

/// Returns the reports of a run with these arguments.
pub(crate) fn run(arguments: &[&str]) -> Vec<TrialReport> {
    let output = Command::new(env!("CARGO_BIN_EXE_ipc-conformance"))
        .args(["run", "--root", env!("CARGO_MANIFEST_DIR"), "--format=json"])
        .args(arguments)
        .output()
        .expect("the program was built for this test");
    let said = String::from_utf8_lossy(&output.stderr);
    let events = json::read(output.stdout.as_slice()).unwrap_or_else(|why| panic!("{why}: {said}"));
    events.into_iter().filter_map(Event::into_report).collect()
}
