//! A mutant and all that may kill it.

use std::time::{Duration, Instant};

use serde::Serialize;

use super::kill::Kill;
use super::{Table, median};
use crate::backend::Key;
use crate::mutant::{Family, Mutation, Trigger};
use crate::runner::{self, Options, Session, Trial};

/// A mutant, and what to try.
pub(super) struct Hunt {
    pub(super) mutation: Mutation,
    pub(super) mutant: String,
    /// In the order in which to try them.
    pub(super) trials: Vec<Trial>,
    reviewed: Option<Kill>,
}

/// What came of one mutant with one seed.
#[derive(Clone, Debug)]
pub(super) struct Chase {
    kill: Option<Kill>,
    /// Whether somebody was promised what was broken.
    is_promised: bool,
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
    /// Whether that is a promise; else nobody is promised what it breaks, and that is found all the
    /// same.
    pub is_promised: bool,
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
            trials.sort_by_key(|trial| !is_of(trial, &kill.permutation));
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
        let mut nobodys = None;
        let reviewed = self.reviewed.as_ref();
        for trial in &self.trials {
            let report = runner::attempt(trial, options, session)?;
            let kill = Kill::of(&report, self.mutation.fault, reviewed);
            let is_promised = kill.is_some();
            let kill = kill.or_else(|| {
                let found = Kill::of_nobodys(&report)?;
                if reviewed == Some(&found) {
                    return Some(found);
                }
                nobodys.get_or_insert(found);
                None
            });
            if kill.is_some() {
                return Some(Chase {
                    kill,
                    is_promised,
                    elapsed: began.elapsed(),
                });
            }
        }
        Some(Chase {
            kill: nobodys,
            is_promised: false,
            elapsed: began.elapsed(),
        })
    }

    pub(super) fn result(&self, chases: Vec<Chase>, often: Option<Trigger>) -> MutantResult {
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
            is_promised: first.is_some_and(|chase| chase.is_promised),
            time_to_kill: median(killed.iter().map(|chase| chase.elapsed).collect()),
        }
    }
}

/// Whether this is a trial of the permutation.
pub(super) fn is_of(trial: &Trial, permutation: &str) -> bool {
    let name = trial.name.to_string();
    let backend = name.strip_prefix(permutation);
    backend.is_some_and(|rest| rest == format!("@{}", trial.name.backend))
}
