//! The kits for adapters in other languages: their own tests, and the columns of libraries.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ipc_conformance::internals::Verdict;
use libtest_mimic::Trial;

use crate::found::is_installed;
use crate::named::{self, Named};
use crate::python::run;

const PYTHON: &[Named] = &[
    ("the_tests_of_the_python_kit_pass", python_tests_pass),
    ("the_python_kit_hosts_a_stream", || {
        assert_all_pass("python-socket", &["stream/"]);
    }),
    ("the_python_kit_hosts_a_library_with_an_event_loop", || {
        assert_all_pass("python-asyncio", &["stream/"]);
    }),
    (
        "an_adapter_without_its_library_is_unavailable",
        without_its_library,
    ),
];
const NODE: &[Named] = &[
    ("the_tests_of_the_javascript_kit_pass", node_tests_pass),
    ("the_javascript_kit_hosts_a_stream", || {
        assert_all_pass("node-net", &["stream/"]);
    }),
];

/// The adapters whose libraries must be installed, and the modules that show whether they are.
const OF_LIBRARIES: &[(&str, &str)] = &[
    ("billiard", "billiard"),
    ("faster-fifo", "faster_fifo"),
    ("posix-ipc", "posix_ipc"),
    ("pynng", "pynng"),
    ("pyzmq", "zmq"),
];

/// Returns the tests of this file. Those of a library that isn't installed are ignored. Those of a language whose interpreter is missing are ignored,
/// except for Python in CI.
pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    // The kits start processes from others only on Unix.
    for (program, tests, is_required) in [("python3", PYTHON, true), ("node", NODE, false)] {
        let runs = is_there(program) || is_required && env::var_os("CI").is_some();
        let trial = |test| named::trial("kits", test).with_ignored_flag(!runs || cfg!(windows));
        trials.extend(tests.iter().map(trial));
    }
    for &(adapter, module) in OF_LIBRARIES {
        let name = format!("kits::the_columns_of_{adapter}_show_what_is_recorded");
        let test = move || {
            assert_all_pass(adapter, &["seed/", "kill"]);
            Ok(())
        };
        let runs = cfg!(unix) && is_installed(module);
        trials.push(Trial::test(name, test).with_ignored_flag(!runs));
    }
    trials
}

fn is_there(program: &str) -> bool {
    let version = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status();
    version.is_ok_and(|status| status.success())
}

fn kits() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/adapters/kits")
}

#[track_caller]
fn assert_succeeds(command: &mut Command) {
    let output = command.current_dir(kits()).output();
    let output = output.expect("its interpreter can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{said}");
}

fn python_tests_pass() {
    let test = ["-m", "unittest", "--quiet", "test_ipc_conformance_kit"];
    assert_succeeds(Command::new("python3").args(test));
}

fn node_tests_pass() {
    assert_succeeds(Command::new("node").args(["--test", "test-ipc-conformance-kit.mjs"]));
}

/// Checks that every such case that applies to an adapter's columns passes, or breaks as recorded.
#[track_caller]
fn assert_all_pass(adapter: &str, patterns: &[&str]) {
    let reports = run(&[patterns, &["--adapter", adapter]].concat());
    let fine = [
        Verdict::Pass,
        Verdict::NotApplicable,
        Verdict::Unpromised,
        Verdict::Documented,
        Verdict::Diverges,
    ];
    let others = reports.iter().filter(|one| !fine.contains(&one.verdict));
    let others: Vec<String> = others
        .map(|one| format!("{} {:?}", one.name, one.verdict))
        .collect();
    assert_eq!(others, [""; 0]);
    assert!(reports.iter().any(|one| one.verdict == Verdict::Pass));
}

fn without_its_library() {
    let reports = run(&["seed/", "--adapter", "posix-ipc"]);
    let [report] = &reports[..] else {
        panic!("{reports:#?}");
    };
    // It may be installed on this machine.
    if report.verdict == Verdict::Unavailable {
        let why = report.why.clone().unwrap_or_default();
        assert!(why.contains("No module named 'posix_ipc'"), "{why}");
        assert!(why.ends_with("pip install posix_ipc"), "{why}");
    } else {
        assert_eq!(report.verdict, Verdict::Pass);
    }
}
