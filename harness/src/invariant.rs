//! Judges: pure functions from a permutation and its history to findings.
//!
//! All invariants always run. Each says what clauses it can speak of, so that a case which lists
//! a clause that nobody judges is an error of the case file.

use crate::capability::Capabilities;
use crate::finding::Finding;
use crate::history::History;
use crate::history::pairing::Traffic;
use crate::permutation::Permutation;

/// One judge.
#[derive(Clone, Copy, Debug)]
pub struct Invariant {
    /// Its name, as findings and reports give it.
    pub name: &'static str,
    /// What it looks for, as one sentence.
    pub about: &'static str,
    /// The clauses that it can speak of.
    pub clauses: &'static [&'static str],
    /// The judge itself.
    pub judge: fn(&Evidence<'_>) -> Vec<Finding>,
}

/// What a judge looks at: what was to be done, what was seen, and what follows from both that
/// several judges need.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// What was to be done, and what the case expects of it.
    pub permutation: &'a Permutation,
    /// What was seen.
    pub history: &'a History,
    /// What the backend claims: weaker promises are judged as themselves.
    pub capabilities: &'a Capabilities,
    /// The puts and gets of each lane, paired.
    pub lanes: Vec<Traffic>,
}

impl<'a> Evidence<'a> {
    /// Pairs the history's puts and gets, once for all judges.
    pub fn new(
        permutation: &'a Permutation,
        history: &'a History,
        capabilities: &'a Capabilities,
    ) -> Evidence<'a> {
        Evidence {
            permutation,
            history,
            capabilities,
            lanes: Traffic::of(&permutation.plan, history),
        }
    }
}

/// Every invariant, in the order of reports.
pub const ALL: &[Invariant] = &[];

/// All findings of all invariants.
pub fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    ALL.iter()
        .flat_map(|invariant| (invariant.judge)(evidence))
        .collect()
}

/// Whether some invariant can speak of this clause.
pub fn covers(clause: &str) -> bool {
    ALL.iter()
        .any(|invariant| invariant.clauses.contains(&clause))
}
