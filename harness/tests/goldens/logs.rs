//! Tests that each run in a separate process, and the logs that they write.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use ipc_conformance::internals::{EventLog, Verdict, json, unite};
use ipc_conformance::testing::LOGS_VARIABLE;

use super::sandbox::{Run, Sandbox};
use super::suite;

/// Tests that pass, and one that is ignored.
const TESTS: [&str; 3] = [
    "seed/queue@queue:broker",
    "queue/bounded@queue:broker",
    "seed/isolation@process:os/process",
];

pub(crate) fn logs_of_tests_in_separate_processes_merge_into_one_run() {
    let sandbox = Sandbox::new();
    let apart = tempfile::tempdir().expect("a temporary folder can be created");
    for test in TESTS {
        logged(&sandbox, apart.path(), &["--exact", test]).passes();
    }
    let together = tempfile::tempdir().expect("a temporary folder can be created");
    for area in ["seed/", "queue/bounded"] {
        logged(&sandbox, together.path(), &[area]);
    }
    let (apart, together) = (merged(apart.path()), merged(together.path()));
    assert_eq!(apart.len(), permutations(&together), "{apart:#?}");
    for (trial, verdict) in &apart {
        assert_eq!(together.get(trial), Some(verdict), "{trial}");
    }
}

/// Returns the number of these trials that belong to [`TESTS`].
fn permutations(trials: &BTreeMap<String, Verdict>) -> usize {
    let is_of = |trial: &&String| {
        TESTS.iter().any(|test| {
            let (case, backend) = test.split_once('@').expect("a test names its backend");
            let Some((permutation, of)) = trial.split_once('@') else {
                return false;
            };
            of == backend && permutation.split('[').next() == Some(case)
        })
    };
    trials.keys().filter(is_of).count()
}

pub(crate) fn a_not_applicable_trial_is_logged_if_ignored_tests_run() {
    let sandbox = Sandbox::new();
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let ignored = ["--include-ignored", "pipe/poll"];
    logged(&sandbox, folder.path(), &ignored);
    let trials = merged(folder.path());
    let not_applicable = |verdict: &&Verdict| **verdict == Verdict::NotApplicable;
    assert!(
        trials.values().any(|verdict| not_applicable(&verdict)),
        "{trials:#?}"
    );
}

pub(crate) fn a_test_whose_log_cannot_be_written_fails() {
    let sandbox = Sandbox::new();
    sandbox.write("no-folder", "");
    let folder = sandbox.path("no-folder");
    let run = logged(&sandbox, &folder, &["--exact", "seed/queue@queue:broker"]);
    run.fails().says("can't write").says(LOGS_VARIABLE);
}

fn logged(sandbox: &Sandbox, folder: &Path, arguments: &[&str]) -> Run {
    let folder = folder
        .to_str()
        .expect("the path of a temporary folder is UTF-8");
    sandbox.run(suite::AS_IT_IS, arguments, &[(LOGS_VARIABLE, folder)])
}

/// Returns the trials of all logs in the folder.
#[track_caller]
fn merged(folder: &Path) -> BTreeMap<String, Verdict> {
    let files = fs::read_dir(folder).expect("the folder exists");
    let logs: Vec<EventLog> = files
        .map(|file| {
            let path = file.expect("the folder can be listed").path();
            json::read_file(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        })
        .collect();
    let united = unite(logs).unwrap_or_else(|error| panic!("{error}"));
    let [whole] = &united[..] else {
        panic!("{} runs", united.len());
    };
    let reports = whole.reports.iter();
    reports
        .map(|report| (report.name.to_string(), report.verdict))
        .collect()
}
