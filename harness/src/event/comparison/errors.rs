//! Errors with another name or number, though what they were taken for is the same.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Row;
use super::clauses::Told;
use crate::backend::Key;
use crate::judge::{ReturnedError, TrialReport};

/// What a step returned that was called something else on another log, in one trial or in several
/// alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorDifference {
    /// On which backend.
    pub backend: Key,
    /// Which step, as in `send p.tx`, in the first of the trials.
    pub step: String,
    /// What each log has of it, as in `gone BrokenPipe (32)`; empty where no error was returned, none
    /// where a log hasn't got the trial, or didn't run it.
    pub errors: Vec<Returned>,
    /// In which permutations, as in `pipe/sizes[size=1]`.
    pub trials: Vec<String>,
}

/// What one log has of a step.
type Returned = Option<Vec<String>>;

/// All of them but those that differences have told of, by backend and step; those in most trials
/// first.
pub(super) fn differences(rows: &[Row<'_>], told: &Told) -> Vec<ErrorDifference> {
    // Trials where the same word of the case language came to the same errors.
    let mut alike: BTreeMap<(Key, String, Vec<Returned>), ErrorDifference> = BTreeMap::new();
    for (place, row) in rows.iter().enumerate() {
        let steps: BTreeSet<(&str, &str)> = row
            .run()
            .flat_map(|(_, report)| &report.errors)
            .map(|error| (error.process.as_str(), error.step.as_str()))
            .collect();
        for (process, step) in steps {
            if told.contains(&(place, step.to_owned())) {
                continue;
            }
            let mut errors = vec![None; row.reports.len()];
            for (place, report) in row.run() {
                errors[place] = Some(of_step(report, process, step));
            }
            let different: BTreeSet<_> = errors.iter().flatten().collect();
            if different.len() < 2 {
                continue;
            }
            let verb = step.split(' ').next().unwrap_or(step).to_owned();
            let backend = row.name.backend.clone();
            let trials = &mut alike
                .entry((backend.clone(), verb, errors.clone()))
                .or_insert_with(|| ErrorDifference {
                    backend,
                    step: step.to_owned(),
                    errors,
                    trials: Vec::new(),
                })
                .trials;
            let permutation = row.name.permutation_name();
            if trials.last() != Some(&permutation) {
                trials.push(permutation);
            }
        }
    }
    let mut differences: Vec<ErrorDifference> = alike.into_values().collect();
    differences.sort_by_cached_key(|difference| {
        let trials = std::cmp::Reverse(difference.trials.len());
        (difference.backend.clone(), trials, difference.step.clone())
    });
    differences
}

fn of_step(report: &TrialReport, process: &str, step: &str) -> Vec<String> {
    let is_of = |error: &&ReturnedError| error.process == process && error.step == step;
    let errors = report.errors.iter().filter(is_of);
    let mut errors: Vec<String> = errors
        .map(|error| format!("{} {}", error.outcome, error.raw))
        .collect();
    errors.sort();
    errors.dedup();
    errors
}
