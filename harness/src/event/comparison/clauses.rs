//! Promises with different results in different logs.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::trials::ComparedTrial;
use crate::backend::{Key, Outcome, RawError};
use crate::clause::ClauseId;
use crate::judge::{Break, ClauseVerdict, TrialReport, Verdict, why_unknown};

/// A promise with another result in another log, in one trial or in several that differ in the same
/// way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ClauseDifference {
    /// The backend.
    pub backend: Key,
    /// The clause; `None` if the trials differ and none of their clauses does.
    pub clause: Option<ClauseId>,
    /// The result in each log, of the first of the trials; `None` if the log doesn't have that
    /// trial or didn't run it.
    pub seen: Vec<Option<LoggedResult>>,
    /// The permutations, such as `pipe/sizes[size=1]`.
    pub trials: Vec<String>,
}

/// The result of a promise in one log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct LoggedResult {
    /// The verdict; `None` if the case doesn't list the clause and it didn't break.
    pub verdict: Option<Verdict>,
    /// Whether the verdict counts: the clause applied, and nothing prevented its test.
    pub says: bool,
    /// How it broke, such as `recv p.rx -> error ConnectionReset (104)`, or why it couldn't be
    /// judged.
    pub how: Vec<String>,
}

impl ClauseDifference {
    /// Whether verdicts differ, and not only how the promise broke.
    pub(crate) fn is_of_verdicts(&self) -> bool {
        let results = self.seen.iter().flatten();
        let counted = results.filter(|result| result.says);
        let verdicts: BTreeSet<_> = counted
            .map(|result| effective_verdict(result.verdict))
            .collect();
        verdicts.len() > 1
    }
}

/// Returns the verdict to compare: a clause that the case doesn't list and that didn't break was
/// kept.
fn effective_verdict(verdict: Option<Verdict>) -> Verdict {
    verdict.unwrap_or(Verdict::Pass)
}

/// The properties that trials of one difference share: verdicts, outcomes and raw errors. Steps
/// aren't part of it, because each case has its own names for channels.
type Appearance = Vec<Option<(Option<Verdict>, Vec<(Outcome, Option<RawError>)>)>>;

/// The steps whose breaks a difference already reports, each with the index of its trial.
pub(super) type ReportedSteps = BTreeSet<(usize, String)>;

/// Returns all differences, sorted by backend, clause and descending number of trials.
pub(super) fn differences(trials: &[ComparedTrial<'_>]) -> (Vec<ClauseDifference>, ReportedSteps) {
    let mut alike: BTreeMap<(Key, Option<ClauseId>, Appearance), ClauseDifference> =
        BTreeMap::new();
    let mut reported = ReportedSteps::new();
    for (number, trial) in trials.iter().enumerate() {
        for (clause, statements) in of_trial(trial) {
            for broke in statements.iter().flatten().flat_map(Statement::breaks) {
                reported.insert((number, broke.step.clone()));
            }
            let appearance = statements
                .iter()
                .map(|statement| statement.as_ref().map(Statement::appearance));
            let backend = trial.name.backend.clone();
            alike
                .entry((backend.clone(), clause.clone(), appearance.collect()))
                .or_insert_with(|| ClauseDifference {
                    backend,
                    clause,
                    seen: statements
                        .iter()
                        .map(|statement| statement.as_ref().map(Statement::result))
                        .collect(),
                    trials: Vec::new(),
                })
                .trials
                .push(trial.name.permutation_name());
        }
    }
    let mut differences: Vec<ClauseDifference> = alike.into_values().collect();
    differences.sort_by_cached_key(|difference| {
        let trials = std::cmp::Reverse(difference.trials.len());
        (
            difference.backend.clone(),
            difference.clause.clone(),
            trials,
        )
    });
    (differences, reported)
}

/// The statement of one log about a clause, or about a trial as a whole.
enum Statement<'a> {
    /// The case doesn't list the clause, and it didn't break.
    Unlisted,
    Clause(&'a ClauseVerdict, &'a TrialReport),
    Trial(&'a TrialReport),
}

impl Statement<'_> {
    fn verdict(&self) -> Option<Verdict> {
        match self {
            Statement::Unlisted => None,
            Statement::Clause(clause, _) => Some(clause.verdict),
            Statement::Trial(report) => Some(report.verdict),
        }
    }

    fn breaks(&self) -> &[Break] {
        match self {
            Statement::Clause(clause, _) => &clause.breaks,
            Statement::Unlisted | Statement::Trial(_) => &[],
        }
    }

    fn says(&self) -> bool {
        match self {
            Statement::Clause(clause, _) => clause.says(),
            Statement::Unlisted | Statement::Trial(_) => true,
        }
    }

    fn result(&self) -> LoggedResult {
        let why = match self {
            Statement::Trial(report) => report.why.clone(),
            Statement::Clause(clause, report) if clause.verdict == Verdict::Unknown => {
                why_unknown(&clause.clause, &report.findings).map(str::to_owned)
            }
            Statement::Unlisted | Statement::Clause(..) => None,
        };
        let breaks = self.breaks().iter().map(Break::to_string);
        LoggedResult {
            verdict: self.verdict(),
            says: self.says(),
            how: breaks.chain(why).collect(),
        }
    }

    fn appearance(&self) -> (Option<Verdict>, Vec<(Outcome, Option<RawError>)>) {
        let breaks = self.breaks().iter();
        let mut breaks: Vec<_> = breaks.map(|broke| (broke.outcome, broke.raw)).collect();
        breaks.sort();
        breaks.dedup();
        (self.verdict(), breaks)
    }
}

/// Returns the clauses on which the logs of a trial differ, each with the statement of every log.
/// If the verdicts of the trial differ and no clause does, returns the trial as a whole.
fn of_trial<'a>(trial: &ComparedTrial<'a>) -> Vec<(Option<ClauseId>, Vec<Option<Statement<'a>>>)> {
    let run: Vec<(usize, &TrialReport)> = trial.run().collect();
    let verdicts: BTreeSet<Verdict> = run.iter().map(|(_, report)| report.verdict).collect();
    let was_not_judged = |verdict: &Verdict| {
        use Verdict::{AdapterError, CaseError, HarnessError};
        matches!(verdict, AdapterError | CaseError | HarnessError)
    };
    let in_each_log = |statement: &dyn Fn(&'a TrialReport) -> Statement<'a>| {
        let mut statements: Vec<Option<Statement<'a>>> =
            trial.reports.iter().map(|_| None).collect();
        for (log, report) in trial.run() {
            statements[log] = Some(statement(report));
        }
        statements
    };
    let mut found = Vec::new();
    // If a log didn't judge the trial, its clauses say nothing.
    if !verdicts.iter().any(was_not_judged) {
        let clauses = run.iter().flat_map(|(_, report)| &report.clauses);
        let ids: BTreeSet<&ClauseId> = clauses.map(|clause| &clause.clause).collect();
        for id in ids {
            let statements = in_each_log(&|report: &'a TrialReport| {
                let mut clauses = report.clauses.iter();
                let clause = clauses.find(|clause| clause.clause == *id);
                clause.map_or(Statement::Unlisted, |clause| {
                    Statement::Clause(clause, report)
                })
            });
            if differ(&statements) {
                found.push((Some(id.clone()), statements));
            }
        }
    }
    if found.is_empty() && verdicts.len() > 1 {
        found.push((None, in_each_log(&Statement::Trial)));
    }
    found
}

/// Whether the statements that count have different verdicts or different breaks.
fn differ(statements: &[Option<Statement<'_>>]) -> bool {
    let counted: Vec<&Statement<'_>> = statements.iter().flatten().filter(|s| s.says()).collect();
    let verdicts: BTreeSet<_> = counted
        .iter()
        .map(|s| effective_verdict(s.verdict()))
        .collect();
    // Without a break, a race may have prevented it: that is no difference.
    let breaks = counted.iter().map(|statement| statement.appearance().1);
    let breaks: BTreeSet<_> = breaks.filter(|breaks| !breaks.is_empty()).collect();
    verdicts.len() > 1 || breaks.len() > 1
}
