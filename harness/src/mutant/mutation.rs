//! A fault, and how often it shows.

use std::fmt;

use super::fault::Fault;
use super::trigger::Trigger;
use crate::backend::Key;

/// A fault, and how often it shows: `lost`, or `lost@1-in-100`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Mutation {
    /// The fault.
    pub fault: Fault,
    /// How often the fault shows when it could; `None` for as often as [`Fault::about`] says. A
    /// fault of a whole channel shows in a whole run or not at all.
    pub often: Option<Trigger>,
}

impl From<Fault> for Mutation {
    fn from(fault: Fault) -> Mutation {
        Mutation { fault, often: None }
    }
}

impl Mutation {
    /// Returns the mutation with this name.
    pub(crate) fn from_name(name: &str) -> Option<Mutation> {
        Some(match name.split_once(Trigger::MARK) {
            None => Fault::from_name(name)?.into(),
            Some((fault, trigger)) => Mutation {
                fault: Fault::from_name(fault)?,
                often: Some(Trigger::from_name(trigger)?),
            },
        })
    }

    /// Returns the name of this mutant of a backend: `pipe:std/pipe~lost`.
    pub(crate) fn name_on(self, sound: &Key) -> String {
        format!("{sound}{}{self}", Fault::MARK)
    }

    pub(super) fn trigger(self) -> Trigger {
        self.often.unwrap_or(self.fault.habit())
    }

    /// Returns whether a fault of a whole channel shows in a run with this seed.
    pub(super) fn strikes(self, seed: u64) -> bool {
        match self.trigger() {
            Trigger::Always => true,
            Trigger::Every(number) => seed.is_multiple_of(number),
            Trigger::OneIn(number) => fastrand::Rng::with_seed(seed).u64(..number) == 0,
        }
    }
}

/// As it follows a backend's name.
impl fmt::Display for Mutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.fault)?;
        match self.often {
            Some(trigger) => write!(f, "{}{trigger}", Trigger::MARK),
            None => Ok(()),
        }
    }
}
