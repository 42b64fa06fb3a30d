//! Runs a property: many runs with drawn values, then a search for the simplest values that break it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::draw::{Drawn, Draws};
use super::once::once;
use crate::case::Property;
use crate::clause::ClauseId;
use crate::judge::{self, ClauseVerdict, Instance, TrialReport, Verdict, verdict};
use crate::plan::Item;
use crate::runner::options::Options;
use crate::runner::session::Session;
use crate::runner::trial::Trial;

/// How often simpler values are run before they count as keeping the property. A break that shows in
/// three runs of ten is missed once in three times; then the result is a larger instance.
const REPEATS: usize = 3;

/// How long the search for simpler values may take.
const BUDGET: Duration = Duration::from_secs(30);

/// How often the simplest instance is run again, to show how reliably it breaks.
const CONFIRMATIONS: u64 = 5;

/// Runs the property as often as its case asks, or until it breaks. Returns none if the user
/// interrupted it.
pub(super) fn attempt(
    trial: &Trial,
    property: &Arc<Property>,
    options: &Options,
    session: &Session,
) -> Option<TrialReport> {
    let runs = PropertyRun {
        trial,
        property,
        options,
        session,
    };
    let mut draws = Draws::new(property, &trial.name.to_string(), options.seed);
    let mut all: Option<TrialReport> = None;
    for run in 1..=property.runs {
        let drawn = draws.draw();
        let report = runs.run(&drawn.values())?;
        match report.verdict {
            Verdict::Fail => return runs.narrow(drawn, report, run),
            Verdict::Unavailable
            | Verdict::AdapterError
            | Verdict::CaseError
            | Verdict::HarnessError => {
                return Some(report);
            }
            // The machine was too slow for one of the runs, so nothing can be said about all of them.
            _ if report.too_slow => return Some(report),
            _ => {
                all = Some(match all {
                    None => report,
                    Some(all) => merge(all, report),
                });
            }
        }
    }
    let nothing = || {
        let why = "the property asks for no runs".to_owned();
        judge::not_run(
            trial.name.clone(),
            &trial.permutation,
            Verdict::Unknown,
            why,
        )
    };
    Some(settle(all.unwrap_or_else(nothing)))
}

/// One property on one backend.
struct PropertyRun<'a> {
    trial: &'a Trial,
    property: &'a Property,
    options: &'a Options,
    session: &'a Session,
}

impl PropertyRun<'_> {
    /// Runs the property once with these values. Returns none if the user interrupted it.
    fn run(&self, values: &[Item]) -> Option<TrialReport> {
        let not_run = |verdict, why| {
            let name = self.trial.name.clone();
            Some(judge::not_run(name, &self.trial.permutation, verdict, why))
        };
        let permutation = match self.property.permutation(values) {
            Ok(permutation) => permutation,
            Err(wrong) => {
                let values: Vec<String> = values.iter().map(Item::to_string).collect();
                let wrong: Vec<&str> = wrong.iter().map(|one| one.message.as_str()).collect();
                let why = format!("no case with {}: {}", values.join(", "), wrong.join("; "));
                return not_run(Verdict::HarnessError, why);
            }
        };
        if let Some(why) = permutation.lacks(&self.trial.capabilities) {
            return not_run(Verdict::NotApplicable, why);
        }
        let trial = Trial {
            permutation: Arc::new(permutation),
            ..self.trial.clone()
        };
        once(&trial, self.options, self.session)
    }

    /// Returns the report of the simplest values that break the same clause.
    fn narrow(&self, mut drawn: Drawn, report: TrialReport, found: u64) -> Option<TrialReport> {
        let broken = report.clauses.iter().find(|c| c.verdict == Verdict::Fail);
        let Some(clause) = broken.map(|broken| broken.clause.clone()) else {
            return Some(report);
        };
        let (mut values, mut report) = (drawn.values(), report);
        let mut tried = BTreeMap::from([(values.clone(), true)]);
        let began = Instant::now();
        let mut goes_on = drawn.simplify();
        while goes_on && began.elapsed() < BUDGET {
            let simpler = drawn.values();
            let breaks = match tried.get(&simpler) {
                Some(breaks) => *breaks,
                None => {
                    let broke = self.breaks(&simpler, &clause)?;
                    let breaks = broke.is_some();
                    tried.insert(simpler.clone(), breaks);
                    if let Some(broke) = broke {
                        (values, report) = (simpler, broke);
                    }
                    breaks
                }
            };
            goes_on = if breaks {
                drawn.simplify()
            } else {
                drawn.complicate()
            };
        }
        let mut broke = 0;
        for _ in 0..CONFIRMATIONS {
            broke += u64::from(is_broken(&self.run(&values)?, &clause));
        }
        let seed = self.options.seed;
        let why = format!(
            "Found with seed {seed} on {}: breaks {clause}.",
            self.trial.name
        );
        report.instance = Some(Instance {
            text: self.property.instance(&values, &why),
            found,
            of: self.property.runs,
            broke,
            tried: CONFIRMATIONS,
        });
        Some(report)
    }

    /// Runs a few times with these values. Returns the report of a run in which the clause broke, if
    /// one did, and none if the user interrupted it.
    fn breaks(&self, values: &[Item], clause: &ClauseId) -> Option<Option<TrialReport>> {
        for _ in 0..REPEATS {
            let report = self.run(values)?;
            if is_broken(&report, clause) {
                return Some(Some(report));
            }
        }
        Some(None)
    }
}

fn is_broken(report: &TrialReport, clause: &ClauseId) -> bool {
    let mut clauses = report.clauses.iter();
    clauses.any(|one| one.clause == *clause && one.verdict == Verdict::Fail)
}

/// Merges the reports of two runs. One of them may show what the other can't.
fn merge(mut all: TrialReport, more: TrialReport) -> TrialReport {
    for clause in more.clauses {
        match all
            .clauses
            .iter_mut()
            .find(|one| one.clause == clause.clause)
        {
            None => all.clauses.push(clause),
            Some(one) if weight(clause.verdict) > weight(one.verdict) => {
                *one = ClauseVerdict {
                    evidence: one.evidence + clause.evidence,
                    ..clause
                };
            }
            Some(one) => one.evidence += clause.evidence,
        }
    }
    all.failures.extend(more.failures);
    all.operations += more.operations;
    all.elapsed += more.elapsed;
    all.waited += more.waited;
    all
}

/// Returns the weight of a verdict for the same clause in several runs. A divergence shows in some runs
/// only, and outweighs the others.
fn weight(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Pass => 1,
        Verdict::UnexpectedPass => 2,
        Verdict::Unpromised => 3,
        Verdict::Documented => 4,
        Verdict::Diverges => 5,
        _ => 0,
    }
}

/// Sets the verdict over all clauses of all runs.
fn settle(mut report: TrialReport) -> TrialReport {
    report.verdict = verdict::of_clauses(&report.clauses).unwrap_or(report.verdict);
    match report.verdict {
        Verdict::Pass => report.why = None,
        Verdict::Documented | Verdict::Diverges => {
            report.why = Some(judge::reviewed_breaks(&report.clauses))
        }
        _ => {}
    }
    // A pass is unexpected only if the clause held in every run. Every run has added a page for it.
    let mut shown = Vec::new();
    report.failures.retain(|page| {
        let of_page = |one: &&ClauseVerdict| Some(&one.clause) == page.clause.as_ref();
        let held = report.clauses.iter().find(of_page);
        let is_unexpected = held.is_some_and(|one| one.verdict == Verdict::UnexpectedPass);
        let is_first = !shown.contains(&page.clause);
        shown.push(page.clause.clone());
        is_unexpected && is_first
    });
    // These are of one run, and every run has others.
    report.run = None;
    report.transcript.clear();
    report.stdout.clear();
    report
}
