//! Event logs: written, compared, merged, and converted to JUnit XML.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ipc_conformance::internals::{EventLog, json};
use tempfile::TempDir;

/// A folder for the logs of one test.
struct Logs(TempDir);

impl Logs {
    fn new() -> Logs {
        Logs(tempfile::tempdir().expect("a temporary folder can be created"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs the program with a log. The run must succeed.
    #[track_caller]
    fn run(&self, name: &str, arguments: &[&str]) -> PathBuf {
        let path = self.path(name);
        let output = program()
            .arg("run")
            .args(arguments)
            .arg("--log")
            .arg(&path)
            .output()
            .expect("the program was built for this test");
        assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
        path
    }
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ipc-conformance"));
    command.args(["--root", env!("CARGO_MANIFEST_DIR")]);
    command
}

fn on(command: &str, arguments: &[&str], logs: &[&Path]) -> Output {
    program()
        .arg(command)
        .args(arguments)
        .args(logs)
        .output()
        .expect("the program was built for this test")
}

fn shown(output: &Output) -> String {
    format!("{}\n{}", stdout(output), stderr(output))
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[track_caller]
fn read(path: &Path) -> EventLog {
    json::read_file(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn names(log: &EventLog) -> Vec<String> {
    let mut names: Vec<String> = log.reports.iter().map(|r| r.name.to_string()).collect();
    names.sort();
    names
}

const SOME: &[&str] = &["seed/", "value/", "--no-adapters"];

#[test]
fn the_partitions_of_a_run_merge_into_the_whole_run() {
    let logs = Logs::new();
    let whole = logs.run("whole.jsonl", SOME);
    let parts = ["1/2", "2/2"].map(|part| {
        let name = format!("{}.jsonl", part.replace('/', "-of-"));
        logs.run(&name, &[SOME, &["--partition", part]].concat())
    });
    for part in &parts {
        assert!(!names(&read(part)).is_empty(), "{}", part.display());
    }

    let united = logs.path("united.jsonl");
    let united_as = united
        .to_str()
        .expect("the path of a temporary folder is UTF-8");
    let merged = on("merge", &["--log", united_as], &[&parts[0], &parts[1]]);
    assert_eq!(merged.status.code(), Some(0), "{}", shown(&merged));
    assert_eq!(names(&read(&united)), names(&read(&whole)));

    let compared = on("compare", &["--exit-code"], &[&whole, &united]);
    assert_eq!(compared.status.code(), Some(0), "{}", shown(&compared));
    assert!(
        stdout(&compared).contains("no verdict differs"),
        "{}",
        shown(&compared)
    );

    let lonely = on("merge", &[], &[&parts[1]]);
    assert_eq!(lonely.status.code(), Some(2), "{}", shown(&lonely));
    assert!(
        stderr(&lonely).contains("1/2 is missing"),
        "{}",
        stderr(&lonely)
    );
}

#[test]
fn merge_reads_all_logs_of_a_folder() {
    let logs = Logs::new();
    logs.run("one.jsonl", &["seed/pipe", "--backend", "std/pipe"]);
    logs.run("two.jsonl", &["seed/queue", "--backend", "broker"]);
    let merged = on("merge", &["--format", "json"], &[logs.0.path()]);
    assert_eq!(merged.status.code(), Some(0), "{}", shown(&merged));
    let json: serde_json::Value =
        serde_json::from_slice(&merged.stdout).expect("the output is JSON");
    assert_eq!(json["runs"][0]["trials"], 2, "{json}");
}

/// A log that version 1 of the format has, with `seed/pipe` on two backends.
const VERSION_1: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/harness/tests/logs/version-1.jsonl"
);

/// The same in version 2.
const VERSION_2: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/harness/tests/logs/version-2.jsonl"
);

#[test]
fn a_log_says_versions_in_fields() {
    let logs = Logs::new();
    let log = logs.run("log.jsonl", &["seed/pipe", "--backend", "pipe:std/pipe"]);
    let text = std::fs::read_to_string(&log).expect("the file was written");
    let header = text.lines().next().expect("a log has a header");
    let header: serde_json::Value = serde_json::from_str(header).expect("the header is JSON");
    assert_eq!(header["version"], 3);
    let about = &header["backends"][0]["about"];
    assert_eq!(about["library"], "std");
    let version = about["version"]
        .as_str()
        .expect("the compiler's version is known");
    assert_eq!(about["runtime"], format!("rustc {version}"));
    let printed = program()
        .args([
            "run",
            "seed/pipe",
            "--backend",
            "pipe:std/pipe",
            "--format",
            "json",
        ])
        .output()
        .expect("the program was built for this test");
    let printed = stdout(&printed);
    let printed = printed.lines().next().expect("a log has a header");
    let printed: serde_json::Value = serde_json::from_str(printed).expect("the header is JSON");
    assert_eq!(printed["backends"], header["backends"]);
}

#[test]
fn logs_of_all_versions_are_compared() {
    let logs = Logs::new();
    let both = [
        "--backend",
        "pipe:std/pipe",
        "--backend",
        "pipe:interprocess/fifo",
    ];
    let new = logs.run("new.jsonl", &[&["seed/pipe"], &both[..]].concat());
    let old = [VERSION_1, VERSION_2].map(Path::new);
    let compared = on("compare", &["--exit-code"], &[old[0], old[1], &new]);
    assert_eq!(compared.status.code(), Some(0), "{}", shown(&compared));
    let printed = stdout(&compared);
    assert!(printed.contains("no verdict differs"), "{printed}");
    // The line of the old log says less than the fields of the new one.
    assert!(printed.contains("interprocess 2.4: fifo_file"), "{printed}");
    assert!(printed.contains("interprocess 2.4."), "{printed}");
}

#[test]
fn a_log_of_version_1_is_merged_with_a_new_one() {
    let logs = Logs::new();
    // Parts of one run have the same machine.
    let new = logs.run("new.jsonl", &["value/", "--backend", "pipe:std/pipe"]);
    let header = read(&new).header;
    let machine = format!(
        r#""system":"{}","architecture":"{}""#,
        header.system.word(),
        header.architecture
    );
    let old = std::fs::read_to_string(VERSION_1).expect("the file is part of the package");
    let old = old.replace(r#""system":"linux","architecture":"x86_64""#, &machine);
    // So do they have the same capabilities, of which these came later.
    let old = old.replace(
        r#""spawn":"native""#,
        r#""encoding":"composed","buffer":"composed","raw":"composed","signals":"native","timed-join":"composed","spawn":"native""#,
    );
    let path = logs.path("old.jsonl");
    std::fs::write(&path, old).expect("a temporary folder is writable");
    let merged = logs.path("merged.jsonl");
    let merged_as = merged
        .to_str()
        .expect("the path of a temporary folder is UTF-8");
    let output = on("merge", &["--log", merged_as], &[&path, &new]);
    assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
    let header = read(&merged).header;
    assert_eq!(header.version, 3);
    let about: Vec<String> = header
        .backends
        .iter()
        .map(|info| info.about.to_string())
        .collect();
    assert!(
        about[0].starts_with("interprocess 2.4: fifo_file"),
        "{about:?}"
    );
    assert!(about[1].starts_with("std "), "{about:?}");
}

/// Returns what this command prints, which must succeed.
#[track_caller]
fn printed_on(command: &str, arguments: &[&str], logs: &[&Path]) -> String {
    let output = on(command, arguments, logs);
    assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
    stdout(&output)
}

#[test]
fn a_log_is_compressed_if_its_name_says_so() {
    let logs = Logs::new();
    let small = logs.run("log.jsonl.gz", &["seed/pipe", "--backend", "std/pipe"]);
    let bytes = std::fs::read(&small).expect("the file was written");
    assert_eq!(bytes[..2], [0x1f, 0x8b], "the beginning of a gzip file");
    let log = read(&small);
    assert_eq!(log.reports.len(), 1);

    // It is one of the logs of a folder, and it can be written by `merge`.
    let merged = logs.path("merged.gz");
    let merged_as = merged
        .to_str()
        .expect("the path of a temporary folder is UTF-8");
    let folder = printed_on("merge", &["--log", merged_as], &[logs.0.path()]);
    assert_eq!(folder, printed_on("merge", &[], &[&merged]));
    assert_eq!(read(&merged).texts, log.texts);

    std::fs::write(&small, &bytes[..bytes.len() / 2]).expect("the file can be written");
    let cut = on("merge", &[], &[&small]);
    assert_eq!(cut.status.code(), Some(2), "{}", shown(&cut));
    assert!(stderr(&cut).contains("log.jsonl.gz: "), "{}", stderr(&cut));
}

#[test]
fn a_log_has_the_history_and_the_texts_of_its_trials() {
    let logs = Logs::new();
    let path = logs.run("log.jsonl", &["seed/pipe", "--backend", "pipe:std/pipe"]);
    let text = std::fs::read_to_string(&path).expect("the file was written");
    let events: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect();
    let header = &events[0];
    assert!(
        header["command"]
            .as_str()
            .is_some_and(|command| command.contains("run seed/pipe --backend pipe:std/pipe")),
        "{header}"
    );
    assert!(header["cores"].as_u64() > Some(0), "{header}");
    assert!(header["kernel"].is_string(), "{header}");
    assert!(
        header["date"]
            .as_str()
            .is_some_and(|date| date.ends_with('Z')),
        "{header}"
    );

    let of_event = |name: &str| events.iter().find(|event| event["event"] == name);
    let trial = of_event("finished").expect("the trial ended");
    let run = &trial["run"];
    let processes = run["processes"].as_array().expect("it has processes");
    let names: Vec<&str> = processes
        .iter()
        .filter_map(|process| process["name"].as_str())
        .collect();
    assert_eq!(names, ["producer", "consumer"]);
    let first = &processes[0]["operations"][0];
    let step = &run["steps"][first["step"].as_u64().expect("a number") as usize];
    assert_eq!(step["text"], "send p.tx");
    assert_eq!(step["kind"], "put");
    assert!(
        first["start"].as_u64() <= first["returned"].as_u64(),
        "{first}"
    );

    let texts = of_event("texts").expect("the log has texts");
    let case = &texts["cases"][0];
    assert_eq!(case["name"], "seed/pipe");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/seed/pipe.toml");
    let file = std::fs::read_to_string(file).expect("the case is part of the package");
    assert_eq!(case["text"], file.as_str());
    let place: Vec<usize> = serde_json::from_value(step["span"].clone()).expect("a place");
    assert!(file[place[0]..place[1]].contains("send"), "{place:?}");
    assert!(case["golden"].is_string(), "{case}");
    let clauses = texts["clauses"].as_array().expect("it has clauses");
    assert!(!clauses.is_empty());
}

#[test]
fn logs_with_the_same_trial_are_not_merged() {
    let logs = Logs::new();
    let one = logs.run("one.jsonl", &["seed/pipe", "--backend", "std/pipe"]);
    let merged = on("merge", &[], &[&one, &one]);
    assert_eq!(merged.status.code(), Some(2), "{}", shown(&merged));
    let printed = stderr(&merged);
    assert!(
        printed.contains("the trial seed/pipe@pipe:std/pipe"),
        "{printed}"
    );
    assert!(printed.contains("one.jsonl"), "{printed}");
    assert_eq!(stdout(&merged), "");
}

#[test]
fn compare_shows_a_verdict_that_differs() {
    let logs = Logs::new();
    let right = logs.run("right.jsonl", &["seed/pipe", "--backend", "pipe:std/pipe"]);
    // The log of a version that swaps messages, under the name of the right backend.
    let wrong = logs.path("wrong.jsonl");
    let backend = "pipe:std/pipe~swapped";
    let output = program()
        .args(["run", "seed/pipe", "--backend", backend, "--log"])
        .arg(&wrong)
        .output()
        .expect("the program was built for this test");
    assert_eq!(output.status.code(), Some(1), "{}", shown(&output));
    let text = std::fs::read_to_string(&wrong).expect("the file was written");
    std::fs::write(&wrong, text.replace("~swapped", "")).expect("the file can be written");

    let compared = on("compare", &[], &[&right, &wrong]);
    assert_eq!(compared.status.code(), Some(0), "{}", shown(&compared));
    let printed = stdout(&compared);
    assert!(printed.contains("pipe.order.single-writer"), "{printed}");
    let asked = on(
        "compare",
        &["--exit-code", "--format", "json"],
        &[&right, &wrong],
    );
    assert_eq!(asked.status.code(), Some(1), "{}", shown(&asked));
    let json: serde_json::Value =
        serde_json::from_slice(&asked.stdout).expect("the output is JSON");
    assert_eq!(
        json["differences"][0]["seen"][1]["verdict"], "fail",
        "{json}"
    );
}

#[test]
fn a_truncated_log_is_rejected_with_its_file_and_line() {
    let logs = Logs::new();
    let whole = logs.run("whole.jsonl", &["seed/pipe", "--backend", "std/pipe"]);
    let text = std::fs::read_to_string(&whole).expect("the file was written");
    let cut = logs.path("cut.jsonl");
    let refused = |text: &str, expected: &str| {
        std::fs::write(&cut, text).expect("the file can be written");
        for command in ["compare", "merge"] {
            let output = on(command, &[], &[&whole, &cut]);
            assert_eq!(output.status.code(), Some(2), "{}", shown(&output));
            let printed = stderr(&output);
            assert!(printed.contains("cut.jsonl: "), "{printed}");
            assert!(printed.contains(expected), "{printed}");
        }
    };
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (footer, before) = lines.split_last().expect("a log has lines");
    refused(&before.concat(), "the footer is missing after line 4");
    refused(
        &text[..text.len() - footer.len() / 2],
        "line 5 isn't an event",
    );
    refused("", "doesn't start with a header");
}

#[test]
fn compare_needs_two_logs() {
    let logs = Logs::new();
    let one = logs.run("one.jsonl", &["seed/pipe", "--backend", "std/pipe"]);
    let output = on("compare", &[], &[&one]);
    assert_eq!(output.status.code(), Some(2), "{}", shown(&output));
    assert!(
        stderr(&output).contains("two or more"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_partition_out_of_range_exits_with_2() {
    let output = program()
        .args(["run", "--partition", "3/2"])
        .output()
        .expect("the program was built for this test");
    assert_eq!(output.status.code(), Some(2), "{}", shown(&output));
    assert!(
        stderr(&output).contains("the last 2/2"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn junit_has_a_test_case_for_each_trial() {
    let logs = Logs::new();
    let junit = logs.path("junit.xml");
    let path = junit
        .to_str()
        .expect("the path of a temporary folder is UTF-8");
    let log = logs.run("log.jsonl", &["seed/", "--no-adapters", "--junit", path]);
    let file = std::fs::File::open(&junit).expect("the file was written");
    let report = quick_junit::Report::deserialize(std::io::BufReader::new(file));
    let report = report.expect("the file is JUnit XML");
    let suites = report.test_suites.iter();
    let mut cases: Vec<String> = suites
        .flat_map(|suite| &suite.test_cases)
        .map(|case| case.name.as_str().to_owned())
        .collect();
    cases.sort();
    assert_eq!(cases, names(&read(&log)));
}
