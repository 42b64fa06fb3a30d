//! Runs and judges one permutation once.

use std::sync::Arc;

use super::computed::computed;
use crate::history::History;
use crate::judge::verdict::Duties;
use crate::judge::{self, Standard, TrialReport, Verdict};
use crate::os::clock;
use crate::runner::failure::RunFailure;
use crate::runner::interrupt;
use crate::runner::observe::observe;
use crate::runner::options::Options;
use crate::runner::session::Session;
use crate::runner::trial::Trial;

/// How often a permutation runs at most until the machine isn't too slow.
const ATTEMPTS: usize = 2;

/// Runs and judges one permutation once, or again if the machine was too slow for the run to be judged.
/// Returns none if the user interrupted it.
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
    let began = clock::now();
    let observed = observe(trial, options, session)
        .and_then(|history| judged(trial, options, history, clock::now() - began));
    match observed {
        Ok(report) => Some(report),
        Err(RunFailure::Interrupted) => None,
        Err(RunFailure::Unsupported(why)) => Some(not_run(Verdict::NotApplicable, why)),
        Err(RunFailure::TooSlow(why)) => {
            Some(judge::too_slow(trial.name.clone(), &trial.permutation, why))
        }
        Err(RunFailure::Adapter(why)) => Some(not_run(Verdict::AdapterError, why)),
        Err(RunFailure::Trouble(why)) => Some(not_run(Verdict::HarnessError, why)),
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
        .map_err(|error| RunFailure::Trouble(format!("no thread to judge on: {error}")))?
        .ok_or(RunFailure::Interrupted)
}
