//! Judges: pure functions from a permutation and its history to findings.
//!
//! All invariants always run. Each says what clauses it can speak of, so that a case which lists
//! a clause that nobody judges is an error of the case file.

use crate::judge::Finding;

mod end;
mod endpoint;
mod expectation;
#[cfg(test)]
mod laws;
mod message;
mod process;
mod queue;
mod support;
mod waiting;

pub use support::evidence::Evidence;

use end::{arrival, copies, half_close};
use endpoint::{accept, authentication, malformed, name};
use expectation::{consequence, steps};
use message::{boundary, direction, order, snapshot, stream, values};
use process::{exit, isolation, kill, pause, peer_gone, residue};
use queue::{bound, causal, delivery, flush, one_queue};
use waiting::{concurrent, giving_up, poll, poll_several, progress, timing, wake, waking};

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
    one_queue::INVARIANT,
    delivery::INVARIANT,
    boundary::INVARIANT,
    values::INVARIANT,
    snapshot::INVARIANT,
    stream::INVARIANT,
    arrival::INVARIANT,
    flush::INVARIANT,
    half_close::INVARIANT,
    copies::INVARIANT,
    waking::INVARIANT,
    giving_up::INVARIANT,
    direction::INVARIANT,
    peer_gone::INVARIANT,
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
    malformed::INVARIANT,
    residue::INVARIANT,
    steps::INVARIANT,
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
