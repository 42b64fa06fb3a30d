//! A mutant, and the trials that may kill it.

use std::time::{Duration, Instant};

use serde::Serialize;

use super::kill::Kill;
use super::table::KillTable;
use crate::backend::Key;
use crate::mutant::{Family, Mutation, Trigger};
use crate::runner::{self, Options, Session, Trial};

/// The longest run that doesn't stall because of the fault, in nanoseconds.
const QUICK: u64 = 1_000_000_000;

/// How many more trials run after a slow kill that isn't the reviewed one, to find a quick one.
const MORE: usize = 12;

/// How many more times the reviewed trial runs if another break than the reviewed one shows.
const AGAIN: usize = 2;

/// A mutant, and the trials that may kill it.
pub(super) struct MutantTrials {
    pub(super) mutation: Mutation,
    pub(super) mutant: String,
    /// In the order in which they run.
    pub(super) trials: Vec<Trial>,
    reviewed: Option<Kill>,
}

/// The result of one attempt to kill a mutant, with one seed.
#[derive(Debug)]
pub(super) struct KillAttempt {
    kill: Option<Kill>,
    /// Whether the machine was too slow for a trial that might have killed it.
    too_slow: bool,
    elapsed: Duration,
}

/// The result of all attempts to kill one mutant.
#[derive(Clone, Debug, Serialize)]
pub struct MutantResult {
    /// Its name, as in `pipe:std/pipe~lost`.
    pub mutant: String,
    /// The family of its fault.
    #[serde(serialize_with = "word")]
    pub family: Family,
    /// What its fault does.
    pub about: &'static str,
    /// The number of attempts.
    pub seeds: u64,
    /// The number of attempts that killed it.
    pub killed: u64,
    /// The number of attempts that decided nothing, because the machine was too slow.
    pub undecided: u64,
    /// The fewest kills for it to count as killed.
    pub at_least: u64,
    /// The first kill.
    pub kill: Option<Kill>,
    /// The median time of the attempts that killed it.
    pub time_to_kill: Option<Duration>,
}

fn word<S: serde::Serializer>(family: &Family, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(family.word())
}

impl MutantResult {
    /// Whether it was killed often enough.
    pub fn is_killed(&self) -> bool {
        self.killed > 0 && self.killed >= self.at_least
    }
}

impl MutantTrials {
    pub(super) fn new(
        mutation: Mutation,
        sound: Key,
        mut trials: Vec<Trial>,
        reviewed: &KillTable,
    ) -> MutantTrials {
        let always = Mutation::from(mutation.fault);
        let reviewed = reviewed.kill_of(&always.name_on(&sound)).cloned();
        if let Some(kill) = &reviewed {
            trials.sort_by_cached_key(|trial| trial.name.permutation_name() != kill.permutation);
        }
        MutantTrials {
            mutation,
            mutant: mutation.name_on(&sound),
            trials,
            reviewed,
        }
    }

    /// Runs trials until one kills the mutant. Returns `None` if interrupted.
    pub(super) fn attempt(&self, options: &Options, session: &Session) -> Option<KillAttempt> {
        let began = Instant::now();
        let reviewed = self.reviewed.as_ref();
        let mut killed: Option<(usize, Kill)> = None;
        let mut too_slow = false;
        // A race may decide which break of the reviewed trial shows.
        let again = if reviewed.is_some() { AGAIN } else { 0 };
        let first = self.trials.iter().take(1).cycle().take(again);
        for (place, trial) in first.chain(&self.trials).enumerate() {
            if matches!(killed, Some((first, _)) if place > first + MORE) {
                break;
            }
            let report = runner::attempt(trial, options, session)?;
            too_slow |= report.too_slow;
            let Some(kill) = Kill::of(&report, self.mutation.fault, reviewed) else {
                continue;
            };
            let is_known = reviewed == Some(&kill);
            let is_quick = report.elapsed < QUICK || self.mutation.fault.hangs();
            if is_known || is_quick && place >= again {
                killed = killed.filter(|_| !is_known).or(Some((place, kill)));
                break;
            }
            killed.get_or_insert((place, kill));
        }
        Some(KillAttempt {
            too_slow,
            kill: killed.map(|(_, kill)| kill),
            elapsed: began.elapsed(),
        })
    }

    pub(super) fn result(&self, attempts: &[KillAttempt], often: Option<Trigger>) -> MutantResult {
        let seeds = attempts.len() as u64;
        let killed: Vec<&KillAttempt> = attempts.iter().filter(|one| one.kill.is_some()).collect();
        let undecided = attempts
            .iter()
            .filter(|one| one.kill.is_none() && one.too_slow);
        let undecided = undecided.count() as u64;
        let first = killed.first();
        let at_least = match often {
            None | Some(Trigger::Always) => ((seeds - undecided) * 19).div_ceil(20),
            Some(_) => 1,
        };
        MutantResult {
            mutant: self.mutant.clone(),
            family: self.mutation.fault.family(),
            about: self.mutation.fault.about(),
            seeds,
            killed: killed.len() as u64,
            undecided,
            at_least,
            kill: first.and_then(|attempt| attempt.kill.clone()),
            time_to_kill: median(killed.iter().map(|attempt| attempt.elapsed).collect()),
        }
    }
}

/// Returns the median.
fn median(mut times: Vec<Duration>) -> Option<Duration> {
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}
