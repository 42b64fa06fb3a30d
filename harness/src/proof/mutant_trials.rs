//! A mutant and all that may kill it.

use std::time::{Duration, Instant};

use serde::Serialize;

use super::kill::Kill;
use super::{Table, median};
use crate::backend::Key;
use crate::mutant::{Family, Mutation, Trigger};
use crate::runner::{self, Options, Session, Trial};

/// Longer than this, in nanoseconds, only a run takes that stalls because of the fault.
const QUICK: u64 = 1_000_000_000;

/// Where nobody has reviewed what kills a mutant, so many more are tried for one that does so without
/// a stall.
const MORE: usize = 12;

/// A mutant, and what to try.
pub(super) struct Hunt {
    pub(super) mutation: Mutation,
    pub(super) mutant: String,
    /// In the order in which to try them.
    pub(super) trials: Vec<Trial>,
    reviewed: Option<Kill>,
}

/// What came of one mutant with one seed.
#[derive(Debug)]
pub(super) struct Chase {
    kill: Option<Kill>,
    elapsed: Duration,
}

/// What came of one mutant.
#[derive(Clone, Debug, Serialize)]
pub struct MutantResult {
    /// Its name, as in `pipe:std/pipe~lost`.
    pub mutant: String,
    /// What its fault is about.
    #[serde(serialize_with = "word")]
    pub family: Family,
    /// What it does.
    pub about: &'static str,
    /// How many times it was to be killed.
    pub seeds: u64,
    /// And how many times it was.
    pub killed: u64,
    /// How many times at least, to count as killed.
    pub at_least: u64,
    /// What killed it first.
    pub kill: Option<Kill>,
    /// How long the search took that led to a kill, in the middle.
    pub time_to_kill: Option<Duration>,
}

fn word<S: serde::Serializer>(family: &Family, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(family.word())
}

impl MutantResult {
    /// Whether that was often enough.
    pub fn is_killed(&self) -> bool {
        self.killed >= self.at_least
    }
}

impl Hunt {
    pub(super) fn new(
        mutation: Mutation,
        sound: Key,
        mut trials: Vec<Trial>,
        reviewed: &Table,
    ) -> Hunt {
        let always = Mutation::from(mutation.fault);
        let reviewed = reviewed.kill_of(&always.name_on(&sound)).cloned();
        if let Some(kill) = &reviewed {
            trials.sort_by_cached_key(|trial| trial.name.permutation_name() != kill.permutation);
        }
        Hunt {
            mutation,
            mutant: mutation.name_on(&sound),
            trials,
            reviewed,
        }
    }

    /// Tries everything until something kills; none where that was interrupted.
    pub(super) fn chase(&self, options: &Options, session: &Session) -> Option<Chase> {
        let began = Instant::now();
        let reviewed = self.reviewed.as_ref();
        let mut killed: Option<(usize, Kill)> = None;
        for (place, trial) in self.trials.iter().enumerate() {
            if matches!(killed, Some((first, _)) if place > first + MORE) {
                break;
            }
            let report = runner::attempt(trial, options, session)?;
            let Some(kill) = Kill::of(&report, self.mutation.fault, reviewed) else {
                continue;
            };
            let is_known = reviewed == Some(&kill);
            let is_quick = report.elapsed < QUICK || self.mutation.fault.hangs();
            if is_known || is_quick {
                killed = Some((place, kill));
                break;
            }
            killed.get_or_insert((place, kill));
        }
        Some(Chase {
            kill: killed.map(|(_, kill)| kill),
            elapsed: began.elapsed(),
        })
    }

    pub(super) fn result(&self, chases: &[Chase], often: Option<Trigger>) -> MutantResult {
        let seeds = chases.len() as u64;
        let killed: Vec<&Chase> = chases.iter().filter(|one| one.kill.is_some()).collect();
        let first = killed.first();
        let at_least = match often {
            None | Some(Trigger::Always) => (seeds * 19).div_ceil(20),
            Some(_) => 1,
        };
        MutantResult {
            mutant: self.mutant.clone(),
            family: self.mutation.fault.family(),
            about: self.mutation.fault.about(),
            seeds,
            killed: killed.len() as u64,
            at_least,
            kill: first.and_then(|chase| chase.kill.clone()),
            time_to_kill: median(killed.iter().map(|chase| chase.elapsed).collect()),
        }
    }
}
