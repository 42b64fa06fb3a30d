//! What a log says nothing of.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Row, was_run};
use crate::backend::Key;

/// Trials of a backend that a log has and didn't run, though another log did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Silence {
    /// Whose.
    pub backend: Key,
    /// Which log, by its place.
    pub log: usize,
    /// How many they are.
    pub trials: usize,
    /// Of how many of this backend that some log ran.
    pub of: usize,
    /// Why, as in `no fork`, each reason once.
    pub why: Vec<String>,
}

/// What only some logs have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Apart {
    /// Which logs have it, by their places.
    pub logs: Vec<usize>,
    /// The backends that no other log has.
    pub backends: Vec<Key>,
    /// The trials of other backends that no other log has.
    pub trials: Vec<String>,
}

pub(super) fn silences(rows: &[Row<'_>], logs: usize) -> Vec<Silence> {
    let mut silences: BTreeMap<(&Key, usize), Silence> = BTreeMap::new();
    let is_run = |row: &&Row<'_>| row.run().next().is_some();
    for row in rows.iter().filter(is_run) {
        let backend = &row.name.backend;
        for log in 0..logs {
            let Some(report) = row.reports[log] else {
                continue;
            };
            let silence = silences.entry((backend, log)).or_insert_with(|| Silence {
                backend: backend.clone(),
                log,
                trials: 0,
                of: 0,
                why: Vec::new(),
            });
            silence.of += 1;
            if was_run(report) {
                continue;
            }
            silence.trials += 1;
            for why in report.why.iter().flat_map(|why| why.split(", ")) {
                if !silence.why.iter().any(|known| known == why) {
                    silence.why.push(why.to_owned());
                }
            }
        }
    }
    let silences = silences.into_values();
    silences.filter(|silence| silence.trials > 0).collect()
}

pub(super) fn apart(rows: &[Row<'_>], logs: usize) -> Vec<Apart> {
    let mut homes: BTreeMap<&Key, BTreeSet<usize>> = BTreeMap::new();
    for row in rows {
        let home = homes.entry(&row.name.backend).or_default();
        home.extend(row.reports().map(|(log, _)| log));
    }
    let all: BTreeSet<usize> = (0..logs).collect();
    let mut apart: BTreeMap<Vec<usize>, Apart> = BTreeMap::new();
    let mut of = |logs: &BTreeSet<usize>, tell: &dyn Fn(&mut Apart)| {
        let logs: Vec<usize> = logs.iter().copied().collect();
        tell(apart.entry(logs.clone()).or_insert_with(|| Apart {
            logs,
            backends: Vec::new(),
            trials: Vec::new(),
        }));
    };
    for (key, home) in &homes {
        if *home != all {
            of(home, &|apart| apart.backends.push((*key).clone()));
        }
    }
    for row in rows {
        let logs: BTreeSet<usize> = row.reports().map(|(log, _)| log).collect();
        if logs != homes[&row.name.backend] {
            of(&logs, &|apart| apart.trials.push(row.name.to_string()));
        }
    }
    apart.into_values().collect()
}
