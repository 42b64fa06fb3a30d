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
use crate::clause::{Clause, ClauseId, Profile};
use crate::event::BackendInfo;
use crate::trial::{TrialReport, Verdict};

/// A cell that is held only by what the adapter adds.
const COMPOSED: &str = "◐";

/// What is known of every promise so far.
#[derive(Clone, Debug, Default)]
pub struct Matrix {
    cells: BTreeMap<(Key, ClauseId), Cell>,
    backends: Vec<BackendInfo>,
    /// The capabilities that clauses are about.
    capabilities: BTreeMap<ClauseId, Capability>,
}

/// What became of one clause on one backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cell {
    verdict: Verdict,
    /// Whether every pass leaned on what the adapter adds.
    composed: bool,
    /// Whether this says anything of where the clause was put to the test.
    says: bool,
}

impl Matrix {
    /// A matrix with these columns, of clauses as this catalogue has them.
    pub fn new(backends: &[BackendInfo], catalogue: &Catalogue) -> Matrix {
        let capability = |clause: &Clause| Some((clause.id.clone(), clause.capability?));
        Matrix {
            cells: BTreeMap::new(),
            backends: backends.to_vec(),
            capabilities: catalogue.iter().filter_map(capability).collect(),
        }
    }

    /// One more trial.
    pub fn add(&mut self, report: &TrialReport) {
        let backend = &report.name.backend;
        for clause in &report.clauses {
            let new = Cell {
                verdict: clause.verdict,
                composed: !report.composed.is_empty() || self.is_composed(backend, &clause.clause),
                says: match clause.verdict {
                    Verdict::NotApplicable | Verdict::Unavailable => false,
                    // A reviewed divergence kept it from being tried.
                    Verdict::Unknown => clause.divergence.is_none(),
                    _ => true,
                },
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
        let (Some(info), Some(capability)) = (info, self.capabilities.get(clause)) else {
            return false;
        };
        info.capabilities.support(*capability) == Some(Support::Composed)
    }

    /// The tables, and what their signs mean; each line with its line break.
    pub fn draw(&self, catalogue: &Catalogue) -> String {
        let mut text = String::new();
        let kinds = [
            Kind::Queue,
            Kind::Pipe,
            Kind::Stream,
            Kind::Endpoint,
            Kind::Process,
        ];
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
        match (self.says, other.says) {
            (true, false) => self,
            (false, true) => other,
            _ => Cell {
                verdict: self.verdict.max(other.verdict),
                composed: self.composed && other.composed,
                says: self.says,
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

fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✓",
        Verdict::NotApplicable => "·",
        Verdict::Unavailable => "∅",
        Verdict::Unpromised => "○",
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
    let of = |verdict| paint(style::of(verdict), sign(verdict));
    let lines = [
        &[
            (of(Verdict::Pass), "kept by the library"),
            (paint(DOUBT, COMPOSED), "kept with our adapter's help"),
            (of(Verdict::Unpromised), "not kept, and not promised"),
        ][..],
        &[
            (of(Verdict::Fail), "broken"),
            (of(Verdict::Diverges), "broken, as was reviewed"),
            (
                of(Verdict::UnexpectedPass),
                "kept, though always broken before",
            ),
        ],
        &[
            (of(Verdict::Unknown), "too little evidence"),
            (of(Verdict::NotApplicable), "not applicable"),
            (of(Verdict::Unavailable), "not to be had here"),
        ],
        &[
            (of(Verdict::AdapterError), "adapter error"),
            (of(Verdict::HarnessError), "harness error"),
        ],
    ];
    let line = |signs: &[(String, &str)]| {
        let parts = signs.iter().map(|(sign, words)| format!("{sign} {words}"));
        parts.collect::<Vec<_>>().join("   ") + "\n"
    };
    lines.into_iter().map(line).collect()
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
            breaks: Vec::new(),
            divergence: None,
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
        let backends = [
            info(&queue, Capabilities::new()),
            info(
                &std_pipe,
                Capabilities::new().composed([Capability::Boundaries]),
            ),
            info(&other, Capabilities::new().native([Capability::Boundaries])),
        ];
        let mut matrix = Matrix::new(&backends, &catalogue());
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
            says: !matches!(verdict, Verdict::NotApplicable | Verdict::Unavailable),
        };
        assert_eq!(cell(one).and(cell(other)), cell(expected));
        assert_eq!(cell(other).and(cell(one)), cell(expected));
    }

    #[test]
    fn one_native_pass_makes_the_cell_the_librarys_own() {
        let cell = |composed| Cell {
            verdict: Verdict::Pass,
            composed,
            says: true,
        };
        assert!(!cell(true).and(cell(false)).composed);
        assert!(cell(true).and(cell(true)).composed);
    }
}
