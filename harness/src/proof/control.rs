//! A backend that is odd and legal, and must never be accused.

use std::time::Duration;

use serde::Serialize;

use super::cost;
use crate::runner::{self, Options, Session, Trial};

/// What takes longer isn't run hundreds of times.
const LONGEST: Duration = Duration::from_millis(150);

/// A control, and the trials that take turns.
pub(super) struct Control {
    name: String,
    about: &'static str,
    trials: Vec<Trial>,
}

/// What came of one control.
#[derive(Clone, Debug, Serialize)]
pub struct ControlResult {
    /// Its name, as in `queue:broker~delays`; a sound backend's own.
    pub control: String,
    /// What it does.
    pub about: &'static str,
    /// How many times it was run, from as many seeds.
    pub runs: u64,
    /// On how many permutations.
    pub permutations: usize,
    /// Every run in which something was wrong, with its seed and what was said.
    pub accusations: Vec<String>,
}

impl Control {
    pub(super) fn new(name: String, about: &'static str, mut trials: Vec<Trial>) -> Control {
        trials.retain(|trial| cost::of(trial) <= LONGEST);
        Control {
            name,
            about,
            trials,
        }
    }

    /// One run, and what it was accused of, if of anything; none where that was interrupted.
    pub(super) fn run(&self, options: &Options, session: &Session) -> Option<Option<String>> {
        let turns = self.trials.len() as u64;
        let Some(turn) = options.seed.checked_rem(turns) else {
            return Some(None);
        };
        let turn = usize::try_from(turn).unwrap_or(0);
        let report = runner::attempt(&self.trials[turn], options, session)?;
        Some((!report.verdict.is_as_expected()).then(|| {
            let (name, seed, verdict) = (&report.name, options.seed, report.verdict.word());
            let broken = report.failures.iter().map(|page| {
                let clause = page
                    .clause
                    .as_ref()
                    .map_or("transcript", |one| one.as_str());
                format!("{clause} by {}: {}", page.invariant, page.actual)
            });
            let broken: Vec<String> = broken.chain(report.why.clone()).collect();
            format!("{name}, seed {seed}: {verdict}: {}", broken.join("; "))
        }))
    }

    pub(super) fn result(&self, accusations: Vec<String>, runs: u64) -> ControlResult {
        ControlResult {
            control: self.name.clone(),
            about: self.about,
            runs,
            permutations: self.trials.len(),
            accusations,
        }
    }
}
