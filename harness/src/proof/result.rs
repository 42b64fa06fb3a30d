//! The results of a proof.

use super::control::ControlResult;
use super::invariants::InvariantResult;
use super::mutant_trials::MutantResult;

/// The results of a proof.
#[derive(Debug)]
pub struct Proof {
    /// One result for each mutant, by family.
    pub mutants: Vec<MutantResult>,
    /// One result for each control.
    pub controls: Vec<ControlResult>,
    /// One result for each invariant; empty if only some mutants were run.
    pub invariants: Vec<InvariantResult>,
}

impl Proof {
    /// Whether every mutant was killed, every invariant killed one or is known to be unable to, and no
    /// control was accused.
    pub fn holds(&self) -> bool {
        self.mutants.iter().all(MutantResult::is_killed)
            && self.invariants.iter().all(InvariantResult::is_proved)
            && self.controls.iter().all(|one| one.accusations.is_empty())
    }
}
