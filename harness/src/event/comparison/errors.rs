//! Errors with other names or numbers, although their outcomes are equal.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::clauses::ReportedSteps;
use super::trials::ComparedTrial;
use crate::backend::Key;
use crate::judge::{ReturnedError, TrialReport};

/// A step that returned other errors in another log, in one trial or in several that differ in the
/// same way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ErrorDifference {
    /// The backend.
    pub backend: Key,
    /// The step in the first of the trials, such as `send p.tx`.
    pub step: String,
    /// The errors in each log, such as `gone BrokenPipe (32)`; empty if the step returned none, and
    /// `None` if the log doesn't have the trial or didn't run it.
    pub errors: Vec<StepErrors>,
    /// The permutations, such as `pipe/sizes[size=1]`.
    pub trials: Vec<String>,
}

/// The errors that a step returned in one log.
type StepErrors = Option<Vec<String>>;

/// Returns all differences between errors, except those that `reported` has, sorted by backend,
/// descending number of trials, and step.
pub(super) fn differences(
    trials: &[ComparedTrial<'_>],
    reported: &ReportedSteps,
) -> Vec<ErrorDifference> {
    // Trials in which the same kind of step returned the same errors.
    let mut alike: BTreeMap<(Key, String, Vec<StepErrors>), ErrorDifference> = BTreeMap::new();
    for (number, trial) in trials.iter().enumerate() {
        let steps: BTreeSet<(&str, &str)> = trial
            .run()
            .flat_map(|(_, report)| &report.errors)
            .map(|error| (error.process.as_str(), error.step.as_str()))
            .collect();
        for (process, step) in steps {
            if reported.contains(&(number, step.to_owned())) {
                continue;
            }
            let mut errors = vec![None; trial.reports.len()];
            for (log, report) in trial.run() {
                errors[log] = Some(of_step(report, process, step));
            }
            let different: BTreeSet<_> = errors.iter().flatten().collect();
            if different.len() < 2 {
                continue;
            }
            let verb = step.split(' ').next().unwrap_or(step).to_owned();
            let backend = trial.name.backend.clone();
            let in_trials = &mut alike
                .entry((backend.clone(), verb, errors.clone()))
                .or_insert_with(|| ErrorDifference {
                    backend,
                    step: step.to_owned(),
                    errors,
                    trials: Vec::new(),
                })
                .trials;
            let permutation = trial.name.permutation_name();
            if in_trials.last() != Some(&permutation) {
                in_trials.push(permutation);
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
