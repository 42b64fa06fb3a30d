//! The commands `judge` and `history generate`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rstest::rstest;
use serde_json::Value;
use tempfile::TempDir;

use super::short;

const RIGHT: &str = "p put 1 0-1; c get 1 2-3";
const WRONG: &str = "p1 put 1 10-14; p2 put \"two\" 15-17; c1 get \"two\" 20-21; c1 get 1 22-25";
const NO_OPERATION: &str = "\n\n";
const MALFORMED: &str = "{\"peer\":\"p\",\"chanel\":\"q\"}\nx\n";

struct Scene(TempDir);

impl Scene {
    fn new() -> Scene {
        let scene = Scene(tempfile::tempdir().expect("a temporary folder can be created"));
        scene.write("right", short::file(RIGHT));
        scene.write("wrong", short::file(WRONG));
        scene.write("no-operation", NO_OPERATION);
        scene.write("malformed", MALFORMED);
        scene
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), text).expect("the history can be written");
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs the program in the folder of the histories.
    fn run(&self, arguments: &[&str]) -> Output {
        command(self.0.path())
            .args(arguments)
            .output()
            .expect("the program was built for this test")
    }
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ipc-conformance"));
    command.current_dir(folder);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("the program wasn't killed")
}

#[rstest]
#[case::pass(&["right"], 0)]
#[case::fail(&["right", "wrong"], 1)]
#[case::weaker_model(&["wrong", "--model", "unordered"], 0)]
#[case::malformed(&["malformed", "wrong"], 2)]
#[case::missing_file(&["nowhere", "wrong"], 2)]
#[case::a_folder(&[".", "right"], 2)]
#[case::no_operations(&["no-operation", "right"], 3)]
#[case::no_operations_and_fail(&["no-operation", "wrong"], 1)]
#[case::no_file(&[], 2)]
#[case::no_capacity(&["right", "--capacity", "0"], 2)]
fn the_exit_code_is_that_of_the_worst_file(#[case] arguments: &[&str], #[case] expected: i32) {
    let output = Scene::new().run(&[&["judge"], arguments].concat());
    assert_eq!(code(&output), expected, "{}", text(&output.stderr));
}

#[test]
fn json_output_has_one_line_for_each_file() {
    let files = ["right", "wrong", "no-operation", "malformed", "nowhere"];
    let output = Scene::new().run(&[&["judge", "--format", "json"], &files[..]].concat());
    let stdout = text(&output.stdout);
    let lines: Vec<Value> = stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect();
    let of = |key: &str| -> Vec<Value> { lines.iter().map(|line| line[key].clone()).collect() };
    assert_eq!(of("file"), files);
    assert_eq!(
        of("verdict"),
        ["pass", "fail", "unknown", "unknown", "unknown"]
    );
    assert_eq!(of("operations"), [2, 4, 0, 0, 0]);
    for line in stdout.lines() {
        let at = |key: &str| line.find(&format!("\"{key}\":")).expect(key);
        let order = [
            "file",
            "verdict",
            "operations",
            "read_ms",
            "judge_ms",
            "violations",
        ]
        .map(at);
        assert!(order.is_sorted(), "{line}");
    }
    let violation = &lines[1]["violations"][0];
    assert_eq!(violation["pattern"], "order");
    assert_eq!(violation["items"], serde_json::json!([1, "two"]));
    assert_eq!(violation["peers"], serde_json::json!(["p1", "p2", "c1"]));
    assert!(violation["message"].is_string());
}

#[test]
fn a_violation_is_drawn() {
    let output = Scene::new().run(&["judge", "right", "wrong", "no-operation"]);
    insta::assert_snapshot!(text(&output.stdout));
}

#[test]
fn malformed_input_is_reported_on_standard_error() {
    let output = Scene::new().run(&["judge", "malformed", "nowhere"]);
    let stderr = text(&output.stderr);
    assert!(
        stderr.contains("malformed:1:14: unknown field `chanel`"),
        "{stderr}"
    );
    assert!(stderr.contains("did you mean `channel`?"), "{stderr}");
    assert!(stderr.contains("malformed:2:1: "), "{stderr}");
    assert!(stderr.contains("can't read nowhere: "), "{stderr}");
}

#[test]
fn a_dash_reads_standard_input() {
    let scene = Scene::new();
    let mut child = command(scene.0.path())
        .args(["judge", "--format", "json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program was built for this test");
    let mut stdin = child.stdin.take().expect("standard input is a pipe");
    stdin
        .write_all(short::file(WRONG).as_bytes())
        .expect("the program reads standard input");
    drop(stdin);
    let output = child.wait_with_output().expect("the program exits");
    assert_eq!(code(&output), 1);
    assert!(text(&output.stdout).starts_with(r#"{"file":"-","verdict":"fail""#));
}

#[test]
fn model_and_empty_are_options() {
    let scene = Scene::new();
    scene.write(
        "timeout",
        short::file("p put 1 0-1; c get 2-3 timeout; c get 1 4-5"),
    );
    scene.write(
        "empty",
        short::file("p put 1 0-1; c get 2-3 empty; c get 1 4-5"),
    );
    for (arguments, expected) in [
        (&["timeout"][..], 0),
        (&["timeout", "--empty", "timeout"], 1),
        (&["empty"], 1),
        (&["empty", "--model", "per-producer"], 0),
        (&["empty", "--model", "unordered"], 0),
        (&["empty", "--model", "unordered", "--empty", "strict"], 1),
    ] {
        let output = scene.run(&[&["judge"], arguments].concat());
        assert_eq!(
            code(&output),
            expected,
            "{arguments:?}: {}",
            text(&output.stdout)
        );
    }
}

#[test]
fn long_names_are_cut_on_the_page_and_whole_in_json() {
    let scene = Scene::new();
    let long = "x".repeat(100_000);
    let name = |short: &str| short::file(short).replace("9999", &format!("\"{long}\\u009b\""));
    scene.write(
        "long",
        name("p put 9999 0-1; p put 2 2-3; c get 2 4-5; c get 9999 6-7"),
    );
    let output = scene.run(&["judge", "long"]);
    let page = text(&output.stdout);
    assert!(page.len() < 2_000 && page.contains("xxxx…"), "{page}");
    let output = scene.run(&["judge", "long", "--format", "json"]);
    let line: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let item = line["violations"][0]["items"][0]
        .as_str()
        .expect("the item is text");
    assert_eq!(item, long + "\u{9b}");
}

#[test]
fn a_generated_history_fails_exactly_if_it_has_a_fault() {
    let scene = Scene::new();
    let generate = |arguments: &[&str]| {
        let output = scene.run(&[&["history", "generate", "--output", "made"], arguments].concat());
        assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    };
    let everything = ["--empties", "--timeouts", "--errors", "--pending", "--ends"];
    generate(&everything);
    assert_eq!(code(&scene.run(&["judge", "made"])), 0);
    generate(&[&["--capacity", "2"], &everything[..]].concat());
    assert_eq!(code(&scene.run(&["judge", "made", "--capacity", "2"])), 0);
    for fault in [
        "order",
        "repeat",
        "fresh",
        "resurrected",
        "lost",
        "empty",
        "early-end",
    ] {
        generate(&["--fault", fault]);
        assert_eq!(code(&scene.run(&["judge", "made"])), 1, "{fault}");
    }
    generate(&["--fault", "full"]);
    assert_eq!(code(&scene.run(&["judge", "made", "--capacity", "5"])), 1);
}

#[test]
fn a_seed_always_generates_the_same_history_on_standard_output() {
    let scene = Scene::new();
    let made = |seed: &str| scene.run(&["history", "generate", "--seed", seed]).stdout;
    assert_eq!(made("1"), made("1"));
    assert_ne!(made("1"), made("2"));
    assert_eq!(text(&made("1")).lines().count(), 1_000);
}

#[test]
fn generate_reports_a_fault_that_is_impossible() {
    let output = Scene::new().run(&[
        "history",
        "generate",
        "--operations",
        "1",
        "--fault",
        "order",
    ]);
    assert_eq!(code(&output), 2);
    let stderr = text(&output.stderr);
    assert!(stderr.contains("can be made wrong by `order`"), "{stderr}");
}
