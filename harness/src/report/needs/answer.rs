//! What event logs say about needs.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use super::Needs;
use crate::backend::{Capability, Key, Support, System};
use crate::clause::{Catalogue, ClauseId};
use crate::event::{EventLog, ExitCode, State, meaning};
use crate::judge::Verdict;
use crate::judge::divergence::WildcardPattern;
use crate::report::matrix::{CellRecord, Matrix};
use crate::report::words::counted;

/// How far a need is met, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Grade {
    /// The library meets it.
    Met,
    /// The library meets it with what its adapter adds.
    MetWithHelp,
    /// Nothing in the logs shows whether the library meets it.
    NoEvidence,
    /// The library doesn't meet it.
    Unmet,
}

impl Grade {
    /// Returns what a reader of a matrix would see.
    pub(crate) fn state(self) -> State {
        match self {
            Grade::Met => State::Kept,
            Grade::MetWithHelp => State::KeptWithHelp,
            Grade::NoEvidence => State::Unknown,
            Grade::Unmet => State::Broken,
        }
    }
}

/// One need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need<'a> {
    Clause(&'a ClauseId),
    Capability(Capability),
}

/// How far a library meets one need on one system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding<'a> {
    pub(crate) need: Need<'a>,
    pub(crate) system: System,
    pub(crate) grade: Grade,
    /// What shows that, or what is missing.
    pub(crate) why: String,
}

/// How far a library meets all needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Answer<'a> {
    pub(crate) library: &'a Key,
    /// What the logs call it, such as `interprocess 2.4.7: local_socket`; each wording once.
    pub(crate) about: BTreeSet<String>,
    /// The worst of its findings.
    pub(crate) grade: Grade,
    pub(crate) findings: Vec<Finding<'a>>,
}

/// How far each library meets the needs, the best first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answers<'a> {
    pub(crate) answers: Vec<Answer<'a>>,
    /// The libraries of the needs that no log has.
    pub(crate) missing: Vec<&'a WildcardPattern>,
    /// Whether the needs name the libraries that must meet them.
    named: bool,
}

impl<'a> Answers<'a> {
    /// Answers from these logs.
    pub(crate) fn of(
        needs: &'a Needs,
        logs: &'a [EventLog],
        catalogue: &'a Catalogue,
    ) -> Answers<'a> {
        let runs: Vec<Run> = logs.iter().map(|log| Run::of(log, catalogue)).collect();
        let keys = logs.iter().flat_map(|log| &log.header.backends);
        let keys: BTreeSet<&Key> = keys.map(|info| &info.key).collect();
        let is_asked = |pattern: &WildcardPattern, key: &Key| pattern.matches(&key.to_string());
        let asked = keys.iter().filter(|key| {
            let mut libraries = needs.libraries.iter();
            key.kind == needs.kind
                && (needs.libraries.is_empty() || libraries.any(|one| is_asked(one, key)))
        });
        let mut answers: Vec<Answer> = asked.map(|key| Answer::of(key, needs, &runs)).collect();
        answers.sort_by_key(|answer| (answer.grade, answer.library));
        let missing = needs.libraries.iter();
        Answers {
            missing: missing
                .filter(|pattern| !keys.iter().any(|key| is_asked(pattern, key)))
                .collect(),
            named: !needs.libraries.is_empty(),
            answers,
        }
    }

    /// Returns the exit code: whether all libraries that the needs name meet them, or else any library.
    pub(crate) fn code(&self) -> ExitCode {
        let grades = self.answers.iter().map(|answer| answer.grade);
        let missing = self.missing.iter().map(|_| Grade::NoEvidence);
        let grade = match self.named {
            true => grades.chain(missing).max(),
            false => grades.min(),
        };
        match grade {
            Some(Grade::Met | Grade::MetWithHelp) => ExitCode::AsExpected,
            Some(Grade::Unmet) => ExitCode::Broken,
            Some(Grade::NoEvidence) | None => ExitCode::Inconclusive,
        }
    }
}

impl<'a> Answer<'a> {
    fn of(key: &'a Key, needs: &'a Needs, runs: &[Run<'a>]) -> Answer<'a> {
        let clauses = needs.clauses.iter().map(Need::Clause);
        let capabilities = needs.capabilities.iter().copied().map(Need::Capability);
        let each: Vec<Need> = clauses.chain(capabilities).collect();
        let on = |system: &System| {
            let system = *system;
            each.clone().into_iter().map(move |need| (need, system))
        };
        let findings = needs.systems.iter().flat_map(on);
        let findings: Vec<Finding> = findings
            .map(|(need, system)| {
                let (grade, why) = evidence(need, key, system, runs);
                Finding {
                    need,
                    system,
                    grade,
                    why,
                }
            })
            .collect();
        let infos = runs.iter().filter_map(|run| run.log.header.backend(key));
        let grades = findings.iter().map(|finding| finding.grade);
        Answer {
            library: key,
            about: infos.map(|info| info.about.to_string()).collect(),
            grade: grades.max().unwrap_or(Grade::NoEvidence),
            findings,
        }
    }
}

impl std::fmt::Display for Need<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Need::Clause(clause) => write!(f, "{clause}"),
            Need::Capability(capability) => write!(f, "{capability}"),
        }
    }
}

impl Serialize for Need<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// A log, and the cells of its matrix.
struct Run<'a> {
    log: &'a EventLog,
    cells: BTreeMap<(Key, ClauseId), (Verdict, bool)>,
}

impl<'a> Run<'a> {
    fn of(log: &'a EventLog, catalogue: &Catalogue) -> Run<'a> {
        let matrix = Matrix::of_logs(std::slice::from_ref(log), catalogue);
        let cell = |cell: CellRecord| {
            let place = (cell.backend.clone(), cell.clause.clone());
            (place, (cell.verdict, cell.composed))
        };
        Run {
            log,
            cells: matrix.records(catalogue).map(cell).collect(),
        }
    }

    /// Returns what this run shows about a need.
    fn shows(&self, need: Need<'_>, key: &Key) -> (Grade, String) {
        match need {
            Need::Capability(capability) => self.declares(capability, key),
            Need::Clause(clause) => self.keeps(clause, key),
        }
    }

    fn declares(&self, capability: Capability, key: &Key) -> (Grade, String) {
        let info = self.log.header.backend(key);
        let (grade, why) = match info.and_then(|info| info.capabilities.support(capability)) {
            Some(Support::Native) => (Grade::Met, "declared"),
            Some(Support::Composed) => (Grade::MetWithHelp, "added by its adapter"),
            None => (Grade::Unmet, "not declared"),
        };
        (grade, why.to_owned())
    }

    fn keeps(&self, clause: &ClauseId, key: &Key) -> (Grade, String) {
        let cell = self.cells.get(&(key.clone(), clause.clone()));
        let Some((verdict, composed)) = cell.copied() else {
            return (Grade::NoEvidence, "no case of the run tests it".to_owned());
        };
        let reports = self.log.reports.iter();
        let of_clause = |report: &&crate::judge::TrialReport| {
            let mut clauses = report.clauses.iter();
            report.name.backend == *key
                && clauses.any(|one| one.clause == *clause && one.verdict == verdict)
        };
        let trials: Vec<_> = reports.filter(of_clause).collect();
        let first = trials.first();
        let such_as = first.map_or(String::new(), |first| first.name.to_string());
        let in_trials = match trials.len() {
            1 => format!("in {such_as}"),
            count => format!("in {}, such as {such_as}", counted(count, "trial")),
        };
        let why = first.and_then(|first| first.why.as_deref());
        match (meaning(verdict, composed).state, verdict) {
            (State::Kept | State::KeptWithHelp, _) if self.log.footer.interrupted => {
                (Grade::NoEvidence, "the run was interrupted".to_owned())
            }
            (State::Kept, _) => (Grade::Met, format!("kept {in_trials}")),
            (State::KeptWithHelp, _) => (
                Grade::MetWithHelp,
                format!("kept with the adapter's help {in_trials}"),
            ),
            (State::DocumentedOtherwise, _) => {
                (Grade::Unmet, format!("documented otherwise: {such_as}"))
            }
            (State::Broken | State::BrokenAsReviewed, _) => {
                (Grade::Unmet, format!("broken {in_trials}"))
            }
            (State::NotApplicable, Verdict::Unpromised) => (
                Grade::Unmet,
                format!("not promised, and it didn't hold {in_trials}"),
            ),
            (State::Unknown | State::NotApplicable, _) => {
                let why = why.map_or(String::new(), |why| format!(": {why}"));
                (Grade::NoEvidence, format!("{}{why}", verdict.word()))
            }
        }
    }
}

/// Returns what all runs on a system show about a need: the worst of it.
fn evidence(need: Need<'_>, key: &Key, system: System, runs: &[Run<'_>]) -> (Grade, String) {
    let has = |run: &&Run| run.log.header.backend(key).is_some();
    let there = runs.iter().filter(|run| run.log.header.system == system);
    let (emulated, real): (Vec<_>, Vec<_>) =
        there.partition(|run| run.log.header.emulation.is_some());
    let shown = real.iter().copied().filter(has);
    let worst = shown
        .map(|run| run.shows(need, key))
        .max_by_key(|(grade, _)| *grade);
    worst.unwrap_or_else(|| {
        let why = match (real.is_empty(), emulated.iter().copied().find(has)) {
            (_, Some(run)) => format!("tried only on {}", run.log.header.platform()),
            (true, None) => format!("no log of a run on {system}"),
            (false, None) => format!("not in the log of a run on {system}"),
        };
        (Grade::NoEvidence, why)
    })
}
