//! What breaks as was reviewed: one line for each divergence that showed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::counted;
use super::style::{self, FAINT, paint};
use crate::backend::Key;
use crate::clause::ClauseId;
use crate::judge::{Break, Place, TrialReport, Verdict};

/// The reviewed divergences that showed so far.
#[derive(Debug, Default)]
pub(super) struct Diverging {
    shown: BTreeMap<(Key, Place), Shown>,
}

/// One divergence, and where it showed.
#[derive(Debug)]
struct Shown {
    clause: ClauseId,
    breaks: Vec<Break>,
    trials: usize,
}

impl Diverging {
    /// One more trial.
    pub(super) fn add(&mut self, report: &TrialReport) {
        for clause in &report.clauses {
            let (Verdict::Diverges, Some(place)) = (clause.verdict, &clause.divergence) else {
                continue;
            };
            let key = (report.name.backend.clone(), place.clone());
            let shown = self.shown.entry(key).or_insert_with(|| Shown {
                clause: clause.clause.clone(),
                breaks: Vec::new(),
                trials: 0,
            });
            shown.trials += 1;
            for broke in &clause.breaks {
                if !shown.breaks.iter().any(|other| other.is_like(broke)) {
                    shown.breaks.push(broke.clone());
                }
            }
        }
    }

    /// The lines, below a heading for each backend; empty where nothing diverges.
    pub(super) fn draw(&self) -> String {
        let mut text = String::new();
        let mut of = None;
        for ((backend, place), shown) in &self.shown {
            if of != Some(backend) {
                let verdict = paint(style::of(Verdict::Diverges), Verdict::Diverges.word());
                let _ = writeln!(text, "{verdict}  {backend}, as was reviewed");
                of = Some(backend);
            }
            let breaks: Vec<String> = shown.breaks.iter().map(Break::to_string).collect();
            let trials = counted(shown.trials, "trial");
            let at = paint(FAINT, format_args!("({place})"));
            let breaks = match breaks.as_slice() {
                [] => "held this time".to_owned(),
                breaks => breaks.join(" or "),
            };
            let _ = writeln!(text, "  {}: {breaks}, in {trials}  {at}", shown.clause);
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }
}
