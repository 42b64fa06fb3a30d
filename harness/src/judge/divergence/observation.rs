//! Breaks that a run showed, and whether divergences record them.

use super::Signature;
use crate::backend::Key;
use crate::clause::ClauseId;
use crate::judge::{Break, FileLine, TrialReport, Verdict};

/// The observations of one run.
#[derive(Debug, Default)]
pub(crate) struct Observations {
    all: Vec<Observation>,
}

/// The result for one clause in one trial that a divergence records or should record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Observation {
    /// The backend.
    pub backend: Key,
    /// The clause.
    pub clause: ClauseId,
    /// The case.
    pub case: String,
    /// The axes' values; empty without axes.
    pub permutation: String,
    /// Where the entry is that records it.
    pub recorded: Option<FileLine>,
    /// Whether and how the clause broke.
    pub result: ObservedResult,
}

/// Whether a clause broke, and whether that is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ObservedResult {
    /// It broke in these ways, as recorded.
    AsRecorded(Vec<Signature>),
    /// It broke in these ways, and at least one isn't recorded.
    Unrecorded(Vec<Signature>),
    /// It held, although it is recorded as always broken.
    Held,
}

impl Observations {
    /// Adds the observations of one more trial.
    pub(crate) fn add(&mut self, report: &TrialReport) {
        for clause in &report.clauses {
            let result = match clause.verdict {
                Verdict::Documented | Verdict::Diverges => {
                    ObservedResult::AsRecorded(signatures(&clause.breaks))
                }
                Verdict::Fail => ObservedResult::Unrecorded(signatures(&clause.breaks)),
                Verdict::UnexpectedPass => ObservedResult::Held,
                _ => continue,
            };
            self.all.push(Observation {
                backend: report.name.backend.clone(),
                clause: clause.clause.clone(),
                case: report.name.case.clone(),
                permutation: report.name.permutation.clone(),
                recorded: clause.divergence.clone(),
                result,
            });
        }
    }

    /// Returns the observations, in the order of the trials.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Observation> {
        self.all.iter()
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
