//! Event logs side by side: on which promises of which backends they differ, and how.
//!
//! What is compared is what a trial came to on each log's system, trial by trial; trials that differ
//! alike are told together. What a log can't say anything of is kept apart: a backend that it hasn't
//! got, a trial that isn't applicable there.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::backend::Key;
use crate::event::Log;
use crate::judge::{TrialName, TrialReport, Verdict};

mod apart;
mod clauses;
mod errors;
mod label;

pub use apart::{Apart, Silence};
pub use clauses::{Difference, Seen};
pub use errors::ErrorDifference;

/// What differs between event logs. Whatever has one entry for each log has them in their order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The logs.
    pub logs: Vec<Column>,
    /// The backends that the logs introduce in other words: another library, another version, by
    /// other means.
    pub introductions: Vec<Introduction>,
    /// The promises that came to something else, or broke in another way.
    pub differences: Vec<Difference>,
    /// The errors that had other names or numbers where verdicts are the same.
    pub errors: Vec<ErrorDifference>,
    /// What some logs didn't run though others did.
    pub silences: Vec<Silence>,
    /// What only some logs have.
    pub apart: Vec<Apart>,
    /// How many trials are in more than one log.
    pub shared: usize,
}

/// A log, as one that stands beside others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// What it is called.
    pub label: String,
    /// Where it was read from.
    pub path: String,
    /// The version of the program that wrote it.
    pub program: String,
    /// How many trials it has.
    pub trials: usize,
    /// Whether its run was interrupted.
    pub interrupted: bool,
}

/// A backend that isn't the same in all logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Introduction {
    /// Its name.
    pub backend: Key,
    /// How each log introduces it; none where a log hasn't got it.
    pub about: Vec<Option<String>>,
}

impl Comparison {
    /// Compares logs.
    pub fn of(logs: &[Log]) -> Comparison {
        let rows = rows(logs);
        let (differences, told) = clauses::differences(&rows);
        Comparison {
            logs: columns(logs),
            introductions: introductions(logs),
            differences,
            errors: errors::differences(&rows, &told),
            silences: apart::silences(&rows, logs.len()),
            apart: apart::apart(&rows, logs.len()),
            shared: rows.iter().filter(|row| row.reports().count() > 1).count(),
        }
    }

    /// Whether the logs come to something else anywhere, or some have what others haven't. How
    /// something broke and what an error was called may be up to a race, and isn't counted.
    pub fn differs(&self) -> bool {
        let mut differences = self.differences.iter();
        differences.any(Difference::is_of_verdicts)
            || !self.silences.is_empty()
            || !self.apart.is_empty()
    }
}

/// One trial in all logs.
struct Row<'a> {
    name: &'a TrialName,
    /// What it came to; none where a log hasn't got it.
    reports: Vec<Option<&'a TrialReport>>,
}

impl<'a> Row<'a> {
    /// What it came to, in the logs that have it, by their places.
    fn reports(&self) -> impl Iterator<Item = (usize, &'a TrialReport)> {
        let reports = self.reports.iter().enumerate();
        reports.filter_map(|(place, report)| Some((place, (*report)?)))
    }

    /// The same, of the logs that ran it.
    fn run(&self) -> impl Iterator<Item = (usize, &'a TrialReport)> {
        self.reports().filter(|(_, report)| was_run(report))
    }
}

fn was_run(report: &TrialReport) -> bool {
    !matches!(
        report.verdict,
        Verdict::NotApplicable | Verdict::Unavailable
    )
}

/// All trials, backend by backend.
fn rows(logs: &[Log]) -> Vec<Row<'_>> {
    let mut rows: BTreeMap<_, Row<'_>> = BTreeMap::new();
    for (place, log) in logs.iter().enumerate() {
        for report in &log.reports {
            let name = &report.name;
            let row = rows.entry((&name.backend, name)).or_insert_with(|| Row {
                name,
                reports: vec![None; logs.len()],
            });
            row.reports[place] = Some(report);
        }
    }
    rows.into_values().collect()
}

fn columns(logs: &[Log]) -> Vec<Column> {
    let column = |(log, label): (&Log, String)| Column {
        label,
        path: log.path.clone(),
        program: log.header.program.clone(),
        trials: log.reports.len(),
        interrupted: log.footer.interrupted,
    };
    logs.iter().zip(label::labels(logs)).map(column).collect()
}

fn introductions(logs: &[Log]) -> Vec<Introduction> {
    let infos = logs.iter().flat_map(|log| &log.header.backends);
    let keys: BTreeSet<&Key> = infos.map(|info| &info.key).collect();
    let about = |key: &Key, log: &Log| {
        let mut infos = log.header.backends.iter();
        Some(infos.find(|info| info.key == *key)?.about.clone())
    };
    keys.into_iter()
        .map(|key| Introduction {
            backend: key.clone(),
            about: logs.iter().map(|log| about(key, log)).collect(),
        })
        .filter(|introduction| {
            let told: BTreeSet<&String> = introduction.about.iter().flatten().collect();
            told.len() > 1
        })
        .collect()
}

#[cfg(test)]
mod tests;
