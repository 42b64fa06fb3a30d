//! Runs all mutants and controls.

use std::sync::Arc;

use super::control::Control;
use super::cost;
use super::invariants;
use super::mutant_trials::{MutantResult, MutantTrials};
use super::parallel::seeded;
use super::result::Proof;
use super::setup::{ProofOptions, TestBed};
use crate::backend::{Backend, Key, System};
use crate::corpus::{self, TrialFilter};
use crate::mutant::{Fault, Mutation};
use crate::runner::{Options, REVIEWED_STALL, Subject, Trial};

/// Runs mutants and controls. Returns `None` if interrupted.
pub fn prove(order: &ProofOptions, ground: &TestBed<'_>) -> Option<Proof> {
    let is_wanted = |key: &Key| {
        let name = key.to_string();
        let mut patterns = order.patterns.iter();
        order.patterns.is_empty() || patterns.any(|pattern| name.contains(pattern))
    };
    let (mut mutants, mut controls) = (Vec::new(), Vec::new());
    for fault in Fault::ALL.iter().copied() {
        for sound in ground.sound {
            let often = order.often.filter(|_| fault.is_wrong());
            let mutation = Mutation { fault, often };
            let Some(mutant) = mutation.on(Arc::clone(sound)) else {
                continue;
            };
            if !is_wanted(&mutant.key()) {
                continue;
            }
            let mut trials = trials(ground, mutant);
            if fault.is_wrong() {
                // A transcript that differs from the golden kills no mutant.
                trials.iter_mut().for_each(|trial| trial.golden = None);
                mutants.push(MutantTrials::new(
                    mutation,
                    sound.key(),
                    trials,
                    ground.reviewed,
                ));
            } else {
                let name = mutation.name_on(&sound.key());
                controls.push(Control::new(name, fault.about(), trials));
            }
        }
    }
    // Sound backends must not be accused either.
    for sound in ground.sound.iter().filter(|sound| is_wanted(&sound.key())) {
        let trials = trials(ground, Arc::clone(sound));
        controls.push(Control::new(sound.key().to_string(), "nothing odd", trials));
    }
    let killing = Options {
        stall: REVIEWED_STALL,
        ..ground.options.clone()
    };
    let attempts = seeded(&mutants, order.seeds, order.jobs, |mutant, seed| {
        mutant.attempt(&with_seed(&killing, seed), ground.session)
    })?;
    let results = mutants.iter().zip(attempts);
    let killed: Vec<MutantResult> = results
        .map(|(mutant, attempts)| mutant.result(&attempts, order.often))
        .collect();
    let is_whole = order.patterns.is_empty() && order.often.is_none();
    let invariants = if is_whole {
        let options = with_seed(&killing, 1);
        invariants::results(&mutants, &killed, ground, &options, order.jobs)?
    } else {
        Vec::new()
    };
    let accusations = seeded(&controls, order.runs, order.jobs, |control, seed| {
        control.run(&with_seed(ground.options, seed), ground.session)
    })?;
    let results = controls.iter().zip(accusations);
    let controls = results
        .map(|(control, accusations)| {
            control.result(accusations.into_iter().flatten().collect(), order.runs)
        })
        .collect();
    Some(Proof {
        mutants: killed,
        controls,
        invariants,
    })
}

/// Returns all trials that can run on this backend, the quick ones first.
fn trials(ground: &TestBed<'_>, mutant: Arc<dyn Backend>) -> Vec<Trial> {
    let subjects = [Subject::from(mutant)];
    let (filter, system) = (TrialFilter::default(), System::current());
    let mut trials = corpus::trials(ground.cases, &subjects, ground.goldens, system, &filter);
    trials.retain(|trial| trial.runnable.is_ok());
    trials.sort_by_cached_key(cost::of);
    trials
}

fn with_seed(options: &Options, seed: u64) -> Options {
    Options {
        seed,
        jobs: 1,
        ..options.clone()
    }
}
