//! Judges: pure functions from a permutation and its history to findings.
//!
//! All invariants always run. Each says what clauses it can speak of, so that a case which lists
//! a clause that nobody judges is an error of the case file.

use crate::finding::Finding;

mod accept;
mod authentication;
mod bound;
mod boundary;
mod causal;
mod charge;
mod concurrent;
mod consequence;
mod content;
mod delivery;
mod direction;
mod end;
mod evidence;
mod exit;
mod expectation;
mod flush;
mod giving_up;
mod half_close;
mod inheritance;
mod isolation;
mod kill;
#[cfg(test)]
mod laws;
mod linearizable;
mod meeting;
mod name;
mod naming;
mod occupancy;
mod order;
mod pause;
mod peer;
mod poll;
mod poll_several;
mod progress;
mod replay;
mod residue;
mod snapshot;
mod stream;
mod tally;
mod timing;
mod wake;
mod waking;
mod wire;

pub use evidence::Evidence;

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

/// Every invariant. The first to find a clause broken explains it, so the one that knows only what
/// the case expects comes behind those that know why.
pub const ALL: &[Invariant] = &[
    progress::INVARIANT,
    order::INVARIANT,
    causal::INVARIANT,
    linearizable::INVARIANT,
    delivery::INVARIANT,
    boundary::INVARIANT,
    content::INVARIANT,
    snapshot::INVARIANT,
    stream::INVARIANT,
    end::INVARIANT,
    flush::INVARIANT,
    half_close::INVARIANT,
    inheritance::INVARIANT,
    waking::INVARIANT,
    giving_up::INVARIANT,
    direction::INVARIANT,
    peer::INVARIANT,
    concurrent::INVARIANT,
    poll_several::INVARIANT,
    poll::INVARIANT,
    bound::INVARIANT,
    timing::INVARIANT,
    isolation::INVARIANT,
    wake::INVARIANT,
    kill::INVARIANT,
    pause::INVARIANT,
    exit::INVARIANT,
    name::INVARIANT,
    accept::INVARIANT,
    authentication::INVARIANT,
    wire::INVARIANT,
    residue::INVARIANT,
    expectation::INVARIANT,
];

/// All findings of all invariants.
pub fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let findings = ALL
        .iter()
        .flat_map(|invariant| (invariant.judge)(evidence))
        .collect();
    consequence::spare(evidence, findings)
}

/// Whether some invariant can speak of this clause.
pub fn covers(clause: &str) -> bool {
    ALL.iter()
        .any(|invariant| invariant.clauses.contains(&clause))
}
