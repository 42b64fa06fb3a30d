//! The page of a report in a headless Chromium, which a script in Python drives.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use libtest_mimic::Trial;

use crate::named::{self, Named};

const TESTS: &[Named] = &[
    ("a_page_can_be_used", a_page_can_be_used),
    ("hostile_texts_are_texts", hostile_texts_are_texts),
];

/// Names of Chromium's program.
const PROGRAMS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Returns the tests of this file. They are ignored without Chromium or Python, and on Windows, where
/// no script can give a program these two pipes.
pub(crate) fn trials() -> Vec<Trial> {
    // In CI on Linux these tests run in any case, and fail without Chromium.
    let is_required = cfg!(target_os = "linux") && env::var_os("CI").is_some();
    let is_there = || chromium().is_some() && says_its_version("python3");
    let left_out = cfg!(windows) || !is_required && !is_there();
    let kind = match left_out {
        true => "needs chromium and python3",
        false => "",
    };
    let trial = |test| named::trial("browser", test).with_ignored_flag(left_out);
    TESTS
        .iter()
        .map(trial)
        .map(|test| test.with_kind(kind))
        .collect()
}

fn chromium() -> Option<&'static str> {
    PROGRAMS
        .into_iter()
        .find(|program| says_its_version(program))
}

fn says_its_version(program: &str) -> bool {
    let version = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    version.is_ok_and(|status| status.success())
}

/// Makes a page of a few trials, one of them of a backend that is wrong on purpose, and uses it. `edit`
/// changes the log before that.
#[track_caller]
fn use_page(edit: fn(String) -> String) {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let [log, page] = ["log.jsonl", "page.html"].map(|name| folder.path().join(name));
    let run = program(&["run", "pipe/end-again", "seed/pipe", "seed/queue"])
        .args(["--backend", "pipe:std/pipe~end-once"])
        .args(["--backend", "pipe:std/pipe", "--backend", "queue:broker"])
        .arg("--log")
        .arg(&log)
        .output()
        .expect("the program was built for this test");
    assert_eq!(run.status.code(), Some(1), "{}", said(&run.stderr));
    let text = fs::read_to_string(&log).expect("the log was written");
    fs::write(&log, edit(text)).expect("the log can be changed");
    let report = program(&["report"])
        .arg(&log)
        .arg("--html")
        .arg(&page)
        .output()
        .expect("the program was built for this test");
    assert_eq!(report.status.code(), Some(0), "{}", said(&report.stderr));

    let chromium = chromium().expect("Chromium is installed: `apt-get install chromium`");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/tests/browser/check.py");
    let checked = Command::new("python3")
        .arg("-B")
        .arg(script)
        .arg(chromium)
        .arg(&page)
        .output()
        .expect("Python is installed");
    assert!(checked.status.success(), "{}", said(&checked.stderr));
}

fn program(arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_ipc-conformance"));
    program
        .args(["--root", env!("CARGO_MANIFEST_DIR")])
        .args(arguments);
    program
}

fn said(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn a_page_can_be_used() {
    use_page(|log| log);
}

/// Every text of a log may be of another program.
fn hostile_texts_are_texts() {
    use_page(|log| {
        let hostile = r#"</script><script>window.hostile=1</script><!--<img src=x onerror='window.hostile=1'>\u2028\u202e\u200b"#;
        let expected = "the end again";
        assert!(log.contains(expected));
        let log = log.replace(expected, &format!("{expected}{hostile}"));
        // In a sentence, a title of a case, a description of a backend, and an item.
        let log = log.replace(
            "every later receive",
            &format!("{hostile} every later receive"),
        );
        let log = log.replace("with messages framed", &format!("{hostile} framed"));
        log.replace(r#""item":"1""#, &format!(r#""item":"1{hostile}""#))
    });
}
