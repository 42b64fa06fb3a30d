//! Runs one permutation once, and returns its history.

use std::time::Duration;

use super::failure::RunFailure;
use super::options::{Options, REVIEWED_STALL};
use super::run_loop::Outlook;
use super::session::Session;
use super::trial::Trial;
use super::{adapted, interrupt, own, shortage};
use crate::adapter::AdapterColumn;
use crate::history::History;
use crate::plan::Permutation;
use crate::runner::Subject;

/// Runs a trial without judging it.
///
/// # Errors
/// See [`RunFailure`].
pub fn observe(trial: &Trial, options: &Options, session: &Session) -> Result<History, RunFailure> {
    let mut plan = trial.permutation.plan.clone();
    plan.seed = options.seed;
    let stall = stall(trial, options);
    let outlook = Outlook::of(&trial.permutation);
    let history = match &trial.subject {
        Subject::Backend(backend) => own::run(&plan, outlook, backend, session, options, stall),
        Subject::Adapted(column) => {
            let name = name(&trial.permutation);
            adapted::run(&name, &plan, outlook, column, session, options, stall)
        }
    }?;
    let exits = history.processes.iter().filter_map(|process| process.exit);
    if interrupt::caused(exits) {
        return Err(RunFailure::Interrupted);
    }
    if let Some(gone) = session.folder_is_gone() {
        return Err(gone);
    }
    shortage::in_history(&plan, &history).map_or(Ok(history), Err)
}

fn name(permutation: &Permutation) -> String {
    format!("{}[{}]", permutation.case, permutation.name())
}

/// Returns how long nothing may move in this trial once its processes have started.
fn stall(trial: &Trial, options: &Options) -> Duration {
    let mut reviewed = trial.divergences.iter();
    if reviewed.any(|divergence| divergence.is_hang()) {
        options.stall.min(REVIEWED_STALL)
    } else {
        options.stall
    }
}

/// Runs a permutation on an adapter's column without judging it.
///
/// # Errors
/// See [`RunFailure`].
pub(crate) fn observe_column(
    permutation: &Permutation,
    column: &AdapterColumn,
    options: &Options,
    session: &Session,
) -> Result<History, RunFailure> {
    let outlook = Outlook::of(permutation);
    let (plan, stall) = (&permutation.plan, options.stall);
    let name = name(permutation);
    adapted::run(&name, plan, outlook, column, session, options, stall)
}
