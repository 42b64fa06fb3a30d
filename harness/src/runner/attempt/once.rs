//! Runs and judges one permutation once.

use std::sync::Arc;

use super::computed::computed;
use crate::history::History;
use crate::judge::verdict::Duties;
use crate::judge::{self, Standard, TrialReport, Verdict};
use crate::os::clock;
use crate::runner::failure::{Doing, RunFailure};
use crate::runner::interrupt;
use crate::runner::observe::observe;
use crate::runner::options::Options;
use crate::runner::session::Session;
use crate::runner::shortage;
use crate::runner::trial::Trial;
use crate::runner::turns::Turn;

/// How often a permutation runs at most until the machine isn't too slow.
const ATTEMPTS: usize = 2;

/// Runs and judges one permutation once, or again if the machine was too slow for the run to be judged,
/// or ran out of something that runs at the same time may have taken. Returns none if the user
/// interrupted it.
pub(super) fn once(trial: &Trial, options: &Options, session: &Session) -> Option<TrialReport> {
    let mut report = run(trial, options, session)?;
    for _ in 1..ATTEMPTS {
        if !report.too_slow {
            break;
        }
        report = run(trial, options, session)?;
    }
    Some(report)
}

fn run(trial: &Trial, options: &Options, session: &Session) -> Option<TrialReport> {
    let not_run =
        |verdict, why| judge::not_run(trial.name.clone(), &trial.permutation, verdict, why);
    let mut frees = true;
    loop {
        let turn = session.turns.begin();
        return match run_and_judge(trial, options, session) {
            Ok(report) => {
                turn.lacked_nothing();
                Some(report)
            }
            Err(RunFailure::Machine(_)) if frees_something(turn, session, &mut frees) => continue,
            Err(RunFailure::Interrupted) => None,
            Err(RunFailure::Unsupported(why)) => Some(not_run(Verdict::NotApplicable, why)),
            Err(RunFailure::TooSlow(why)) => {
                Some(judge::too_slow(trial.name.clone(), &trial.permutation, why))
            }
            Err(RunFailure::Adapter(why)) => Some(not_run(Verdict::AdapterError, why)),
            Err(RunFailure::Machine(why)) => Some(not_run(Verdict::Unknown, why)),
            Err(RunFailure::Trouble(why)) => Some(not_run(Verdict::HarnessError, why)),
        };
    }
}

/// Frees what a run may have lacked. Returns whether it makes sense to run again. Idle adapters are
/// ended only if `frees`, because the run may leave one itself.
fn frees_something(turn: Turn<'_>, session: &Session, frees: &mut bool) -> bool {
    let lacked_others = turn.lacked();
    let was_idle = session.end_idle_adapters();
    lacked_others || (was_idle && std::mem::take(frees))
}

fn run_and_judge(
    trial: &Trial,
    options: &Options,
    session: &Session,
) -> Result<TrialReport, RunFailure> {
    let began = clock::now();
    let history = observe(trial, options, session)?;
    let lacked = shortage::in_stderr(&trial.permutation.plan, &history);
    let report = judged(trial, options, history, clock::now() - began)?;
    match (report.verdict, lacked) {
        (Verdict::Fail | Verdict::Unknown, Some(lacked)) => Err(lacked),
        _ => Ok(report),
    }
}

/// Judges a run that took `elapsed` nanoseconds.
fn judged(
    trial: &Trial,
    options: &Options,
    history: History,
    elapsed: u64,
) -> Result<TrialReport, RunFailure> {
    let trial = trial.clone();
    let catalogue = Arc::clone(&options.catalogue);
    let judge = move || {
        let standard = Standard {
            capabilities: &trial.capabilities,
            duties: Duties {
                catalogue: &catalogue,
                is_reference: trial.subject.is_reference(),
                divergences: &trial.divergences,
            },
            golden: trial.golden.as_deref(),
            is_reviewed: trial.is_reviewed,
        };
        judge::judge(trial.name, &trial.permutation, &history, standard, elapsed)
    };
    computed(judge, interrupt::requested)
        .doing("no thread to judge on")?
        .ok_or(RunFailure::Interrupted)
}
