//! A control: a backend that is odd but legal, and must not be accused.

use std::time::Duration;

use serde::Serialize;

use super::cost;
use crate::runner::{self, Options, Session, Trial};

/// The longest trial of a control: each runs many times.
const LONGEST: Duration = Duration::from_millis(150);

/// A control, and the trials that it runs in turn.
pub(super) struct Control {
    name: String,
    about: &'static str,
    trials: Vec<Trial>,
}

/// The result for one control.
#[derive(Clone, Debug, Serialize)]
pub struct ControlResult {
    /// Its name, as in `queue:broker~delays`, or the name of a sound backend.
    pub control: String,
    /// What is odd about it.
    pub about: &'static str,
    /// The number of runs, each with another seed.
    pub runs: u64,
    /// The number of permutations among which the runs took turns.
    pub permutations: usize,
    /// The runs in which it was accused: the seed, the verdict and the reasons.
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

    /// Runs one trial, and returns the accusation if there is one. The outer `None` means interrupted.
    pub(super) fn run(&self, options: &Options, session: &Session) -> Option<Option<String>> {
        let turns = self.trials.len() as u64;
        let Some(turn) = options.seed.checked_rem(turns) else {
            return Some(None);
        };
        let turn = usize::try_from(turn).unwrap_or(0);
        let report = runner::attempt(&self.trials[turn], options, session)?;
        let is_accused = !report.verdict.is_as_expected() && !report.too_slow;
        Some(is_accused.then(|| {
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
