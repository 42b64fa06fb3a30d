//! Runs and judges the trials of one test.

use std::cell::Cell;
use std::fmt::Write as _;
use std::panic::{self, UnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Once, OnceLock};

use super::test_log::TestLog;
use crate::corpus::CaseFolderError;
use crate::event;
use crate::judge::golden::Golden;
use crate::judge::{TrialReport, Verdict};
use crate::printable::{indented, line};
use crate::report::{Sources, counted, page};
use crate::runner::{self, Options, Session, SessionError, Trial};
use crate::testing::test::Outcome;

/// Called with a golden's file and its new text if a reference backend kept every promise of a case,
/// but its transcript differs from the reviewed golden.
pub type PendingGolden = fn(path: PathBuf, text: &str);

/// What all tests share.
pub(super) struct SuiteContext {
    pub(super) session: OnceLock<Result<Session, SessionError>>,
    pub(super) options: Options,
    pub(super) sources: Sources,
    pub(super) pending: PendingGolden,
    /// How many trials were run and judged.
    pub(super) judged: AtomicUsize,
    /// How many of them were properties.
    pub(super) properties: AtomicUsize,
    /// How many trials the machine was too slow for.
    pub(super) too_slow: AtomicUsize,
}

/// The largest part of the trials that the machine may be too slow for: one in this number.
const MOST_TOO_SLOW: usize = 50;

/// Returns the session, and starts it on the first call.
pub(super) fn started<'a>(
    session: &'a OnceLock<Result<Session, SessionError>>,
    options: &Options,
) -> Result<&'a Session, CaseFolderError> {
    let session = session.get_or_init(|| Session::start(&options.program));
    session.as_ref().map_err(|error| CaseFolderError {
        code: event::ExitCode::Harness,
        what: error.to_string(),
    })
}

impl SuiteContext {
    /// Runs and judges the trials of this test. It is ignored if the machine was too slow for one of
    /// them and nothing else is wrong.
    pub(super) fn judge(
        &self,
        name: &str,
        trials: &[Trial],
        golden: Option<&Path>,
    ) -> Result<Outcome, String> {
        let session = started(&self.session, &self.options).map_err(|error| error.to_string())?;
        let mut test_log = TestLog::begin(name, trials, &self.options)?;
        let mut reports = Vec::new();
        for trial in trials {
            let report = runner::attempt(trial, &self.options, session);
            let report = report.ok_or("interrupted")?;
            test_log.add(&report)?;
            if trial.runnable.is_ok() || report.too_slow {
                reports.push(report);
            }
        }
        test_log.end()?;
        let slow: Vec<&TrialReport> = reports.iter().filter(|report| report.too_slow).collect();
        let judged = reports.len() - slow.len();
        self.judged.fetch_add(judged, Ordering::Relaxed);
        let properties = trials
            .iter()
            .filter(|trial| trial.property.is_some())
            .count();
        self.properties.fetch_add(properties, Ordering::Relaxed);
        self.too_slow.fetch_add(slow.len(), Ordering::Relaxed);
        let wrong: Vec<&TrialReport> = reports
            .iter()
            .filter(|report| !report.verdict.is_as_expected() && !report.too_slow)
            .collect();
        if wrong.is_empty() {
            return Ok(match slow.first() {
                None => Outcome::Passed,
                Some(report) => {
                    let why = line(report.why.as_deref().unwrap_or_default());
                    Outcome::Ignored(Some(why.into_owned()))
                }
            });
        }
        let mut text = String::new();
        let is_reference = trials[0].subject.is_reference();
        let may_offer = is_reference && wrong.iter().all(|report| is_only_unreviewed(report));
        let offered = golden.filter(|_| may_offer);
        for report in &wrong {
            self.write(report, offered.is_none(), &mut text);
        }
        if let Some(path) = offered {
            let golden = updated(trials, &reports).to_string();
            let pending = self.pending;
            // It shows the difference and panics, as assertions do. The test fails in either case.
            quietly(|| pending(path.to_owned(), &golden));
            let news = if trials[0].golden.is_some() {
                "is not what it was"
            } else {
                "is new"
            };
            let _ = writeln!(
                text,
                "golden {} {news}, and nothing was found broken: look at it with \
                 `cargo insta review`, or take it as it is with `cargo insta accept`",
                path.display()
            );
        }
        Err(text)
    }

    /// Returns what this build of the crate left out of the tests that ran, if anything.
    pub(super) fn left_out(&self) -> Option<String> {
        let properties = self.properties.load(Ordering::Relaxed);
        let simplifies = runner::SIMPLIFIES || properties == 0;
        (!simplifies).then(|| {
            let properties = counted(properties, "property case");
            format!(
                "left out: {properties} ran with seeded values that a failure doesn't simplify; the \
                 feature `proptest` of ipc-conformance does that"
            )
        })
    }

    /// Returns why the tests say too little, if the machine was too slow for too many trials.
    pub(super) fn inconclusive(&self) -> Option<String> {
        let slow = self.too_slow.load(Ordering::Relaxed);
        let all = slow + self.judged.load(Ordering::Relaxed);
        (slow * MOST_TOO_SLOW > all).then(|| {
            format!(
                "inconclusive: the machine was too slow for {slow} of {all} trials; run the tests \
                 again when it is less busy"
            )
        })
    }

    /// Records why the trials of this test weren't run.
    pub(super) fn record(&self, name: &str, trials: &[Trial]) -> Result<(), String> {
        let mut test_log = TestLog::begin(name, trials, &self.options)?;
        for trial in trials {
            if let Err(not_run) = &trial.runnable {
                test_log.add(&not_run.report(trial.name.clone(), &trial.permutation))?;
            }
        }
        test_log.end()
    }

    /// Writes the report's pages. If it has none and `say_why`, writes the reason for its verdict.
    fn write(&self, report: &TrialReport, say_why: bool, text: &mut String) {
        for failure in &report.failures {
            let page = page::draw(report, failure, self.options.seed, &self.sources);
            let _ = writeln!(text, "{page}");
        }
        let why = report.why.as_ref().filter(|_| say_why);
        if let (true, Some(why)) = (report.failures.is_empty(), why) {
            let why = indented(why);
            let _ = writeln!(text, "{}: {}: {why}", report.name, report.verdict.word());
        }
    }
}

/// Calls `action`, which may panic. The panic prints nothing.
fn quietly(action: impl FnOnce() + UnwindSafe) {
    thread_local! {
        static IS_QUIET: Cell<bool> = const { Cell::new(false) };
    }
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |panicked| {
            if !IS_QUIET.get() {
                usual(panicked);
            }
        }));
    });
    IS_QUIET.set(true);
    let _ = panic::catch_unwind(action);
    IS_QUIET.set(false);
}

/// Returns whether every promise was kept and only the transcript isn't reviewed.
fn is_only_unreviewed(report: &TrialReport) -> bool {
    let is_well = |verdict| matches!(verdict, Verdict::Pass | Verdict::NotApplicable);
    report.verdict == Verdict::Unknown
        && report.clauses.iter().all(|clause| is_well(clause.verdict))
}

fn updated(trials: &[Trial], reports: &[TrialReport]) -> Golden {
    let permutations: Vec<String> = trials
        .iter()
        .map(|trial| trial.permutation.name())
        .collect();
    let runs: Vec<(String, String)> = reports
        .iter()
        .map(|report| (report.name.permutation.clone(), report.transcript.clone()))
        .collect();
    Golden::updated(trials[0].golden.as_deref(), &permutations, &runs)
}
