//! The reports in the output of a run with `--format json`.

use std::process::Output;

use ipc_conformance::internals::{Event, TrialReport, json};

/// Returns the reports of all trials.
#[track_caller]
pub(crate) fn reports(output: &Output) -> Vec<TrialReport> {
    let events = json::read(output.stdout.as_slice()).unwrap_or_else(|error| {
        panic!("{error}: {}", String::from_utf8_lossy(&output.stderr));
    });
    events.into_iter().filter_map(Event::into_report).collect()
}

/// Returns the report of a run with one trial.
#[track_caller]
pub(crate) fn only_report(output: &Output) -> TrialReport {
    let mut reports = reports(output);
    assert_eq!(reports.len(), 1, "the run has one trial");
    reports.remove(0)
}
