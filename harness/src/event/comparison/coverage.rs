//! The backends and trials that some logs have or ran, and others don't.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::trials::{ComparedTrial, was_run};
use crate::backend::Key;

/// Trials of a backend that one log didn't run, although another log did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct SkippedTrials {
    /// The backend.
    pub backend: Key,
    /// The index of the log that didn't run them.
    pub log: usize,
    /// How many trials it didn't run.
    pub trials: usize,
    /// How many trials of this backend it has that any log ran.
    pub of: usize,
    /// The reasons, such as `no fork`, each once.
    pub why: Vec<String>,
}

/// Backends and trials that only some logs have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Unshared {
    /// The indices of the logs that have them.
    pub logs: Vec<usize>,
    /// The backends that no other log has.
    pub backends: Vec<Key>,
    /// The trials of other backends that no other log has.
    pub trials: Vec<String>,
}

pub(super) fn skipped(trials: &[ComparedTrial<'_>], logs: usize) -> Vec<SkippedTrials> {
    let mut found: BTreeMap<(&Key, usize), SkippedTrials> = BTreeMap::new();
    let is_run = |trial: &&ComparedTrial<'_>| trial.run().next().is_some();
    for trial in trials.iter().filter(is_run) {
        let backend = &trial.name.backend;
        for log in 0..logs {
            let Some(report) = trial.reports[log] else {
                continue;
            };
            let skipped = found
                .entry((backend, log))
                .or_insert_with(|| SkippedTrials {
                    backend: backend.clone(),
                    log,
                    trials: 0,
                    of: 0,
                    why: Vec::new(),
                });
            skipped.of += 1;
            if was_run(report) {
                continue;
            }
            skipped.trials += 1;
            for why in report.why.iter().flat_map(|why| why.split(", ")) {
                if !skipped.why.iter().any(|known| known == why) {
                    skipped.why.push(why.to_owned());
                }
            }
        }
    }
    let found = found.into_values();
    found.filter(|skipped| skipped.trials > 0).collect()
}

pub(super) fn unshared(trials: &[ComparedTrial<'_>], logs: usize) -> Vec<Unshared> {
    let mut logs_of: BTreeMap<&Key, BTreeSet<usize>> = BTreeMap::new();
    for trial in trials {
        let logs = logs_of.entry(&trial.name.backend).or_default();
        logs.extend(trial.reports().map(|(log, _)| log));
    }
    let all: BTreeSet<usize> = (0..logs).collect();
    let mut found: BTreeMap<Vec<usize>, Unshared> = BTreeMap::new();
    let mut add = |logs: &BTreeSet<usize>, item: &dyn Fn(&mut Unshared)| {
        let logs: Vec<usize> = logs.iter().copied().collect();
        item(found.entry(logs.clone()).or_insert_with(|| Unshared {
            logs,
            backends: Vec::new(),
            trials: Vec::new(),
        }));
    };
    for (key, logs) in &logs_of {
        if *logs != all {
            add(logs, &|unshared| unshared.backends.push((*key).clone()));
        }
    }
    for trial in trials {
        let logs: BTreeSet<usize> = trial.reports().map(|(log, _)| log).collect();
        if logs != logs_of[&trial.name.backend] {
            add(&logs, &|unshared| {
                unshared.trials.push(trial.name.to_string());
            });
        }
    }
    found.into_values().collect()
}
