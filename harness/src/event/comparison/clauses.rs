//! Promises that came to something else.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Row;
use crate::backend::{Key, Outcome, RawError};
use crate::clause::ClauseId;
use crate::judge::{self, Break, ClauseVerdict, TrialReport, Verdict};

/// A promise that came to something else on another log, in one trial or in several alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Whose.
    pub backend: Key,
    /// Which; none where trials differ and no promise of theirs does.
    pub clause: Option<ClauseId>,
    /// What each log says of it in the first of the trials; none where a log hasn't got that, or
    /// didn't run it.
    pub seen: Vec<Option<Seen>>,
    /// In which permutations, as in `pipe/sizes[size=1]`.
    pub trials: Vec<String>,
}

/// What a log says of a promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// What it came to; none where the case isn't about it and it didn't break.
    pub verdict: Option<Verdict>,
    /// Whether that says anything: the promise was to be put to the test, and nothing kept it from
    /// being.
    pub says: bool,
    /// How it broke, as in `recv p.rx -> error ConnectionReset (104)`; or why it couldn't be judged.
    pub how: Vec<String>,
}

impl Difference {
    /// Whether verdicts differ, and not only how something broke.
    pub fn is_of_verdicts(&self) -> bool {
        let seen = self.seen.iter().flatten();
        let saying = seen.filter(|seen| seen.says);
        let verdicts: BTreeSet<_> = saying.map(|seen| voice(seen.verdict)).collect();
        verdicts.len() > 1
    }
}

/// What a verdict of a log that says anything counts as.
fn voice(verdict: Option<Verdict>) -> Verdict {
    // What a case isn't about and didn't break was kept.
    verdict.unwrap_or(Verdict::Pass)
}

/// What is the same in trials that differ alike: verdicts, outcomes and raw errors, whatever the
/// channels of each case are called.
type Likeness = Vec<Option<(Option<Verdict>, Vec<(Outcome, Option<RawError>)>)>>;

/// The steps of each trial, by its place among the rows, that differences have told of.
pub(super) type Told = BTreeSet<(usize, String)>;

/// All differences, by backend and promise; those in most trials first.
pub(super) fn differences(rows: &[Row<'_>]) -> (Vec<Difference>, Told) {
    let mut alike: BTreeMap<(Key, Option<ClauseId>, Likeness), Difference> = BTreeMap::new();
    let mut told = Told::new();
    for (place, row) in rows.iter().enumerate() {
        for (clause, states) in of_trial(row) {
            for broke in states.iter().flatten().flat_map(State::breaks) {
                told.insert((place, broke.step.clone()));
            }
            let likeness = states.iter().map(|s| s.as_ref().map(State::likeness));
            let backend = row.name.backend.clone();
            alike
                .entry((backend.clone(), clause.clone(), likeness.collect()))
                .or_insert_with(|| Difference {
                    backend,
                    clause,
                    seen: states.iter().map(|s| s.as_ref().map(State::seen)).collect(),
                    trials: Vec::new(),
                })
                .trials
                .push(row.name.permutation_name());
        }
    }
    let mut differences: Vec<Difference> = alike.into_values().collect();
    differences.sort_by_cached_key(|difference| {
        let trials = std::cmp::Reverse(difference.trials.len());
        (
            difference.backend.clone(),
            difference.clause.clone(),
            trials,
        )
    });
    (differences, told)
}

/// What a log says of a clause, or of a trial as a whole.
enum State<'a> {
    /// The case isn't about it, and it didn't break.
    Unlisted,
    Clause(&'a ClauseVerdict, &'a TrialReport),
    Trial(&'a TrialReport),
}

impl State<'_> {
    fn verdict(&self) -> Option<Verdict> {
        match self {
            State::Unlisted => None,
            State::Clause(clause, _) => Some(clause.verdict),
            State::Trial(report) => Some(report.verdict),
        }
    }

    fn breaks(&self) -> &[Break] {
        match self {
            State::Clause(clause, _) => &clause.breaks,
            State::Unlisted | State::Trial(_) => &[],
        }
    }

    fn says(&self) -> bool {
        match self {
            State::Clause(clause, _) => clause.says(),
            State::Unlisted | State::Trial(_) => true,
        }
    }

    fn seen(&self) -> Seen {
        let why = match self {
            State::Trial(report) => report.why.clone(),
            State::Clause(clause, report) if clause.verdict == Verdict::Unknown => {
                why_untried(clause, report)
            }
            State::Unlisted | State::Clause(..) => None,
        };
        let breaks = self.breaks().iter().map(Break::to_string);
        Seen {
            verdict: self.verdict(),
            says: self.says(),
            how: breaks.chain(why).collect(),
        }
    }

    fn likeness(&self) -> (Option<Verdict>, Vec<(Outcome, Option<RawError>)>) {
        let breaks = self.breaks().iter();
        let mut looks: Vec<_> = breaks.map(|broke| (broke.outcome, broke.raw)).collect();
        looks.sort();
        looks.dedup();
        (self.verdict(), looks)
    }
}

fn why_untried(clause: &ClauseVerdict, report: &TrialReport) -> Option<String> {
    let mut findings = report.findings.iter();
    findings.find_map(|finding| match &finding.state {
        judge::State::Untried { why } if finding.clause == clause.clause => Some(why.clone()),
        _ => None,
    })
}

/// The clauses on which a trial's logs differ, with what each log says; where they come to another
/// verdict and no clause shows it, the trial itself.
fn of_trial<'a>(row: &Row<'a>) -> Vec<(Option<ClauseId>, Vec<Option<State<'a>>>)> {
    let run: Vec<(usize, &TrialReport)> = row.run().collect();
    let verdicts: BTreeSet<Verdict> = run.iter().map(|(_, report)| report.verdict).collect();
    let went_wrong =
        |verdict: &Verdict| matches!(verdict, Verdict::AdapterError | Verdict::HarnessError);
    let spread = |state: &dyn Fn(&'a TrialReport) -> State<'a>| {
        let mut states: Vec<Option<State<'a>>> = row.reports.iter().map(|_| None).collect();
        for (place, report) in row.run() {
            states[place] = Some(state(report));
        }
        states
    };
    let mut found = Vec::new();
    // Nothing was judged there.
    if !verdicts.iter().any(went_wrong) {
        let clauses = run.iter().flat_map(|(_, report)| &report.clauses);
        let ids: BTreeSet<&ClauseId> = clauses.map(|clause| &clause.clause).collect();
        for id in ids {
            let states = spread(&|report: &'a TrialReport| {
                let mut clauses = report.clauses.iter();
                let clause = clauses.find(|clause| clause.clause == *id);
                clause.map_or(State::Unlisted, |clause| State::Clause(clause, report))
            });
            if differ(&states) {
                found.push((Some(id.clone()), states));
            }
        }
    }
    if found.is_empty() && verdicts.len() > 1 {
        found.push((None, spread(&State::Trial)));
    }
    found
}

/// Whether the logs that say anything say something else, or tell of another break.
fn differ(states: &[Option<State<'_>>]) -> bool {
    let saying: Vec<&State<'_>> = states.iter().flatten().filter(|s| s.says()).collect();
    let voices: BTreeSet<_> = saying.iter().map(|s| voice(s.verdict())).collect();
    // A break that a race kept from showing differs from none.
    let breaks = saying.iter().map(|state| state.likeness().1);
    let breaks: BTreeSet<_> = breaks.filter(|looks| !looks.is_empty()).collect();
    voices.len() > 1 || breaks.len() > 1
}
