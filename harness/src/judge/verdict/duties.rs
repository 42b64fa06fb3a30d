//! What a backend is held to.

use std::sync::Arc;

use crate::clause::{Catalogue, Clause, ClauseId};
use crate::judge::divergence::Divergence;

/// The clauses that bind a backend, and the divergences that excuse it in one trial.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Duties<'a> {
    /// The level and the profile of each clause.
    pub catalogue: &'a Catalogue,
    /// Whether the backend is a reference, which every clause binds.
    pub is_reference: bool,
    /// The reviewed divergences that cover the trial.
    pub divergences: &'a [Arc<Divergence>],
}

impl Duties<'_> {
    /// Whether a break of this clause fails the backend. A clause that isn't in the catalogue binds
    /// every backend, so that a misspelt name can't hide a failure.
    pub(super) fn bind(&self, clause: &ClauseId) -> bool {
        let binds = |clause: &Clause| clause.binds(self.is_reference);
        self.catalogue.get(clause).is_none_or(binds)
    }

    /// Returns the divergence of this clause.
    pub(crate) fn divergence(&self, clause: &ClauseId) -> Option<&Divergence> {
        let mut divergences = self.divergences.iter();
        let divergence = divergences.find(|divergence| divergence.clause.value == *clause)?;
        Some(divergence)
    }
}
