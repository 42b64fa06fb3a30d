//! Proof that the harness bites: every wrong backend is killed by a finding, and no backend is
//! accused that is merely odd.
//!
//! A wrong backend, a *mutant*, is *killed* by a case in which an invariant finds a promise broken.
//! That a run stalls kills only those whose fault it is that somebody waits, and a transcript that
//! isn't the reviewed one kills nobody. What killed which was reviewed by a person, so that is tried
//! first; where it doesn't kill any more, everything else is.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::backend::{Backend, Key, System};
use crate::backends;
use crate::corpus;
use crate::corpus::CaseFile;
use crate::corpus::TrialFilter;
use crate::judge::golden::Golden;
use crate::mutant::{Fault, Mutation, Trigger};
use crate::registry::Registry;
use crate::runner::Subject;
use crate::runner::{Options, REVIEWED_STALL, Session, Trial, interrupt};

mod control;
mod cost;
mod hunt;
mod invariants;
mod kill;
mod table;

pub use control::ControlResult;
pub use hunt::MutantResult;
pub use invariants::InvariantResult;
pub use kill::Kill;
pub use table::Table;

use control::Control;
use hunt::Hunt;

/// What to prove.
#[derive(Clone, Debug)]
pub struct Order {
    /// Parts of mutants' names, as in `pipe~lost`; all of them where there is none.
    pub patterns: Vec<String>,
    /// How often faults show; as often as each of them says where nothing is said.
    pub often: Option<Trigger>,
    /// Every mutant is to be killed in this many runs, from seeds of their own: 1 and up.
    pub seeds: u64,
    /// No control may be accused in this many.
    pub runs: u64,
    /// How many runs are under way at once.
    pub jobs: usize,
}

/// What came of all of it.
#[derive(Debug)]
pub struct Proof {
    /// Of every mutant, by family.
    pub mutants: Vec<MutantResult>,
    /// Of every control.
    pub controls: Vec<ControlResult>,
    /// Of every invariant; none where only some mutants were asked for.
    pub invariants: Vec<InvariantResult>,
}

/// Where mutants run.
pub struct Ground<'a> {
    /// The cases.
    pub cases: &'a [CaseFile],
    /// Their goldens, by name: a control's transcripts are those of a sound backend.
    pub goldens: &'a BTreeMap<String, Arc<Golden>>,
    /// The backends that are made wrong.
    pub sound: &'a [Arc<dyn Backend>],
    /// How to run; seed, jobs and stall limit are the proof's own.
    pub options: &'a Options,
    /// In what session.
    pub session: &'a Session,
    /// What killed which when a person last looked.
    pub reviewed: &'a Table,
}

/// The backends that are made wrong where nobody says which: the references.
pub fn references(registry: &Registry) -> Vec<Arc<dyn Backend>> {
    let references = registry
        .iter()
        .filter(|one| backends::is_reference(&***one));
    references.cloned().collect()
}

/// Runs mutants and controls; none where that was interrupted.
pub fn prove(order: &Order, ground: &Ground<'_>) -> Option<Proof> {
    let is_wanted = |key: &Key| {
        let name = key.to_string();
        let mut patterns = order.patterns.iter();
        order.patterns.is_empty() || patterns.any(|pattern| name.contains(pattern))
    };
    let (mut hunts, mut controls) = (Vec::new(), Vec::new());
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
                // A transcript that differs kills nobody.
                trials.iter_mut().for_each(|trial| trial.golden = None);
                hunts.push(Hunt::new(mutation, sound.key(), trials, ground.reviewed));
            } else {
                let name = mutation.name_on(&sound.key());
                controls.push(Control::new(name, fault.about(), trials));
            }
        }
    }
    // Who isn't even odd must not be accused either.
    for sound in ground.sound.iter().filter(|sound| is_wanted(&sound.key())) {
        let trials = trials(ground, Arc::clone(sound));
        controls.push(Control::new(sound.key().to_string(), "nothing odd", trials));
    }
    let killing = Options {
        stall: REVIEWED_STALL,
        ..ground.options.clone()
    };
    let chases = seeded(&hunts, order.seeds, order.jobs, |hunt, seed| {
        hunt.chase(&with_seed(&killing, seed), ground.session)
    })?;
    let results = hunts.iter().zip(chases);
    let mutants: Vec<MutantResult> = results
        .map(|(hunt, chases)| hunt.result(&chases, order.often))
        .collect();
    let is_whole = order.patterns.is_empty() && order.often.is_none();
    let invariants = if is_whole {
        let options = with_seed(&killing, 1);
        invariants::results(&hunts, &mutants, ground, &options, order.jobs)?
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
        mutants,
        controls,
        invariants,
    })
}

impl Proof {
    /// What of it stays the same from run to run; [`Table::parse`] reads it.
    pub fn table(&self) -> String {
        let mut table = String::new();
        table::write(self, &mut table).expect("a string takes whatever there is to write");
        table
    }

    /// Whether every mutant was killed, every invariant killed one or is said why not, and no
    /// control was accused.
    pub fn holds(&self) -> bool {
        self.mutants.iter().all(MutantResult::is_killed)
            && self.invariants.iter().all(InvariantResult::is_proved)
            && self.controls.iter().all(|one| one.accusations.is_empty())
    }
}

/// Everything that can be run on this backend, what is quick first.
fn trials(ground: &Ground<'_>, mutant: Arc<dyn Backend>) -> Vec<Trial> {
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

/// What comes of each item with each seed from 1 up, by item and then by seed, so many at once; none
/// where that was interrupted.
fn seeded<T: Sync, R: Send>(
    items: &[T],
    seeds: u64,
    at_once: usize,
    work: impl Fn(&T, u64) -> Option<R> + Sync,
) -> Option<Vec<Vec<R>>> {
    let with_all = |seed| (0..items.len()).map(move |place| (place, seed));
    let jobs: Vec<(usize, u64)> = (1..=seeds).flat_map(with_all).collect();
    let done = each(&jobs, at_once, |(place, seed)| work(&items[*place], *seed))?;
    let mut by_item: Vec<Vec<R>> = items.iter().map(|_| Vec::new()).collect();
    for ((place, _), result) in jobs.into_iter().zip(done) {
        by_item[place].push(result);
    }
    Some(by_item)
}

/// What comes of each, in the order of the items, so many at once; none where that was interrupted.
fn each<T: Sync, R: Send>(
    items: &[T],
    at_once: usize,
    work: impl Fn(&T) -> Option<R> + Sync,
) -> Option<Vec<R>> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<Option<R>>> = Mutex::new(items.iter().map(|_| None).collect());
    thread::scope(|scope| {
        for _ in 0..at_once.clamp(1, items.len().max(1)) {
            scope.spawn(|| {
                while let number = next.fetch_add(1, Ordering::Relaxed)
                    && let Some(item) = items.get(number)
                    && !interrupt::requested()
                {
                    let result = work(item);
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    done[number] = result;
                }
            });
        }
    });
    let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.into_iter().collect()
}

/// The one in the middle.
fn median(mut times: Vec<Duration>) -> Option<Duration> {
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}
