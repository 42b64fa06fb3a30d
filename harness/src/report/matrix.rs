//! The conformance matrix: which backend keeps which promise.
//!
//! One table for each kind of channel; a row for each clause, grouped by whose promise it is; a
//! column for each backend, on each platform where there are several. A cell is the worst of what the
//! clause came to in any trial.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::style::{self, DOUBT, FAINT, STRONG, paint};
use crate::backend::Key;
use crate::capability::{Capability, Support};
use crate::channel::Kind;
use crate::clause::catalogue::Catalogue;
use crate::clause::{Clause, ClauseId, Profile};
use crate::event::{BackendInfo, Log};
use crate::system::Platform;
use crate::trial::{TrialReport, Verdict};

/// A cell that is held only by what the adapter adds.
const COMPOSED: &str = "◐";

/// What is known of every promise so far.
#[derive(Clone, Debug, Default)]
pub struct Matrix {
    cells: BTreeMap<(usize, Key, ClauseId), Cell>,
    places: Vec<Place>,
    /// What all of it is of, where that is one platform.
    platform: Option<Platform>,
    /// The capabilities that clauses are about.
    capabilities: BTreeMap<ClauseId, Capability>,
}

/// Where some of the columns are from.
#[derive(Clone, Debug)]
struct Place {
    /// What stands above its columns; nothing where all are from one place.
    heading: Option<String>,
    backends: Vec<BackendInfo>,
}

/// What a clause came to on a backend, for programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry<'a> {
    /// Where, as in `Linux x86_64`.
    pub platform: &'a str,
    /// On which backend.
    pub backend: &'a Key,
    /// Which clause.
    pub clause: &'a ClauseId,
    /// Whose promise it is; none where no catalogue says.
    pub profile: Option<Profile>,
    /// The worst that it came to in any trial.
    pub verdict: Verdict,
    /// Whether every pass leaned on what the adapter adds.
    pub composed: bool,
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
        let place = Place {
            heading: None,
            backends: backends.to_vec(),
        };
        Matrix::of(vec![place], catalogue)
    }

    /// The matrix of these logs, the columns of each under where it ran.
    pub fn of_logs(logs: &[Log], catalogue: &Catalogue) -> Matrix {
        let place = |log: &Log| Place {
            heading: Some(log.header.place()),
            backends: log.header.backends.clone(),
        };
        let mut matrix = Matrix::of(logs.iter().map(place).collect(), catalogue);
        for (place, log) in logs.iter().enumerate() {
            for report in &log.reports {
                matrix.add_at(place, report);
            }
        }
        matrix
    }

    fn of(places: Vec<Place>, catalogue: &Catalogue) -> Matrix {
        let capability = |clause: &Clause| Some((clause.id.clone(), clause.capability?));
        Matrix {
            cells: BTreeMap::new(),
            places,
            platform: None,
            capabilities: catalogue.iter().filter_map(capability).collect(),
        }
    }

    /// The same, of this platform.
    pub fn on(self, platform: Platform) -> Matrix {
        Matrix {
            platform: Some(platform),
            ..self
        }
    }

    /// One more trial.
    pub fn add(&mut self, report: &TrialReport) {
        self.add_at(0, report);
    }

    /// One more trial, of the place with this number.
    fn add_at(&mut self, place: usize, report: &TrialReport) {
        let backend = &report.name.backend;
        for clause in &report.clauses {
            let new = Cell {
                verdict: clause.verdict,
                composed: !report.composed.is_empty()
                    || self.is_composed(place, backend, &clause.clause),
                says: clause.says(),
            };
            self.cells
                .entry((place, backend.clone(), clause.clause.clone()))
                .and_modify(|cell| *cell = cell.and(new))
                .or_insert(new);
        }
    }

    /// Whether only the adapter makes the backend keep such a promise.
    fn is_composed(&self, place: usize, backend: &Key, clause: &ClauseId) -> bool {
        let place = self.places.get(place);
        let mut infos = place.iter().flat_map(|place| &place.backends);
        let info = infos.find(|info| info.key == *backend);
        let (Some(info), Some(capability)) = (info, self.capabilities.get(clause)) else {
            return false;
        };
        info.capabilities.support(*capability) == Some(Support::Composed)
    }

    /// Its cells: place by place, there backend by backend.
    pub fn entries<'a>(&'a self, catalogue: &'a Catalogue) -> impl Iterator<Item = Entry<'a>> {
        let entry = |((place, backend, clause), cell): (&'a (usize, Key, ClauseId), &Cell)| {
            let heading = self.places[*place].heading.as_deref();
            Entry {
                platform: heading.unwrap_or_default(),
                backend,
                clause,
                profile: catalogue.get(clause).map(|clause| clause.profile),
                verdict: cell.verdict,
                composed: cell.composed,
            }
        };
        self.cells.iter().map(entry)
    }

    /// The tables, and what their signs mean; each line with its line break.
    pub fn draw(&self, catalogue: &Catalogue) -> String {
        let mut text = String::new();
        for kind in Kind::ALL {
            let columns = self.columns(kind);
            let rows = self.rows(&columns, catalogue);
            if rows.is_empty() {
                continue;
            }
            let width = rows.iter().map(|(_, clause)| clause.as_str().len());
            let width = 4 + width.max().unwrap_or(0) + 2;
            let title = match self.platform {
                Some(platform) => format!("{kind} on {platform}"),
                None => kind.to_string(),
            };
            let title = paint(STRONG, format_args!("{title:width$}"));
            text.push_str(&self.head(&columns, &title, width));
            let mut of = None;
            for (profile, clause) in &rows {
                if of != Some(*profile) {
                    let _ = writeln!(text, "  {}", paint(FAINT, promise_of(*profile)));
                    of = Some(*profile);
                }
                let name = format!("    {clause}");
                let cells = columns.iter().map(|column| self.sign(*column, clause));
                let cells = side_by_side(&columns, cells);
                let _ = writeln!(text, "{name:width$}{}", cells.trim_end());
            }
            text.push('\n');
        }
        if !text.is_empty() {
            text.push_str(&legend());
        }
        text
    }

    /// The backends of this kind, place by place; beside other places only those to which something
    /// applies there.
    fn columns(&self, kind: Kind) -> Vec<Column<'_>> {
        let mut columns = Vec::new();
        for (number, place) in self.places.iter().enumerate() {
            let keys = place.backends.iter().map(|info| &info.key);
            let shown = keys.filter(|key| {
                key.kind == kind && (place.heading.is_none() || self.applies((number, key)))
            });
            columns.extend(shown.map(|key| (number, key)));
        }
        columns
    }

    /// Whether anything does.
    fn applies(&self, (place, key): Column<'_>) -> bool {
        self.cells.iter().any(|((of, backend, _), cell)| {
            (*of, backend) == (place, key) && cell.verdict != Verdict::NotApplicable
        })
    }

    /// A line for each column that leads to it, and one before the first of each place.
    fn head(&self, columns: &[Column<'_>], title: &str, width: usize) -> String {
        let mut text = String::new();
        let mut line = |column: usize, words: &str| {
            let lead = if text.is_empty() {
                title.to_owned()
            } else {
                " ".repeat(width)
            };
            // The bars of the columns before it, and the gap in front of its place.
            let bars = vec!["│".to_owned(); column];
            let bars = side_by_side(&columns[..=column], bars.into_iter());
            let _ = writeln!(text, "{lead}{bars}{words}");
        };
        for (column, (place, key)) in columns.iter().enumerate() {
            let is_first = column == 0 || columns[column - 1].0 != *place;
            if let (true, Some(heading)) = (is_first, &self.places[*place].heading) {
                line(column, &paint(STRONG, heading));
            }
            line(column, &format!("┌ {}", key.name));
        }
        text
    }

    /// The clauses that any of these backends was tried on, by whose promise they are.
    fn rows(
        &self,
        columns: &[Column<'_>],
        catalogue: &Catalogue,
    ) -> Vec<(Option<Profile>, ClauseId)> {
        let tried = self
            .cells
            .keys()
            .filter(|(place, key, _)| columns.contains(&(*place, key)))
            .map(|(.., clause)| clause);
        let profile = |clause: &ClauseId| catalogue.get(clause).map(|clause| clause.profile);
        let mut rows: Vec<_> = tried
            .map(|clause| (profile(clause), clause.clone()))
            .collect();
        rows.sort();
        rows.dedup();
        rows
    }

    fn sign(&self, (place, key): Column<'_>, clause: &ClauseId) -> String {
        match self.cells.get(&(place, key.clone(), clause.clone())) {
            Some(cell) => cell.sign(),
            None => " ".to_owned(),
        }
    }
}

/// A place's number, and a backend there.
type Column<'a> = (usize, &'a Key);

/// What stands in the first of these columns, each with a space behind it, and places apart.
fn side_by_side(columns: &[Column<'_>], parts: impl Iterator<Item = String>) -> String {
    let mut parts = parts;
    let mut text = String::new();
    for (column, (place, _)) in columns.iter().enumerate() {
        if column > 0 && columns[column - 1].0 != *place {
            text.push_str("  ");
        }
        if let Some(part) = parts.next() {
            text.push_str(&part);
            text.push(' ');
        }
    }
    text
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
