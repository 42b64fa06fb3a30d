//! Mutants in random cases: a fault that acts must be detected somewhere.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::drawn::Drawn;
use super::run::{SelfTestOptions, TestGround};
use crate::backend::Backend;
use crate::judge::{FindingState, TrialReport, Verdict};
use crate::mutant::{Fault, Mutation, acted_in_time};
use crate::proof::each;
use crate::runner::{self, Options, REVIEWED_STALL, Subject, Trial};

/// How many mutants of each backend run each case.
const EACH: usize = 3;

/// In how many runs the fault of a mutant must act before it has to be detected. What a fault did to a few
/// messages may concern none that a process received.
const SEVERAL: u64 = 5;

/// What happened to one mutant in the drawn cases.
#[derive(Clone, Debug, Default)]
pub(crate) struct MutantTally {
    /// The number of runs.
    pub(crate) runs: u64,
    /// The number of runs in which its fault acted.
    pub(crate) acted: u64,
    /// The number of those in which a promise was found broken.
    pub(crate) detected: u64,
    /// The shortest case in which the fault acted and everything passed, with the name of its trial.
    pub(crate) passed: Option<(String, String)>,
}

impl MutantTally {
    /// Whether the fault acted in several runs, and none showed it.
    pub(crate) fn is_hole(&self) -> bool {
        self.acted >= SEVERAL && self.detected == 0
    }

    fn add(&mut self, report: &TrialReport, acted: bool, text: &str) {
        // Slowness can hide a fault.
        if report.too_slow {
            return;
        }
        self.runs += 1;
        self.acted += u64::from(acted);
        // Also a clause that doesn't bind the backend: residue is a promise of the harness.
        let mut findings = report.findings.iter();
        let is_detected = findings.any(|one| matches!(one.state, FindingState::Broken(_)));
        let passed = report.verdict == Verdict::Pass && !is_detected;
        self.detected += u64::from(acted && is_detected);
        let is_shorter = |(_, shortest): &(String, String)| text.len() < shortest.len();
        if acted && passed && self.passed.as_ref().is_none_or(is_shorter) {
            self.passed = Some((report.name.to_string(), text.to_owned()));
        }
    }
}

/// Runs the drawn cases on mutants of these backends, in turn. Returns the tallies by name, or `None` if
/// interrupted.
///
/// # Errors
/// There can be no folder for the notes.
pub(crate) fn mutants(
    what: SelfTestOptions,
    sound: &[Arc<dyn Backend>],
    ground: &TestGround<'_>,
) -> io::Result<Option<BTreeMap<String, MutantTally>>> {
    let notes = tempfile::tempdir()?;
    let tallies: Mutex<BTreeMap<String, MutantTally>> = Mutex::default();
    let numbers: Vec<u64> = (0..what.cases).collect();
    let options = Options {
        stall: REVIEWED_STALL,
        ..ground.options.clone()
    };
    let done = each(&numbers, ground.options.jobs, |number| {
        let (_, text) = Drawn::new(what.seed, *number).case();
        for backend in sound {
            for mutation in in_turn(backend.as_ref(), *number) {
                let name = mutation.name_on(&backend.key());
                let note = notes.path().join(format!("{number}-{mutation}"));
                let Some(mutant) = mutation.noting(Arc::clone(backend), note.clone()) else {
                    continue;
                };
                for trial in ground.trials_on(&[Subject::from(mutant)], *number, &text) {
                    if !is_noted(&trial) {
                        continue;
                    }
                    // A note that isn't there can't be removed.
                    let _ = std::fs::remove_file(&note);
                    let report = runner::attempt(&trial, &options, ground.session)?;
                    let mut tallies = tallies.lock().unwrap_or_else(PoisonError::into_inner);
                    let tally = tallies.entry(name.clone()).or_default();
                    tally.add(&report, acted_in_time(&note, report.ended), &text);
                }
            }
        }
        Some(())
    });
    let tallies = tallies.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(done.map(|_| tallies))
}

/// Returns some of the faults that fit the backend, others for each case.
fn in_turn(backend: &dyn Backend, number: u64) -> Vec<Mutation> {
    let wrong = Fault::ALL.iter().copied();
    let fitting: Vec<Mutation> = wrong
        .filter(|fault| fault.is_wrong() && fault.fits(backend))
        .map(Mutation::from)
        .collect();
    let first = number as usize * EACH;
    let turns = (first..first + EACH.min(fitting.len())).map(|n| n % fitting.len());
    turns.map(|n| fitting[n]).collect()
}

/// Whether every channel is opened by the harness, which knows where the note is to be.
fn is_noted(trial: &Trial) -> bool {
    let mut channels = trial.permutation.plan.channels.iter();
    trial.runnable.is_ok() && channels.all(|channel| channel.opener.is_none())
}
