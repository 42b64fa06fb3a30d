//! The data of the page's tables and lists.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::backend::{About, Capabilities, Key, Kind};
use crate::clause::{Catalogue, Clause, ClauseId};
use crate::event::{BackendInfo, EventLog, QuotedCase, QuotedDivergence, State, Texts, meaning};
use crate::judge::Verdict;
use crate::plan::Start;
use crate::report::matrix::Matrix;

/// The version of the form of these data.
const VERSION: u32 = 1;

/// What all views but that of a trial show.
#[derive(Serialize)]
pub(super) struct PageData<'a> {
    version: u32,
    states: Vec<StateData>,
    runs: Vec<RunData<'a>>,
    columns: Vec<ColumnData<'a>>,
    promises: Vec<PromiseData<'a>>,
    cells: Vec<CellData>,
    trials: Vec<TrialLine<'a>>,
    cases: &'a [QuotedCase],
    divergences: &'a [QuotedDivergence],
}

/// A state of a promise: its word in addresses, its words for people, and its sign.
#[derive(Serialize)]
struct StateData {
    key: &'static str,
    words: &'static str,
    sign: &'static str,
}

/// A run, as the header and the footer of its log describe it.
#[derive(Serialize)]
struct RunData<'a> {
    log: &'a str,
    /// The platform, such as `Linux x86_64`, and what else tells the run from others on it.
    name: String,
    machine: String,
    system: &'static str,
    program: &'a str,
    kernel: &'a str,
    cores: usize,
    date: &'a str,
    command: &'a str,
    seed: u64,
    elapsed: u64,
    interrupted: bool,
    counts: BTreeMap<&'static str, usize>,
}

/// A backend in one run.
#[derive(Serialize)]
struct ColumnData<'a> {
    run: usize,
    kind: Kind,
    name: &'a str,
    /// The name without the start method, which columns of one library differ by.
    family: String,
    start: Option<&'static str>,
    about: &'a About,
    capabilities: &'a Capabilities,
}

/// A promise. Without its clause if neither the logs nor the catalogue have it.
#[derive(Serialize)]
struct PromiseData<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    clause: Option<&'a Clause>,
}

/// A column's and a promise's index, the state's index and the verdict, and the trials.
#[derive(Serialize)]
struct CellData(usize, usize, usize, &'static str, Vec<CellTrial>);

/// A trial's index, and the state's index and the verdict of the promise in it.
type CellTrial = (usize, usize, &'static str);

/// A trial's name, its column's index, and its verdict.
#[derive(Serialize)]
struct TrialLine<'a> {
    case: &'a str,
    permutation: &'a str,
    column: usize,
    verdict: &'static str,
}

impl<'a> PageData<'a> {
    /// Returns the data of these logs.
    pub(super) fn of(
        logs: &'a [EventLog],
        texts: &'a Texts,
        catalogue: &'a Catalogue,
    ) -> PageData<'a> {
        let ids = logs.iter().flat_map(|log| &log.reports);
        let ids = ids
            .flat_map(|report| &report.clauses)
            .map(|clause| &clause.clause);
        let mut ids: Vec<&ClauseId> = ids.collect();
        ids.sort();
        ids.dedup();
        let mut page = PageData {
            version: VERSION,
            states: State::ALL.into_iter().map(StateData::from).collect(),
            runs: Vec::new(),
            columns: Vec::new(),
            promises: ids
                .iter()
                .map(|id| PromiseData {
                    id: id.as_str(),
                    clause: catalogue.get(id),
                })
                .collect(),
            cells: Vec::new(),
            trials: Vec::new(),
            cases: &texts.cases,
            divergences: &texts.divergences,
        };
        for log in logs {
            page.add(log, logs, &ids, catalogue);
        }
        page
    }

    fn add(
        &mut self,
        log: &'a EventLog,
        logs: &[EventLog],
        ids: &[&ClauseId],
        catalogue: &Catalogue,
    ) {
        let run = self.runs.len();
        self.runs.push(RunData::of(log, logs));
        let first = self.columns.len();
        let infos = log.header.backends.iter();
        self.columns
            .extend(infos.map(|info| ColumnData::of(run, info)));
        let columns: BTreeMap<&Key, usize> = (first..)
            .zip(&log.header.backends)
            .map(|(place, info)| (&info.key, place))
            .collect();
        let matrix = Matrix::of_logs(std::slice::from_ref(log), catalogue);
        let mut trials: BTreeMap<(&Key, &ClauseId), Vec<CellTrial>> = BTreeMap::new();
        for report in &log.reports {
            let backend = &report.name.backend;
            let Some(&column) = columns.get(backend) else {
                continue;
            };
            for clause in &report.clauses {
                let composed = matrix.needs_help(report, &clause.clause);
                trials.entry((backend, &clause.clause)).or_default().push((
                    self.trials.len(),
                    place(clause.verdict, composed),
                    clause.verdict.word(),
                ));
            }
            self.trials.push(TrialLine {
                case: &report.name.case,
                permutation: &report.name.permutation,
                column,
                verdict: report.verdict.word(),
            });
        }
        for cell in matrix.records(catalogue) {
            let promise = ids.binary_search(&cell.clause);
            if let (Some(&column), Ok(promise)) = (columns.get(cell.backend), promise) {
                self.cells.push(CellData(
                    column,
                    promise,
                    place(cell.verdict, cell.composed),
                    cell.verdict.word(),
                    trials
                        .remove(&(cell.backend, cell.clause))
                        .unwrap_or_default(),
                ));
            }
        }
    }
}

/// Returns the index of the state that a verdict means.
fn place(verdict: Verdict, composed: bool) -> usize {
    let state = meaning(verdict, composed).state;
    let place = State::ALL.iter().position(|one| *one == state);
    place.unwrap_or_default()
}

impl From<State> for StateData {
    fn from(state: State) -> StateData {
        StateData {
            key: state.key(),
            words: state.words(),
            sign: state.sign(),
        }
    }
}

impl<'a> RunData<'a> {
    fn of(log: &'a EventLog, logs: &[EventLog]) -> RunData<'a> {
        let header = &log.header;
        let machine = header.machine();
        let is_alone = logs
            .iter()
            .filter(|other| other.header.machine() == machine)
            .count()
            < 2;
        let counts = log.footer.counts.iter();
        RunData {
            log: &log.path,
            name: match is_alone {
                true => machine.clone(),
                false => format!("{machine}, {}", log.path),
            },
            machine,
            system: header.system.word(),
            program: &header.program,
            kernel: &header.kernel,
            cores: header.cores,
            date: &header.date,
            command: &header.command,
            seed: header.seed,
            elapsed: log.footer.elapsed,
            interrupted: log.footer.interrupted,
            counts: counts
                .map(|(verdict, count)| (verdict.word(), *count))
                .collect(),
        }
    }
}

impl<'a> ColumnData<'a> {
    fn of(run: usize, info: &'a BackendInfo) -> ColumnData<'a> {
        let name = &info.key.name;
        let by_start = Start::ALL.into_iter().find_map(|start| {
            let (library, rest) = name.split_once(&format!("-{}/", start.word()))?;
            Some((format!("{library}/{rest}"), start.word()))
        });
        let (family, start) = match by_start {
            Some((family, start)) => (family, Some(start)),
            None => (name.clone(), None),
        };
        ColumnData {
            run,
            kind: info.key.kind,
            name,
            family,
            start,
            about: &info.about,
            capabilities: &info.capabilities,
        }
    }
}
