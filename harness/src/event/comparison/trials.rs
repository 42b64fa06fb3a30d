//! The trials of several logs, joined by their names.

use std::collections::BTreeMap;

use crate::event::EventLog;
use crate::judge::{TrialName, TrialReport, Verdict};

/// One trial in all logs.
pub(super) struct ComparedTrial<'a> {
    pub(super) name: &'a TrialName,
    /// Its report in each log; `None` if the log doesn't have it.
    pub(super) reports: Vec<Option<&'a TrialReport>>,
}

impl<'a> ComparedTrial<'a> {
    /// Returns its reports, each with the index of the log.
    pub(super) fn reports(&self) -> impl Iterator<Item = (usize, &'a TrialReport)> {
        let reports = self.reports.iter().enumerate();
        reports.filter_map(|(log, report)| Some((log, (*report)?)))
    }

    /// Returns its reports in the logs that ran it, each with the index of the log.
    pub(super) fn run(&self) -> impl Iterator<Item = (usize, &'a TrialReport)> {
        self.reports().filter(|(_, report)| was_run(report))
    }
}

/// Whether the trial was run, and the machine wasn't too slow for it to be judged.
pub(super) fn was_run(report: &TrialReport) -> bool {
    !report.too_slow
        && !matches!(
            report.verdict,
            Verdict::NotApplicable | Verdict::Unavailable
        )
}

/// Returns every trial of any log, sorted by backend and then by name.
pub(super) fn joined(logs: &[EventLog]) -> Vec<ComparedTrial<'_>> {
    let mut trials: BTreeMap<_, ComparedTrial<'_>> = BTreeMap::new();
    for (number, log) in logs.iter().enumerate() {
        for report in &log.reports {
            let name = &report.name;
            let key = (&name.backend, name);
            let trial = trials.entry(key).or_insert_with(|| ComparedTrial {
                name,
                reports: vec![None; logs.len()],
            });
            trial.reports[number] = Some(report);
        }
    }
    trials.into_values().collect()
}
