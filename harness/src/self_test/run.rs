//! Draws cases, runs each, and looks for the smallest case of each mistake.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::drawn::Drawn;
use super::fault::{Fault, Mistake, reasons};
use crate::case::Case;
use crate::corpus::{self, CaseFile, CaseFolder, Divergences, TrialFilter};
use crate::generate::Tally;
use crate::judge::TrialReport;
use crate::os::platform;
use crate::plan::DRAWN;
use crate::proof::each;
use crate::runner::{self, Options, Session, Subject, Trial};

/// The most permutations of one case that run on each backend.
const POINTS: usize = 3;

/// How long the search for the smallest case of one mistake may take.
const BUDGET: Duration = Duration::from_secs(60);

/// The most mistakes for which the smallest case is searched. The others are shown as drawn.
const SEARCHED: usize = 6;

/// How often a simpler case is run before it counts as right.
const REPEATS: usize = 2;

/// What to draw.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SelfTestOptions {
    pub(crate) cases: u64,
    pub(crate) seed: u64,
}

/// Where to run.
pub(crate) struct TestGround<'a> {
    pub(crate) folder: &'a CaseFolder,
    pub(crate) subjects: &'a [Subject],
    /// The known divergences. Those of drawn cases aren't the harness's fault.
    pub(crate) divergences: &'a Divergences,
    pub(crate) options: &'a Options,
    pub(crate) session: &'a Session,
}

/// The result of a self-test.
#[derive(Debug, Default)]
pub(crate) struct SelfTest {
    pub(crate) faults: Vec<Fault>,
    /// The number of trials with each verdict, for each backend.
    pub(crate) verdicts: BTreeMap<String, BTreeMap<&'static str, u64>>,
    pub(crate) drawn: Tally,
    /// Whether the user interrupted it. Then it is about the cases that had run.
    pub(crate) interrupted: bool,
}

/// Draws cases and runs them, until they are done or the user interrupts.
pub(crate) fn run(what: SelfTestOptions, ground: &TestGround<'_>) -> SelfTest {
    let numbers: Vec<u64> = (0..what.cases).collect();
    let result = Mutex::new(SelfTest::default());
    let done = each(&numbers, ground.options.jobs, |number| {
        let drawn = Drawn::new(what.seed, *number);
        let (case, text) = drawn.case();
        let shown = ground.shown(*number, &text)?;
        let mut mistakes: Vec<(Mistake, TrialReport)> = Vec::new();
        for report in &shown {
            let found = Mistake::of(report).filter(|mistake| {
                let mut others = mistakes.iter();
                others.all(|(other, _)| !other.is_like(mistake))
            });
            mistakes.extend(found.map(|mistake| (mistake, report.clone())));
        }
        let mut whole = result.lock().unwrap_or_else(PoisonError::into_inner);
        whole.count(&case, &shown);
        let is_searched = whole.faults.len() < SEARCHED;
        drop(whole);
        for (mistake, report) in mistakes {
            let fault = Fault {
                number: *number,
                trial: report.name.to_string(),
                reasons: reasons(&report),
                text: text.clone(),
                mistake,
            };
            let fault = match is_searched {
                true => ground.smallest(Drawn::new(what.seed, *number), fault)?,
                false => fault,
            };
            let mut whole = result.lock().unwrap_or_else(PoisonError::into_inner);
            whole.faults.push(fault);
        }
        Some(())
    });
    let mut result = result.into_inner().unwrap_or_else(PoisonError::into_inner);
    result.faults.sort_by_key(|fault| fault.number);
    result.interrupted = done.is_none();
    result
}

impl SelfTest {
    fn count(&mut self, case: &Case, reports: &[TrialReport]) {
        self.drawn.add(case);
        for report in reports {
            let backend = self.verdicts.entry(report.name.backend.to_string());
            *backend.or_default().entry(word(report)).or_default() += 1;
        }
    }
}

fn word(report: &TrialReport) -> &'static str {
    match report.too_slow {
        true => "too slow",
        false => report.verdict.word(),
    }
}

impl TestGround<'_> {
    /// Runs a case on each backend, and returns the reports. Returns `None` if interrupted.
    fn shown(&self, number: u64, text: &str) -> Option<Vec<TrialReport>> {
        let trials = self.trials(number, text);
        let trials = trials.iter();
        trials
            .map(|trial| runner::attempt(trial, self.options, self.session))
            .collect()
    }

    /// Returns the trials of a case. A case with mistakes, which the generator never makes, has none.
    fn trials(&self, number: u64, text: &str) -> Vec<Trial> {
        self.trials_on(self.subjects, number, text)
    }

    /// Returns the trials of a case on these backends.
    pub(super) fn trials_on(&self, subjects: &[Subject], number: u64, text: &str) -> Vec<Trial> {
        let status = |clause: &str| self.folder.status(clause);
        let name = format!("{DRAWN}{number}");
        let Ok(mut file) = CaseFile::generated(name, text, &status) else {
            return Vec::new();
        };
        let all = file.permutations.len();
        if all > POINTS {
            // The number determines which points of a sweep run.
            let first = number as usize % all;
            let points = (0..POINTS).map(|n| (first + n * all.div_ceil(POINTS)) % all);
            file.permutations = points.map(|n| file.permutations[n].clone()).collect();
        }
        let goldens = BTreeMap::new();
        let filter = TrialFilter {
            patterns: vec![file.name.clone()],
            exact: false,
        };
        let platform = platform::current();
        let mut trials = corpus::trials(&[file], subjects, &goldens, platform.system, &filter);
        self.divergences.assign(&mut trials, platform);
        trials
    }

    /// Returns the fault with the smallest case that shows the same mistake. Returns `None` if interrupted.
    fn smallest(&self, mut drawn: Drawn, mut fault: Fault) -> Option<Fault> {
        let began = Instant::now();
        let mut goes_on = drawn.simplify();
        while goes_on && began.elapsed() < BUDGET {
            let (_, text) = drawn.case();
            let shows = match text == fault.text {
                true => true,
                false => match self.shows(&fault, &text)? {
                    Some(report) => {
                        fault.trial = report.name.to_string();
                        fault.reasons = reasons(&report);
                        fault.text = text;
                        true
                    }
                    None => false,
                },
            };
            goes_on = match shows {
                true => drawn.simplify(),
                false => drawn.complicate(),
            };
        }
        Some(fault)
    }

    /// Returns a report in which the case shows the same mistake, if one does. The outer `None` means
    /// interrupted.
    fn shows(&self, fault: &Fault, text: &str) -> Option<Option<TrialReport>> {
        let trials = self.trials(fault.number, text);
        let trials = trials
            .iter()
            .filter(|trial| trial.name.backend == fault.mistake.backend);
        for trial in trials.cycle().take(REPEATS * POINTS) {
            let report = runner::attempt(trial, self.options, self.session)?;
            if Mistake::of(&report).is_some_and(|mistake| mistake.is_like(&fault.mistake)) {
                return Some(Some(report));
            }
        }
        Some(None)
    }
}
