//! Which invariant kills at least one mutant.

use serde::Serialize;

use super::hunt::{Hunt, MutantResult};
use super::{Ground, each};
use crate::judge::FindingState;
use crate::judge::invariant::{self, Invariant};
use crate::runner::{self, Options, Session, Trial};

/// Invariants that no backend can break, and why.
const SPARED: &[(&str, &str)] = &[(
    "isolation",
    "processes share no memory, and no backend has a hand in that",
)];

/// What one invariant has killed.
#[derive(Clone, Debug, Serialize)]
pub struct InvariantResult {
    /// Its name.
    pub invariant: &'static str,
    /// A mutant that it killed, the permutation in which it did, and the clause.
    pub kill: Option<(String, String, String)>,
    /// Why it can't kill any, where that is so.
    pub spared: Option<&'static str>,
}

impl InvariantResult {
    /// Whether it is seen to bite, or can't be.
    pub fn is_proved(&self) -> bool {
        self.kill.is_some() || self.spared.is_some()
    }
}

/// What each of all invariants has killed: the first mutant where it was that invariant who did, or
/// else any in which it finds something, whoever else does.
pub(super) fn results(
    hunts: &[Hunt],
    mutants: &[MutantResult],
    ground: &Ground<'_>,
    options: &Options,
    at_once: usize,
) -> Option<Vec<InvariantResult>> {
    each(invariant::ALL, at_once, |invariant| {
        let spared = SPARED.iter().find(|(name, _)| *name == invariant.name);
        let kill = match first(invariant, mutants) {
            Some(kill) => Some(kill),
            None if spared.is_some() => None,
            None => search(invariant, hunts, ground, options)?,
        };
        Some(InvariantResult {
            invariant: invariant.name,
            kill,
            spared: spared.map(|(_, why)| *why),
        })
    })
}

fn first(invariant: &Invariant, mutants: &[MutantResult]) -> Option<(String, String, String)> {
    mutants.iter().find_map(|mutant| {
        let kill = mutant.kill.as_ref()?;
        (kill.invariant == invariant.name).then(|| {
            let (permutation, clause) = (kill.permutation.clone(), kill.clause.clone());
            (mutant.mutant.clone(), permutation, clause)
        })
    })
}

/// Tries what was reviewed, and then every mutant in every case that lists one of its clauses; none
/// where that was interrupted.
fn search(
    invariant: &Invariant,
    hunts: &[Hunt],
    ground: &Ground<'_>,
    options: &Options,
) -> Option<Option<(String, String, String)>> {
    let reviewed = ground.reviewed.kill_by(invariant.name);
    let all = hunts
        .iter()
        .flat_map(|hunt| hunt.trials.iter().map(move |trial| (hunt, trial)));
    let mut wanted: Vec<(&Hunt, &Trial)> = all
        .filter(|(_, trial)| {
            let mut listed = trial.permutation.clauses.iter();
            trial.property.is_none()
                && listed.any(|clause| invariant.clauses.contains(&clause.as_str()))
        })
        .collect();
    let was_reviewed = |hunt: &Hunt, trial: &Trial| {
        reviewed.is_some_and(|(mutant, place, _)| {
            *mutant == hunt.mutant && trial.name.permutation_name() == *place
        })
    };
    wanted.sort_by_key(|(hunt, trial)| !was_reviewed(hunt, trial));
    for (hunt, trial) in wanted {
        if let Some(clause) = found(invariant, trial, options, ground.session)? {
            return Some(Some((
                hunt.mutant.clone(),
                trial.name.permutation_name(),
                clause,
            )));
        }
    }
    Some(None)
}

/// Which clause this invariant finds broken there.
fn found(
    invariant: &Invariant,
    trial: &Trial,
    options: &Options,
    session: &Session,
) -> Option<Option<String>> {
    let report = runner::attempt(trial, options, session)?;
    let mut findings = report.findings.iter();
    let broken = findings.find(|finding| {
        finding.invariant == invariant.name && matches!(finding.state, FindingState::Broken(_))
    });
    Some(broken.map(|finding| finding.clause.to_string()))
}
