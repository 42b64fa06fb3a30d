//! The conformance matrix: which backend keeps which promise.
//!
//! One table for each kind of channel; a row for each clause, grouped by whose promise it is; a
//! column for each backend. A cell is the worst of what the clause came to in any trial.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::style::{self, DOUBT, FAINT, STRONG, paint};
use crate::backend::Key;
use crate::capability::{Capability, Support};
use crate::channel::Kind;
use crate::clause::catalogue::Catalogue;
use crate::clause::{ClauseId, Profile};
use crate::event::BackendInfo;
use crate::trial::{TrialReport, Verdict};

/// A cell that is held only by what the adapter adds.
const COMPOSED: &str = "◐";

/// What is known of every promise so far.
#[derive(Clone, Debug, Default)]
pub struct Matrix {
    cells: BTreeMap<(Key, ClauseId), Cell>,
    backends: Vec<BackendInfo>,
}

/// What became of one clause on one backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cell {
    verdict: Verdict,
    /// Whether every pass leaned on what the adapter adds.
    composed: bool,
}

impl Matrix {
    /// A matrix with these columns.
    pub fn new(backends: &[BackendInfo]) -> Matrix {
        Matrix {
            cells: BTreeMap::new(),
            backends: backends.to_vec(),
        }
    }

    /// One more trial.
    pub fn add(&mut self, report: &TrialReport) {
        let backend = &report.name.backend;
        for clause in &report.clauses {
            let new = Cell {
                verdict: clause.verdict,
                composed: !report.composed.is_empty() || self.is_composed(backend, &clause.clause),
            };
            self.cells
                .entry((backend.clone(), clause.clause.clone()))
                .and_modify(|cell| *cell = cell.and(new))
                .or_insert(new);
        }
    }

    /// Whether only the adapter makes the backend keep such a promise.
    fn is_composed(&self, backend: &Key, clause: &ClauseId) -> bool {
        let info = self.backends.iter().find(|info| info.key == *backend);
        let (Some(info), Some(capability)) = (info, subject(clause)) else {
            return false;
        };
        info.capabilities.support(capability) == Some(Support::Composed)
    }

    /// The tables, and what their signs mean; each line with its line break.
    pub fn draw(&self, catalogue: &Catalogue) -> String {
        let mut text = String::new();
        let kinds = [Kind::Queue, Kind::Pipe, Kind::Stream, Kind::Process];
        for kind in kinds {
            let keys = self.backends.iter().map(|info| &info.key);
            let columns: Vec<&Key> = keys.filter(|key| key.kind == kind).collect();
            let rows = self.rows(&columns, catalogue);
            if rows.is_empty() {
                continue;
            }
            let width = rows.iter().map(|(_, clause)| clause.as_str().len());
            let width = 4 + width.max().unwrap_or(0) + 2;
            let title = format!("{:width$}", kind.word());
            for (place, column) in columns.iter().enumerate() {
                let lead = if place == 0 {
                    paint(STRONG, &title)
                } else {
                    " ".repeat(width)
                };
                let bars = "│ ".repeat(place);
                let _ = writeln!(text, "{lead}{bars}┌ {}", column.name);
            }
            let mut of = None;
            for (profile, clause) in &rows {
                if of != Some(*profile) {
                    let _ = writeln!(text, "  {}", paint(FAINT, promise_of(*profile)));
                    of = Some(*profile);
                }
                let cells: Vec<String> = columns.iter().map(|key| self.sign(key, clause)).collect();
                let name = format!("    {clause}");
                let _ = writeln!(text, "{name:width$}{}", cells.join(" ").trim_end());
            }
            text.push('\n');
        }
        if !text.is_empty() {
            text.push_str(&legend());
        }
        text
    }

    /// The clauses that any of these backends was tried on, by whose promise they are.
    fn rows(&self, columns: &[&Key], catalogue: &Catalogue) -> Vec<(Option<Profile>, ClauseId)> {
        let tried = self
            .cells
            .keys()
            .filter(|(key, _)| columns.contains(&key))
            .map(|(_, clause)| clause);
        let profile = |clause: &ClauseId| catalogue.get(clause).map(|clause| clause.profile);
        let mut rows: Vec<_> = tried
            .map(|clause| (profile(clause), clause.clone()))
            .collect();
        rows.sort();
        rows.dedup();
        rows
    }

    fn sign(&self, key: &Key, clause: &ClauseId) -> String {
        match self.cells.get(&(key.clone(), clause.clone())) {
            Some(cell) => cell.sign(),
            None => " ".to_owned(),
        }
    }
}

impl Cell {
    /// Both together: the worse verdict, but what doesn't apply somewhere says nothing of where it
    /// does.
    fn and(self, other: Cell) -> Cell {
        let says =
            |cell: &Cell| !matches!(cell.verdict, Verdict::NotApplicable | Verdict::Unavailable);
        match (says(&self), says(&other)) {
            (true, false) => self,
            (false, true) => other,
            _ => Cell {
                verdict: self.verdict.max(other.verdict),
                composed: self.composed && other.composed,
            },
        }
    }

    fn sign(self) -> String {
        if self.composed && self.verdict == Verdict::Pass {
            return paint(DOUBT, COMPOSED);
        }
        paint(style::of(self.verdict), sign(self.verdict))
    }
}

/// The capability that a clause is about, so that whoever adds it keeps the promise.
fn subject(clause: &ClauseId) -> Option<Capability> {
    match clause.as_str() {
        // Bytes are what every library carries.
        "value.bytes" => None,
        id if id.starts_with("value.") => Some(Capability::Values),
        id if id.starts_with("pipe.frame.") => Some(Capability::Boundaries),
        _ => None,
    }
}

fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✓",
        Verdict::NotApplicable => "·",
        Verdict::Unavailable => "∅",
        Verdict::Diverges => "≠",
        Verdict::Unknown => "?",
        Verdict::UnexpectedPass => "‼",
        Verdict::Fail => "✗",
        Verdict::AdapterError => "¡",
        Verdict::HarnessError => "!",
    }
}

fn promise_of(profile: Option<Profile>) -> &'static str {
    match profile {
        Some(Profile::Core) => "core: everyone's promise",
        Some(Profile::Declared) => "declared: the library's own documents' promise",
        Some(Profile::Mp) => "mp: parity with Python's multiprocessing",
        Some(Profile::Harness) => "harness: ours, not the library's",
        None => "in no catalogue",
    }
}

fn legend() -> String {
    let signs = [
        (paint(style::GOOD, "✓"), "kept by the library"),
        (paint(DOUBT, COMPOSED), "kept with our adapter's help"),
        (paint(style::BAD, "✗"), "broken"),
        (paint(DOUBT, "?"), "too little evidence"),
        (paint(FAINT, "·"), "not applicable"),
        (paint(FAINT, "∅"), "not to be had here"),
        (paint(style::BAD, "!"), "harness error"),
    ];
    let parts: Vec<String> = signs
        .iter()
        .map(|(sign, words)| format!("{sign} {words}"))
        .collect();
    format!("{}\n{}\n", parts[..3].join("   "), parts[3..].join("   "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capability::Capabilities;
    use crate::report::text::tests::{catalogue, passed};
    use crate::trial::ClauseVerdict;
    use anstream::adapter::strip_str;
    use rstest::rstest;

    fn report(backend: Key, clauses: &[(&str, Verdict)]) -> TrialReport {
        let clause = |(id, verdict): &(&str, Verdict)| ClauseVerdict {
            clause: (*id).into(),
            verdict: *verdict,
            listed: true,
            evidence: 1,
        };
        let mut report = passed("seed/pipe", "");
        report.name.backend = backend;
        report.clauses = clauses.iter().map(clause).collect();
        report
    }

    fn info(key: &Key, capabilities: Capabilities) -> BackendInfo {
        BackendInfo {
            key: key.clone(),
            about: String::new(),
            capabilities,
        }
    }

    #[test]
    fn each_kind_has_a_table_and_each_backend_a_column() {
        let std_pipe = Key::new(Kind::Pipe, "std/pipe");
        let other = Key::new(Kind::Pipe, "other/socket");
        let queue = Key::new(Kind::Queue, "broker");
        let (order, sticky) = ("pipe.order.single-writer", "pipe.eof.sticky");
        let boundaries = "pipe.frame.boundaries-preserved";
        let mut composed = report(std_pipe.clone(), &[(order, Verdict::Pass)]);
        composed.composed = vec![Capability::Duplex];
        let mut matrix = Matrix::new(&[
            info(&queue, Capabilities::new()),
            info(
                &std_pipe,
                Capabilities::new().composed([Capability::Boundaries]),
            ),
            info(&other, Capabilities::new().native([Capability::Boundaries])),
        ]);
        matrix.add(&composed);
        matrix.add(&report(
            std_pipe,
            &[(sticky, Verdict::Unknown), (boundaries, Verdict::Pass)],
        ));
        matrix.add(&report(
            other,
            &[
                (order, Verdict::Fail),
                (sticky, Verdict::NotApplicable),
                (boundaries, Verdict::Pass),
                ("live.deadline", Verdict::Pass),
            ],
        ));
        let fifo = "queue.order.fifo-per-producer";
        matrix.add(&report(queue, &[(fifo, Verdict::Pass)]));
        insta::assert_snapshot!(strip_str(&matrix.draw(&catalogue())));
    }

    #[rstest]
    #[case::the_worse_wins(Verdict::Pass, Verdict::Fail, Verdict::Fail)]
    #[case::doubt_beats_a_pass(Verdict::Unknown, Verdict::Pass, Verdict::Unknown)]
    #[case::a_pass_beats_silence(Verdict::Pass, Verdict::NotApplicable, Verdict::Pass)]
    #[case::silence_twice(Verdict::NotApplicable, Verdict::Unavailable, Verdict::Unavailable)]
    fn a_cell_is_what_its_trials_say(
        #[case] one: Verdict,
        #[case] other: Verdict,
        #[case] expected: Verdict,
    ) {
        let cell = |verdict| Cell {
            verdict,
            composed: false,
        };
        assert_eq!(cell(one).and(cell(other)), cell(expected));
        assert_eq!(cell(other).and(cell(one)), cell(expected));
    }

    #[test]
    fn one_native_pass_makes_the_cell_the_librarys_own() {
        let cell = |composed| Cell {
            verdict: Verdict::Pass,
            composed,
        };
        assert!(!cell(true).and(cell(false)).composed);
        assert!(cell(true).and(cell(true)).composed);
    }
}
