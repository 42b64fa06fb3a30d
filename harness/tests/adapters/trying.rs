//! `adapter check` reports the mistakes of an adapter, and `adapter schema` prints the schemas.

use std::env;
use std::fs;
use std::process::Command;

use super::command;
use crate::survival::scene::{Ended, Scene};

super::tests![
    check_finds_nothing_wrong_with_an_honest_adapter,
    check_says_what_is_wrong_with_an_adapter_that_exits,
    check_reports_a_missing_program,
    check_finds_nothing_wrong_with_the_example_of_the_guide,
    check_finds_the_mistakes_in_a_changed_example,
    schema_prints_the_committed_schemas,
];

fn check(adapter: &str) -> (Ended, String) {
    let scene = Scene::new();
    let ended = scene.start(["adapter", "check", adapter]).end();
    scene.assert_nothing_left();
    let printed = String::from_utf8(ended.stdout.clone()).expect("the output is UTF-8");
    (ended, printed)
}

fn check_finds_nothing_wrong_with_an_honest_adapter() {
    let (ended, printed) = check(&command("honest"));
    assert_eq!(ended.status.code(), Some(0), "{printed}{}", ended.stderr);
    assert_eq!(
        printed.lines().filter(|line| line.starts_with('✓')).count(),
        9,
        "{printed}"
    );
    assert!(!printed.contains('✗'), "{printed}");
}

fn check_says_what_is_wrong_with_an_adapter_that_exits() {
    let (ended, printed) = check(&command("dies"));
    assert_eq!(ended.status.code(), Some(5), "{printed}{}", ended.stderr);
    let wrong = "✗ queue:hostile/queue transfers items, complete and in order\n    \
                 the adapter exited with code 3; its standard error ends:\n    \
                 Traceback: out of luck\n    to fix it: ";
    assert!(printed.contains(wrong), "{printed}");
}

fn check_reports_a_missing_program() {
    let (ended, printed) = check("no-such-program");
    assert_eq!(ended.status.code(), Some(5), "{printed}{}", ended.stderr);
    assert!(
        printed.contains("the adapter's program `no-such-program` isn't there"),
        "{printed}"
    );
}

fn check_finds_nothing_wrong_with_the_example_of_the_guide() {
    if let Some((ended, printed)) = check_python(example()) {
        assert_eq!(ended.status.code(), Some(0), "{printed}{}", ended.stderr);
    }
}

/// Each mistake, by the line of the example that is replaced, and what the check says about it.
const MISTAKES: &[(&str, &str, &str)] = &[
    (
        "def ready():",
        "def ready():\n    print('ready', flush=True)",
        "print to standard error",
    ),
    (
        "        say(\"alive\", run=self.run, process=self.me, pid=os.getpid())",
        "",
        "before it is alive\n    to fix it: send the messages of each process in the order of ",
    ),
    (
        "        self.operate(EXIT, \"exit\", self.close_all)",
        "",
        "a process ended without the operation `exit` of step 4294967295",
    ),
];

fn check_finds_the_mistakes_in_a_changed_example() {
    for (line, instead, expected) in MISTAKES {
        assert!(example().contains(line), "{line}");
        if let Some((ended, printed)) = check_python(&example().replacen(line, instead, 1)) {
            assert_eq!(ended.status.code(), Some(5), "{printed}{}", ended.stderr);
            assert!(printed.contains(expected), "{printed}");
        }
    }
}

/// Returns the example of the guide.
fn example() -> &'static str {
    let guide = include_str!("../../adapters/README.md");
    let (_, rest) = guide
        .split_once("```python\n")
        .expect("the guide has an example");
    let (example, _) = rest.split_once("```").expect("the example has an end");
    example
}

/// Checks an adapter in Python. Returns none if Python isn't installed, which it must be in CI.
fn check_python(adapter: &str) -> Option<(Ended, String)> {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let file = folder.path().join("example.py");
    fs::write(&file, adapter).expect("the file can be written");
    let has_python = Command::new("python3").arg("--version").output().is_ok();
    (has_python || env::var_os("CI").is_some())
        .then(|| check(&format!("python3 {}", file.display())))
}

fn schema_prints_the_committed_schemas() {
    let scene = Scene::new();
    let ended = scene.start(["adapter", "schema", "from-adapter"]).end();
    let committed = include_str!("../../adapters/schemas/from-adapter.json");
    assert_eq!(String::from_utf8_lossy(&ended.stdout), committed);
}
