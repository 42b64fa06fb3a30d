//! The conformance matrix: which backend keeps which promise.
//!
//! One table for each kind of channel; a row for each clause, grouped by whose promise it is; a
//! column for each backend, in each place where there are several. A cell is the worst of what the
//! clause came to in any trial.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::backend::{Capability, Key, Kind, Support};
use crate::clause::catalogue::Catalogue;
use crate::clause::{Clause, ClauseId, Profile};
use crate::event::{BackendInfo, Log};
use crate::judge::{TrialReport, Verdict};

mod table;

/// What is known of every promise so far.
#[derive(Clone, Debug, Default)]
pub struct Matrix {
    cells: BTreeMap<(usize, Key, ClauseId), Cell>,
    places: Vec<Place>,
    /// The capabilities that clauses are about.
    capabilities: BTreeMap<ClauseId, Capability>,
}

/// Where some of the columns are from.
#[derive(Clone, Debug)]
struct Place {
    /// What it is called, as in `Linux x86_64`, if it is to be said at all: beside the kind where all
    /// columns are from here, else above those that are.
    name: Option<String>,
    backends: Vec<BackendInfo>,
}

/// What a clause came to on a backend, for programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry<'a> {
    /// Where, as in `Linux x86_64`; none where nobody said.
    #[serde(rename = "platform")]
    pub place: Option<&'a str>,
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
    /// A matrix with these columns, all from this place, of clauses as this catalogue has them.
    pub fn new(place: Option<String>, backends: &[BackendInfo], catalogue: &Catalogue) -> Matrix {
        let place = Place {
            name: place,
            backends: backends.to_vec(),
        };
        Matrix::of(vec![place], catalogue)
    }

    /// The matrix of these logs, the columns of each from where it ran.
    pub fn of_logs(logs: &[Log], catalogue: &Catalogue) -> Matrix {
        let place = |log: &Log| Place {
            name: Some(log.header.place()),
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
            capabilities: catalogue.iter().filter_map(capability).collect(),
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
        let entry = |((place, backend, clause), cell): (&'a (usize, Key, ClauseId), &Cell)| Entry {
            place: self.places[*place].name.as_deref(),
            backend,
            clause,
            profile: catalogue.get(clause).map(|clause| clause.profile),
            verdict: cell.verdict,
            composed: cell.composed,
        };
        self.cells.iter().map(entry)
    }

    /// Where all columns are from, if that is one place.
    fn only_place(&self) -> Option<&Place> {
        match self.places.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// The backends of this kind, place by place; beside other places only those to which something
    /// applies there.
    fn columns(&self, kind: Kind) -> Vec<Column<'_>> {
        let places = self.places.iter().enumerate();
        let columns = places.flat_map(|(number, place)| {
            let keys = place.backends.iter().map(|info| &info.key);
            keys.map(move |key| (number, key))
        });
        let is_alone = self.only_place().is_some();
        columns
            .filter(|(_, key)| key.kind == kind)
            .filter(|column| is_alone || self.applies(*column))
            .collect()
    }

    /// Whether anything applies to this backend there.
    fn applies(&self, (place, key): Column<'_>) -> bool {
        self.cells.iter().any(|((of, backend, _), cell)| {
            (*of, backend) == (place, key) && cell.verdict != Verdict::NotApplicable
        })
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
}

/// A place's number, and a backend there.
type Column<'a> = (usize, &'a Key);

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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Capabilities;
    use crate::judge::ClauseVerdict;
    use crate::report::text::tests::{catalogue, passed};
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
        let mut matrix = Matrix::new(None, &backends, &catalogue());
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
