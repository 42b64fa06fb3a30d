//! The conformance matrix: which backend keeps which promise.
//!
//! Each kind of channel has a table. A row is a clause, grouped by profile. A column is a backend
//! on one platform. A cell is the worst verdict of the clause in any trial.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::backend::{Capability, Key, Kind, Support};
use crate::clause::{Catalogue, Clause, ClauseId, Profile};
use crate::event::{BackendInfo, EventLog};
use crate::judge::{TrialReport, Verdict};

mod table;

/// The results of all trials so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Matrix {
    cells: BTreeMap<(usize, Key, ClauseId), Cell>,
    platforms: Vec<PlatformColumns>,
    /// The capability of each clause that is about one.
    capabilities: BTreeMap<ClauseId, Capability>,
}

/// The columns of one platform.
#[derive(Clone, Debug)]
struct PlatformColumns {
    /// The name of the platform, such as `Linux x86_64`, if the matrix shows it: beside the kind if
    /// there is only one platform, and else above its columns.
    name: Option<String>,
    backends: Vec<BackendInfo>,
}

/// The JSON object of a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct CellRecord<'a> {
    /// The platform, such as `Linux x86_64`, if it is known.
    pub(crate) platform: Option<&'a str>,
    /// The backend.
    pub(crate) backend: &'a Key,
    /// The clause.
    pub(crate) clause: &'a ClauseId,
    /// The profile of the clause; `None` if the catalogue doesn't have it.
    pub(crate) profile: Option<Profile>,
    /// The worst verdict of any trial.
    pub(crate) verdict: Verdict,
    /// Whether every pass needed a capability that the adapter adds.
    pub(crate) composed: bool,
}

/// The result of one clause on one backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cell {
    verdict: Verdict,
    /// Whether every pass needed a capability that the adapter adds.
    composed: bool,
    /// Whether the verdict comes from a test of the clause.
    says: bool,
}

impl Matrix {
    /// Creates a matrix without results for these backends on one platform.
    pub(crate) fn new(
        platform: Option<String>,
        backends: &[BackendInfo],
        catalogue: &Catalogue,
    ) -> Matrix {
        let platform = PlatformColumns {
            name: platform,
            backends: backends.to_vec(),
        };
        Matrix::of(vec![platform], catalogue)
    }

    /// Creates the matrix of these logs, with columns for the platform of each.
    pub(crate) fn of_logs(logs: &[EventLog], catalogue: &Catalogue) -> Matrix {
        let platform = |log: &EventLog| PlatformColumns {
            name: Some(log.header.machine()),
            backends: log.header.backends.clone(),
        };
        let mut matrix = Matrix::of(logs.iter().map(platform).collect(), catalogue);
        for (platform, log) in logs.iter().enumerate() {
            for report in &log.reports {
                matrix.add_at(platform, report);
            }
        }
        matrix
    }

    fn of(platforms: Vec<PlatformColumns>, catalogue: &Catalogue) -> Matrix {
        let capability = |clause: &Clause| Some((clause.id.clone(), clause.capability?));
        Matrix {
            cells: BTreeMap::new(),
            platforms,
            capabilities: catalogue.iter().filter_map(capability).collect(),
        }
    }

    /// Adds a trial.
    pub(crate) fn add(&mut self, report: &TrialReport) {
        self.add_at(0, report);
    }

    /// Adds a trial on the platform with this index.
    fn add_at(&mut self, platform: usize, report: &TrialReport) {
        let backend = &report.name.backend;
        for clause in &report.clauses {
            let new = Cell {
                verdict: clause.verdict,
                composed: !report.composed.is_empty()
                    || self.is_composed(platform, backend, &clause.clause),
                says: clause.says(),
            };
            self.cells
                .entry((platform, backend.clone(), clause.clause.clone()))
                .and_modify(|cell| *cell = cell.and(new))
                .or_insert(new);
        }
    }

    /// Whether a pass of the clause in this trial, on the first platform, needed the help of the adapter.
    pub(crate) fn needs_help(&self, report: &TrialReport, clause: &ClauseId) -> bool {
        !report.composed.is_empty() || self.is_composed(0, &report.name.backend, clause)
    }

    /// Whether the backend has the capability of the clause only with the help of the adapter.
    fn is_composed(&self, platform: usize, backend: &Key, clause: &ClauseId) -> bool {
        let platform = self.platforms.get(platform);
        let mut infos = platform.iter().flat_map(|platform| &platform.backends);
        let info = infos.find(|info| info.key == *backend);
        let (Some(info), Some(capability)) = (info, self.capabilities.get(clause)) else {
            return false;
        };
        info.capabilities.support(*capability) == Some(Support::Composed)
    }

    /// Returns the cells, sorted by platform, backend and clause.
    pub(crate) fn records<'a>(
        &'a self,
        catalogue: &'a Catalogue,
    ) -> impl Iterator<Item = CellRecord<'a>> {
        let record =
            |((platform, backend, clause), cell): (&'a (usize, Key, ClauseId), &Cell)| CellRecord {
                platform: self.platforms[*platform].name.as_deref(),
                backend,
                clause,
                profile: catalogue.get(clause).map(|clause| clause.profile),
                verdict: cell.verdict,
                composed: cell.composed,
            };
        self.cells.iter().map(record)
    }

    /// Returns the platform if there is only one.
    fn only_platform(&self) -> Option<&PlatformColumns> {
        match self.platforms.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Returns the backends of this kind, sorted by platform. If there are several platforms,
    /// leaves out backends to which nothing applies there.
    fn columns(&self, kind: Kind) -> Vec<BackendColumn<'_>> {
        let platforms = self.platforms.iter().enumerate();
        let columns = platforms.flat_map(|(number, platform)| {
            let keys = platform.backends.iter().map(|info| &info.key);
            keys.map(move |key| (number, key))
        });
        let is_alone = self.only_platform().is_some();
        columns
            .filter(|(_, key)| key.kind == kind)
            .filter(|column| is_alone || self.applies(*column))
            .collect()
    }

    /// Whether any clause applies to this backend on this platform.
    fn applies(&self, (platform, key): BackendColumn<'_>) -> bool {
        self.cells.iter().any(|((of, backend, _), cell)| {
            (*of, backend) == (platform, key) && cell.verdict != Verdict::NotApplicable
        })
    }

    /// Returns the clauses of these columns, sorted by profile.
    fn rows(
        &self,
        columns: &[BackendColumn<'_>],
        catalogue: &Catalogue,
    ) -> Vec<(Option<Profile>, ClauseId)> {
        let tried = self
            .cells
            .keys()
            .filter(|(platform, key, _)| columns.contains(&(*platform, key)))
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

/// The index of a platform, and a backend on it.
type BackendColumn<'a> = (usize, &'a Key);

impl Cell {
    /// Combines two results: the worse verdict of those that come from a test.
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
    use crate::backend::About;
    use crate::backend::Capabilities;
    use crate::judge::ClauseVerdict;
    use crate::test_support::reports::{catalogue, passed};
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
            about: About::default(),
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
    #[case::a_pass_beats_not_applicable(Verdict::Pass, Verdict::NotApplicable, Verdict::Pass)]
    #[case::not_tested_twice(Verdict::NotApplicable, Verdict::Unavailable, Verdict::Unavailable)]
    fn the_worst_tested_verdict_wins(
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
    fn one_native_pass_makes_the_cell_native() {
        let cell = |composed| Cell {
            verdict: Verdict::Pass,
            composed,
            says: true,
        };
        assert!(!cell(true).and(cell(false)).composed);
        assert!(cell(true).and(cell(true)).composed);
    }
}
