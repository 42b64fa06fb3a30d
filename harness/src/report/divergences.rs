//! Breaks that were reviewed: how many trials have one, and one line for each divergence.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::style::{self, FAINT, paint};
use super::words::counted;
use crate::backend::Key;
use crate::clause::ClauseId;
use crate::judge::{Break, FileLine, TrialReport, Verdict};

/// The reviewed divergences that matched trials of a run so far.
#[derive(Debug, Default)]
pub(super) struct MatchedDivergences {
    matched: BTreeMap<MatchedKey, MatchedDivergence>,
    /// How many trials are documented otherwise, and how many diverge.
    trials: BTreeMap<Verdict, usize>,
}

/// The verdict and the backend, which are in the heading, then the entry and its clause.
type MatchedKey = (Verdict, Key, FileLine, ClauseId);

/// One divergence, and the trials that it matched.
#[derive(Debug, Default)]
struct MatchedDivergence {
    /// How the clause broke, each way once.
    breaks: Vec<Break>,
    trials: usize,
}

impl MatchedDivergences {
    /// Adds a trial.
    pub(super) fn add(&mut self, report: &TrialReport) {
        let reviewed = report.clauses.iter().filter(|c| c.verdict.is_reviewed());
        for clause in reviewed.clone() {
            let Some(place) = &clause.divergence else {
                continue;
            };
            let backend = report.name.backend.clone();
            let key = (
                clause.verdict,
                backend,
                place.clone(),
                clause.clause.clone(),
            );
            let matched = self.matched.entry(key).or_default();
            matched.trials += 1;
            for broke in &clause.breaks {
                if !matched.breaks.iter().any(|other| other.is_like(broke)) {
                    matched.breaks.push(broke.clone());
                }
            }
        }
        if let Some(worst) = reviewed.map(|clause| clause.verdict).max() {
            *self.trials.entry(worst).or_default() += 1;
        }
    }

    /// Returns one line that counts the trials and says how to list the divergences; empty if no
    /// trial had any.
    pub(super) fn draw_count(&self) -> String {
        let count = |(verdict, count): (&Verdict, &usize)| {
            let words = match (verdict, count) {
                (Verdict::Documented, 1) => "is documented otherwise",
                (Verdict::Documented, _) => "are documented otherwise",
                (_, 1) => "diverges as reviewed",
                _ => "diverge as reviewed",
            };
            let trials = counted(*count, "trial");
            paint(style::of(*verdict), format_args!("{trials} {words}"))
        };
        let counts: Vec<String> = self.trials.iter().map(count).collect();
        match counts.as_slice() {
            [] => String::new(),
            counts => format!(
                "{}; `run --show-divergences` shows how\n",
                counts.join(", ")
            ),
        }
    }

    /// Returns a line for each divergence, below a heading for each backend; empty if no trial
    /// had any.
    pub(super) fn draw_list(&self) -> String {
        let mut text = String::new();
        let mut headed = None;
        for ((verdict, backend, place, clause), matched) in &self.matched {
            if headed != Some((verdict, backend)) {
                let words = match verdict {
                    Verdict::Documented => "as its documents say",
                    _ => "as reviewed",
                };
                let verdict = paint(style::of(*verdict), verdict.word());
                let _ = writeln!(text, "{verdict}  {backend}, {words}");
            }
            headed = Some((verdict, backend));
            let breaks: Vec<String> = matched.breaks.iter().map(Break::to_string).collect();
            let trials = counted(matched.trials, "trial");
            let place = paint(FAINT, format_args!("({place})"));
            let breaks = match breaks.as_slice() {
                [] => "held this time".to_owned(),
                breaks => breaks.join(" or "),
            };
            let _ = writeln!(text, "  {clause}: {breaks}, in {trials}  {place}");
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }
}
