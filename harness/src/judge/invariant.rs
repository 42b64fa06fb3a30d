//! Invariants: pure functions from a permutation and its history to findings.
//!
//! In: the evidence of one run. Out: for each clause that an invariant covers, that it was broken (with
//! a witness), upheld or not tried. All invariants run on every history. They use no clock, file or
//! process, and know nothing of goldens, divergences, verdicts and reports.
//!
//! Invariants are grouped by the subject of their promises; `support` has what several of them use.

use crate::judge::Finding;

mod closing;
mod endpoint;
mod expectation;
#[cfg(test)]
mod laws;
mod message;
mod process;
mod queue;
mod support;
mod waiting;

pub(super) use expectation::consequence::reports_departure;
pub(super) use expectation::steps::own_clause;
pub use support::definition::Invariant;
pub use support::evidence::Evidence;

use closing::{end_of_stream, half_close, inherited_ends, use_after_close};
use endpoint::{accept, authentication, malformed, name};
use expectation::{consequence, slowness, steps};
use message::{boundary, buffer, direction, encoding, order, readiness, snapshot, stream, values};
use process::{exit, isolation, join, kill, pause, residue};
use queue::{bound, causal, delivery, flush, hints, tasks, total_order};
use waiting::{
    abandoned, concurrent, giving_up, interruption, poll, poll_several, progress, prompt_end,
    timing,
};

/// Every invariant. The first that finds a clause broken explains the break, so the one that knows only
/// the case's expectations comes last.
pub const ALL: &[Invariant] = &[
    progress::INVARIANT,
    interruption::INVARIANT,
    encoding::INVARIANT,
    buffer::INVARIANT,
    order::INVARIANT,
    causal::INVARIANT,
    total_order::INVARIANT,
    delivery::INVARIANT,
    boundary::INVARIANT,
    values::INVARIANT,
    snapshot::INVARIANT,
    stream::INVARIANT,
    end_of_stream::INVARIANT,
    readiness::INVARIANT,
    flush::INVARIANT,
    half_close::INVARIANT,
    inherited_ends::INVARIANT,
    prompt_end::INVARIANT,
    giving_up::INVARIANT,
    direction::INVARIANT,
    use_after_close::INVARIANT,
    concurrent::INVARIANT,
    poll_several::INVARIANT,
    poll::INVARIANT,
    bound::INVARIANT,
    hints::INVARIANT,
    tasks::INVARIANT,
    timing::INVARIANT,
    isolation::INVARIANT,
    abandoned::INVARIANT,
    kill::INVARIANT,
    pause::INVARIANT,
    exit::INVARIANT,
    join::INVARIANT,
    name::INVARIANT,
    accept::INVARIANT,
    authentication::INVARIANT,
    malformed::INVARIANT,
    residue::INVARIANT,
    steps::INVARIANT,
];

/// Returns the findings of all invariants, in their order.
pub fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let findings = ALL
        .iter()
        .flat_map(|invariant| (invariant.judge)(evidence))
        .collect();
    let findings = slowness::excuse(evidence, findings);
    consequence::excuse(evidence, findings)
}

/// Whether an invariant covers this clause.
pub fn covers(clause: &str) -> bool {
    ALL.iter()
        .any(|invariant| invariant.clauses.contains(&clause))
}
