//! Runs and judges one trial.

use super::options::Options;
use super::session::Session;
use super::trial::Trial;
use crate::event::printable;
use crate::judge::TrialReport;

mod computed;
mod draw;
mod once;
mod property;

pub(crate) use draw::SIMPLIFIES;
use once::once;

/// Runs and judges one trial. The texts of the report are harmless to print. Returns none if the user
/// interrupted it.
pub fn attempt(trial: &Trial, options: &Options, session: &Session) -> Option<TrialReport> {
    if let Err(not_run) = &trial.runnable {
        let report = not_run.report(trial.name.clone(), &trial.permutation);
        return Some(printable(report));
    }
    let report = match &trial.property {
        Some(property) => property::attempt(trial, property, options, session),
        None => once(trial, options, session),
    };
    report.map(printable)
}
