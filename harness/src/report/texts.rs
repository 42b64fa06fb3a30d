//! Collects the texts that the trials of a run name, for its event log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::sources::Sources;
use crate::clause::ClauseId;
use crate::event::{QuotedCase, QuotedDivergence, Texts};
use crate::judge::divergence::Divergence;
use crate::judge::golden::Golden;
use crate::judge::{FileLine, TrialReport};
use crate::runner::Trial;

/// The texts that the trials so far name.
pub(crate) struct TextCollector<'a> {
    sources: &'a Sources,
    goldens: BTreeMap<&'a str, &'a Arc<Golden>>,
    divergences: BTreeMap<&'a FileLine, &'a Divergence>,
    cases: BTreeSet<String>,
    clauses: BTreeSet<ClauseId>,
    places: BTreeSet<FileLine>,
}

impl<'a> TextCollector<'a> {
    /// Creates a collector for a run of these trials, which has seen none of them.
    pub(crate) fn new(sources: &'a Sources, trials: &'a [Trial]) -> TextCollector<'a> {
        let golden = |trial: &'a Trial| Some((trial.name.case.as_str(), trial.golden.as_ref()?));
        let divergences = trials.iter().flat_map(|trial| &trial.divergences);
        TextCollector {
            sources,
            goldens: trials.iter().filter_map(golden).collect(),
            divergences: divergences.map(|one| (&one.place, &**one)).collect(),
            cases: BTreeSet::new(),
            clauses: BTreeSet::new(),
            places: BTreeSet::new(),
        }
    }

    /// Adds what this trial names.
    pub(crate) fn add(&mut self, report: &TrialReport) {
        if !self.cases.contains(&report.name.case) {
            self.cases.insert(report.name.case.clone());
        }
        for clause in &report.clauses {
            if !self.clauses.contains(&clause.clause) {
                self.clauses.insert(clause.clause.clone());
            }
            self.places.extend(clause.divergence.clone());
        }
    }

    /// Returns all texts.
    pub(crate) fn texts(&self) -> Texts {
        let case = |name: &String| {
            let case = self.sources.cases.get(name)?;
            let golden = self.goldens.get(name.as_str());
            Some(QuotedCase {
                name: name.clone(),
                path: case.path.replace('\\', "/"),
                text: case.text.clone(),
                golden: golden.map(|golden| golden.to_string()),
            })
        };
        let clause = |id: &ClauseId| self.sources.catalogue.get(id).cloned();
        let divergence = |place: &FileLine| self.divergences.get(place).copied().map(quoted);
        Texts {
            cases: self.cases.iter().filter_map(case).collect(),
            clauses: self.clauses.iter().filter_map(clause).collect(),
            divergences: self.places.iter().filter_map(divergence).collect(),
        }
    }
}

fn quoted(divergence: &Divergence) -> QuotedDivergence {
    let review = &divergence.review;
    QuotedDivergence {
        place: divergence.place.clone(),
        kind: review.kind.word().to_owned(),
        reason: review.reason.clone(),
        quotes: review.quote.texts.clone(),
        source: review.quote.source.to_string(),
        link: review.link.clone(),
    }
}
