//! What a run shows of divergences, recorded or not.

use std::collections::BTreeMap;

use super::Signature;
use crate::backend::Key;
use crate::clause::ClauseId;
use crate::judge::{Break, Place, TrialReport, Verdict};

/// What one run showed, backend by backend.
#[derive(Debug, Default)]
pub struct Observations {
    backends: BTreeMap<Key, Vec<Observation>>,
}

/// What came of one clause in one trial that somebody must hear of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// The clause.
    pub clause: ClauseId,
    /// The case.
    pub case: String,
    /// The permutation's values; empty without axes.
    pub permutation: String,
    /// The divergence that speaks of it.
    pub recorded: Option<Place>,
    /// What was seen.
    pub seen: Seen,
}

/// What was seen of a clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It broke like this, as was recorded.
    AsRecorded(Vec<Signature>),
    /// It broke like this, and that isn't recorded.
    Unrecorded(Vec<Signature>),
    /// It held, though it is recorded as always broken.
    Held,
}

impl Observations {
    /// One more trial. What a reference breaks is never recorded.
    pub fn add(&mut self, report: &TrialReport) {
        for clause in &report.clauses {
            let seen = match clause.verdict {
                Verdict::Diverges => Seen::AsRecorded(signatures(&clause.breaks)),
                Verdict::Fail => Seen::Unrecorded(signatures(&clause.breaks)),
                Verdict::UnexpectedPass => Seen::Held,
                _ => continue,
            };
            let observations = self.backends.entry(report.name.backend.clone());
            observations.or_default().push(Observation {
                clause: clause.clause.clone(),
                case: report.name.case.clone(),
                permutation: report.name.permutation.clone(),
                recorded: clause.divergence.clone(),
                seen,
            });
        }
    }

    /// Each backend of which anything was seen, and what.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, &[Observation])> {
        let backends = self.backends.iter();
        backends.map(|(key, observations)| (key, observations.as_slice()))
    }
}

fn signatures(breaks: &[Break]) -> Vec<Signature> {
    let mut signatures = Vec::new();
    for signature in breaks.iter().map(Signature::of) {
        if !signatures.contains(&signature) {
            signatures.push(signature);
        }
    }
    signatures
}
