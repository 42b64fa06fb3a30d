//! One permutation on one backend.

use std::fmt;
use std::sync::Arc;

use crate::backend::Capabilities;
use crate::case::Property;
use crate::judge::divergence::Divergence;
use crate::judge::golden::Golden;
use crate::judge::{self, TrialName, TrialReport, Verdict};
use crate::plan::Permutation;
use crate::runner::Subject;

/// One permutation on one backend.
#[derive(Clone)]
pub struct Trial {
    /// Its name.
    pub name: TrialName,
    /// What its processes do.
    pub permutation: Arc<Permutation>,
    /// The backend.
    pub subject: Subject,
    /// What the backend declares on this system.
    pub capabilities: Capabilities,
    /// The case's golden, if there is one.
    pub golden: Option<Arc<Golden>>,
    /// The reviewed divergences that may apply to it.
    pub divergences: Vec<Arc<Divergence>>,
    /// Whether it needs a golden. A property needs none, since each of its runs differs, nor does a
    /// case file outside the corpus.
    pub is_reviewed: bool,
    /// What to draw for each of many runs, if the case is a property.
    pub property: Option<Arc<Property>>,
    /// Why it can't be run, if so.
    pub runnable: Result<(), NotRun>,
}

/// Why a trial isn't run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRun {
    /// Not applicable or unavailable, or whose doing it is.
    pub verdict: Verdict,
    /// Whether the machine was too slow.
    pub too_slow: bool,
    /// Why, for people.
    pub why: String,
}

impl NotRun {
    /// Returns the report of the trial of this permutation, which isn't run.
    pub(crate) fn report(&self, name: TrialName, permutation: &Permutation) -> TrialReport {
        TrialReport {
            too_slow: self.too_slow,
            ..judge::not_run(name, permutation, self.verdict, self.why.clone())
        }
    }
}

impl fmt::Debug for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trial({})", self.name)
    }
}
