//! Compares event logs: which promises of which backends have different results, and how.
//!
//! Trials are compared one by one, and trials that differ in the same way become one difference. A
//! backend that a log doesn't have and a trial that a log didn't run are listed separately.

use serde::Serialize;

use crate::event::EventLog;

mod clauses;
mod coverage;
mod errors;
mod introductions;
mod label;
mod trials;

pub(crate) use clauses::{ClauseDifference, LoggedResult};
pub(crate) use coverage::{SkippedTrials, Unshared};
pub(crate) use errors::ErrorDifference;
pub(crate) use introductions::Introduction;

/// The differences between event logs. A list with one entry for each log is in the order of
/// `logs`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Comparison {
    /// The logs.
    pub logs: Vec<ComparedLog>,
    /// What the logs say differently about backends, such as the versions of libraries.
    pub introductions: Vec<Introduction>,
    /// The promises with another verdict, or that broke in another way.
    pub differences: Vec<ClauseDifference>,
    /// The errors with other names or numbers in trials with equal verdicts.
    pub errors: Vec<ErrorDifference>,
    /// The trials that some logs ran and others didn't run.
    pub silences: Vec<SkippedTrials>,
    /// The backends and trials that only some logs have.
    pub apart: Vec<Unshared>,
    /// How many trials are in more than one log.
    pub shared: usize,
}

/// One of the compared logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ComparedLog {
    /// A short name that no other compared log has.
    pub label: String,
    /// The path that it was read from.
    pub path: String,
    /// The version of the program that wrote it.
    pub program: String,
    /// How many trials it has.
    pub trials: usize,
    /// Whether its run was interrupted.
    pub interrupted: bool,
}

impl Comparison {
    /// Compares logs.
    pub(crate) fn of(logs: &[EventLog]) -> Comparison {
        let trials = trials::joined(logs);
        let (differences, reported) = clauses::differences(&trials);
        let shared = trials.iter().filter(|trial| trial.reports().count() > 1);
        Comparison {
            logs: compared(logs),
            introductions: introductions::differences(logs),
            differences,
            errors: errors::differences(&trials, &reported),
            silences: coverage::skipped(&trials, logs.len()),
            apart: coverage::unshared(&trials, logs.len()),
            shared: shared.count(),
        }
    }

    /// Whether any verdict differs, or some logs have or ran trials that others don't. Ignores how
    /// a promise broke and the names of errors, because a race may decide them.
    pub(crate) fn differs(&self) -> bool {
        let mut differences = self.differences.iter();
        differences.any(ClauseDifference::is_of_verdicts)
            || !self.silences.is_empty()
            || !self.apart.is_empty()
    }
}

fn compared(logs: &[EventLog]) -> Vec<ComparedLog> {
    let compared = |(log, label): (&EventLog, String)| ComparedLog {
        label,
        path: log.path.clone(),
        program: log.header.program.clone(),
        trials: log.reports.len(),
        interrupted: log.footer.interrupted,
    };
    logs.iter().zip(label::labels(logs)).map(compared).collect()
}

#[cfg(test)]
mod tests;
