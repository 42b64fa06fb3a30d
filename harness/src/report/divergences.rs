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
    by_place: BTreeMap<(Key, FileLine), MatchedDivergence>,
    /// How many trials have at least one.
    trials: usize,
}

/// One divergence, and the trials that it matched.
#[derive(Debug)]
struct MatchedDivergence {
    clause: ClauseId,
    /// How the clause broke, each way once.
    breaks: Vec<Break>,
    trials: usize,
}

impl MatchedDivergences {
    /// Adds a trial.
    pub(super) fn add(&mut self, report: &TrialReport) {
        let mut is_matched = false;
        for clause in &report.clauses {
            let (Verdict::Diverges, Some(place)) = (clause.verdict, &clause.divergence) else {
                continue;
            };
            is_matched = true;
            let key = (report.name.backend.clone(), place.clone());
            let matched = self
                .by_place
                .entry(key)
                .or_insert_with(|| MatchedDivergence {
                    clause: clause.clause.clone(),
                    breaks: Vec::new(),
                    trials: 0,
                });
            matched.trials += 1;
            for broke in &clause.breaks {
                if !matched.breaks.iter().any(|other| other.is_like(broke)) {
                    matched.breaks.push(broke.clone());
                }
            }
        }
        self.trials += usize::from(is_matched);
    }

    /// Returns one line that counts the trials and says how to list the divergences; empty if no
    /// trial diverged.
    pub(super) fn draw_count(&self) -> String {
        let verb = match self.trials {
            0 => return String::new(),
            1 => "diverges",
            _ => "diverge",
        };
        let trials = counted(self.trials, "trial");
        let trials = paint(
            style::of(Verdict::Diverges),
            format_args!("{trials} {verb} as reviewed"),
        );
        format!("{trials}; `run --show-divergences` shows how\n")
    }

    /// Returns a line for each divergence, below a heading for each backend; empty if no trial
    /// diverged.
    pub(super) fn draw_list(&self) -> String {
        let mut text = String::new();
        let mut headed = None;
        for ((backend, place), matched) in &self.by_place {
            if headed != Some(backend) {
                let verdict = paint(style::of(Verdict::Diverges), Verdict::Diverges.word());
                let _ = writeln!(text, "{verdict}  {backend}, as reviewed");
                headed = Some(backend);
            }
            let breaks: Vec<String> = matched.breaks.iter().map(Break::to_string).collect();
            let trials = counted(matched.trials, "trial");
            let place = paint(FAINT, format_args!("({place})"));
            let breaks = match breaks.as_slice() {
                [] => "held this time".to_owned(),
                breaks => breaks.join(" or "),
            };
            let _ = writeln!(text, "  {}: {breaks}, in {trials}  {place}", matched.clause);
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }
}
