//! Which invariants kill a mutant.

use serde::Serialize;

use super::mutant_trials::{MutantResult, MutantTrials};
use super::parallel::each;
use super::setup::TestBed;
use crate::judge::FindingState;
use crate::judge::invariant::{self, Invariant};
use crate::runner::{self, Options, Session, Trial};

/// Invariants that no backend can break, and the reason.
const SPARED: &[(&str, &str)] = &[(
    "isolation",
    "processes share no memory, and no backend has a hand in that",
)];

/// The result for one invariant.
#[derive(Clone, Debug, Serialize)]
pub struct InvariantResult {
    /// Its name.
    pub invariant: &'static str,
    /// A mutant that it killed, with the permutation and the clause.
    pub kill: Option<(String, String, String)>,
    /// Why it can't kill any mutant, if so.
    pub spared: Option<&'static str>,
}

impl InvariantResult {
    /// Whether it killed a mutant, or can't kill any.
    pub fn is_proved(&self) -> bool {
        self.kill.is_some() || self.spared.is_some()
    }
}

/// Returns the result for each invariant: the first mutant whose recorded kill is this invariant's, or
/// else any mutant in which it finds a promise broken. Returns `None` if interrupted.
pub(super) fn results(
    mutants: &[MutantTrials],
    results: &[MutantResult],
    ground: &TestBed<'_>,
    options: &Options,
    at_once: usize,
) -> Option<Vec<InvariantResult>> {
    each(invariant::ALL, at_once, |invariant| {
        let spared = SPARED.iter().find(|(name, _)| *name == invariant.name);
        let kill = match first(invariant, results) {
            Some(kill) => Some(kill),
            None if spared.is_some() => None,
            None => search(invariant, mutants, ground, options)?,
        };
        Some(InvariantResult {
            invariant: invariant.name,
            kill,
            spared: spared.map(|(_, why)| *why),
        })
    })
}

fn first(invariant: &Invariant, results: &[MutantResult]) -> Option<(String, String, String)> {
    results.iter().find_map(|mutant| {
        let kill = mutant.kill.as_ref()?;
        (kill.invariant == invariant.name).then(|| {
            let (permutation, clause) = (kill.permutation.clone(), kill.clause.clone());
            (mutant.mutant.clone(), permutation, clause)
        })
    })
}

/// Runs the reviewed trial, and then each mutant in each case that lists one of the invariant's clauses.
/// Returns `None` if interrupted.
fn search(
    invariant: &Invariant,
    mutants: &[MutantTrials],
    ground: &TestBed<'_>,
    options: &Options,
) -> Option<Option<(String, String, String)>> {
    let reviewed = ground.reviewed.kill_by(invariant.name);
    let all = mutants
        .iter()
        .flat_map(|mutant| mutant.trials.iter().map(move |trial| (mutant, trial)));
    let mut wanted: Vec<(&MutantTrials, &Trial)> = all
        .filter(|(_, trial)| {
            let mut listed = trial.permutation.clauses.iter();
            trial.property.is_none()
                && listed.any(|clause| invariant.clauses.contains(&clause.as_str()))
        })
        .collect();
    let was_reviewed = |mutant: &MutantTrials, trial: &Trial| {
        reviewed.is_some_and(|(name, permutation, _)| {
            *name == mutant.mutant && trial.name.permutation_name() == *permutation
        })
    };
    wanted.sort_by_key(|(mutant, trial)| !was_reviewed(mutant, trial));
    for (mutant, trial) in wanted {
        if let Some(clause) = found(invariant, trial, options, ground.session)? {
            return Some(Some((
                mutant.mutant.clone(),
                trial.name.permutation_name(),
                clause,
            )));
        }
    }
    Some(None)
}

/// Runs a trial, and returns the clause that this invariant finds broken. The outer `None` means
/// interrupted.
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
