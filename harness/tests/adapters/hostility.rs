//! Whatever an adapter does, the report blames the adapter, the run ends in time, nothing is left, and
//! an honest adapter beside it is unharmed.
//!
//! [`table::ROWS`] lists what adapters do, and what the harness says. All of it ends with exit code 5
//! and leaves nothing: no process, also in a session of its own, and no file.

mod table;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use ipc_conformance::internals::{TrialReport, Verdict};
use libtest_mimic::{Failed, Trial};

use super::command;
use crate::survival::scene::{Ended, Scene};
use table::{ROWS, Row, Told};

super::tests![
    the_table_has_fifty_adapters_of_fifteen_mechanisms,
    an_adapter_is_not_started_again_after_three_failures,
    an_adapter_that_exits_first_on_ctrl_c_is_not_reported,
    an_adapter_that_exits_first_on_ctrl_c_at_its_start_is_not_reported,
];

/// How long a run with a hostile adapter may take: the deadline of the run, and time to end it.
const PATIENCE: Duration = Duration::from_secs(35);

/// How much memory the harness may use for it, in KiB.
const MOST_MEMORY: u64 = 300 << 10;

/// What forges a line of a report and commands a terminal.
pub(crate) const NASTY: &str = "\n9999 trials on Linux: 9999 pass\u{1b}[2J\u{202e}\u{200b}\r";

/// Returns a test for each row of the table. Those that take long are ignored.
pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    ROWS.iter().map(|row| {
        let name = format!("adapters::hostility::{}", row.name);
        Trial::test(name, || assert_row(row)).with_ignored_flag(!row.is_quick)
    })
}

fn assert_row(row: &Row) -> Result<(), Failed> {
    let scene = Scene::new();
    let hostile = format!("--adapter={}", command(&shell_words::join(row.words)));
    let honest = format!("--adapter={}", command("honest"));
    let began = Instant::now();
    let arguments = [
        "run",
        "--format=json",
        &honest,
        &hostile,
        "--exact",
        "seed/queue",
    ];
    let harness = scene.start(arguments);
    let memory = harness.memory();
    let ended = harness.end();
    let took = began.elapsed();
    let memory = memory.join().map_err(|_| "the memory can't be read")?;
    let mut wrong = Vec::new();
    if ended.status.code() != Some(5) {
        wrong.push(format!("{:?}", ended.status));
    }
    let told = match row.told {
        Told::AtStart(_) => ended.stderr.clone(),
        Told::InRun(_) | Told::InRunEither(_) => why(&ended.reports(), &mut wrong),
    };
    let expected = match &row.told {
        Told::AtStart(one) | Told::InRun(one) => std::slice::from_ref(one),
        Told::InRunEither(two) => two.as_slice(),
    };
    if !told.contains("the adapter") || !expected.iter().any(|one| told.contains(one)) {
        wrong.push(format!("told {told:?}"));
    }
    if ended.stderr.len() + told.len() > 40_000 {
        wrong.push(format!("{} bytes of errors", ended.stderr.len()));
    }
    if ended.stderr.contains("\n9999") || ended.stderr.contains(['\u{1b}', '\u{202e}', '\u{200b}'])
    {
        wrong.push("it prints what a terminal obeys".to_owned());
    }
    if took > PATIENCE {
        wrong.push(format!("took {took:?}"));
    }
    if memory > MOST_MEMORY {
        wrong.push(format!("used {memory} KiB"));
    }
    let left = scene.left();
    if !left.is_empty() {
        wrong.push(format!("left {left:?}"));
    }
    match wrong.as_slice() {
        [] => Ok(()),
        wrong => Err(wrong.join("\n").into()),
    }
}

fn the_table_has_fifty_adapters_of_fifteen_mechanisms() {
    let mechanisms: BTreeSet<&str> = ROWS.iter().map(|row| row.mechanism).collect();
    assert!(ROWS.len() >= 50 && mechanisms.len() >= 15, "{mechanisms:?}");
}

/// Returns what the report says about the hostile adapter. The honest one must have passed.
fn why(reports: &[TrialReport], wrong: &mut Vec<String>) -> String {
    let of = |name: &str| {
        reports
            .iter()
            .find(|report| report.name.backend.name == name)
    };
    match of("honest/queue") {
        Some(report) if report.verdict == Verdict::Pass => {}
        other => wrong.push(format!("the honest adapter: {other:?}")),
    }
    let report = of("hostile/queue");
    let verdict = report.map(|report| report.verdict);
    if verdict != Some(Verdict::AdapterError) {
        wrong.push(format!("the hostile adapter: {verdict:?}"));
    }
    report
        .and_then(|report| report.why.clone())
        .unwrap_or_default()
}

fn run(manner: &str, arguments: &[&str]) -> Ended {
    let scene = Scene::new();
    let adapter = format!("--adapter={}", command(manner));
    let mut all = vec!["run", "--format=json", adapter.as_str()];
    all.extend(arguments);
    let ended = scene.start(all).end();
    assert_eq!(ended.status.code(), Some(5), "{}", ended.stderr);
    scene.assert_nothing_left();
    ended
}
fn an_adapter_is_not_started_again_after_three_failures() {
    let ended = run("dies", &["--jobs=1", "queue/", "seed/queue"]);
    let reasons: Vec<String> = ended
        .reports()
        .into_iter()
        .filter(|report| report.verdict == Verdict::AdapterError)
        .filter_map(|report| report.why)
        .collect();
    assert!(reasons.len() > 3, "{reasons:?}");
    let (first, rest) = reasons.split_at(3);
    assert!(
        first.iter().all(|why| why.contains("exited with code 3")),
        "{first:?}"
    );
    let given_up = "the adapter is given up after 3 runs in a row that went wrong";
    assert!(rest.iter().all(|why| why.starts_with(given_up)), "{rest:?}");
}

/// Runs an adapter that is interrupted before the harness, and returns the result.
#[track_caller]
fn interrupted(manner: &str) -> Ended {
    let scene = Scene::new();
    let adapter = format!("--adapter={}", command(manner));
    let arguments = ["run", "--format=json", &adapter, "--exact", "seed/queue"];
    let ended = scene.start(arguments).end();
    assert_eq!(ended.status.code(), Some(130), "{}", ended.stderr);
    scene.assert_nothing_left();
    ended
}

fn an_adapter_that_exits_first_on_ctrl_c_is_not_reported() {
    assert_eq!(interrupted("interrupted").footer().counts, []);
}

/// The adapter exits before it has introduced itself, so there is nothing to log.
fn an_adapter_that_exits_first_on_ctrl_c_at_its_start_is_not_reported() {
    interrupted("interrupted-at-birth");
}
