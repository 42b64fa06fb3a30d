//! The tests of `cargo test`: each is a case on a backend, with all its permutations.

use std::cell::Cell;
use std::fmt::Write as _;
use std::panic::{self, UnwindSafe};
use std::path::{MAIN_SEPARATOR_STR, Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once, OnceLock};

use libtest_mimic::{Arguments, Completion, Failed, Trial as Test};

use super::variables::{CI_VARIABLE, PERMUTATIONS_VARIABLE};
use test_log::TestLog;

use crate::adapter::{Adapter, files};
use crate::corpus::{self, CaseFolder, CaseFolderError, TrialFilter};
use crate::judge::golden::Golden;
use crate::judge::{TrialReport, Verdict};
use crate::os::invocation::invocation;
use crate::os::platform;
use crate::os::supervisor::Program;
use crate::peer;
use crate::printable::{indented, line};
use crate::registry::Registry;
use crate::report::{Again, Sources, page};
use crate::runner::{self, NotRun, Options, Session, SessionError, Subject, Trial};

mod test_log;

/// The cases on some backends, as tests.
pub struct Suite {
    registry: Registry,
    pending: PendingGolden,
}

/// Called with a golden's file and its new text if a reference backend kept every promise of a case,
/// but its transcript differs from the reviewed golden.
pub type PendingGolden = fn(path: PathBuf, text: &str);

impl Suite {
    /// Returns the cases on these backends.
    pub fn new(registry: Registry) -> Suite {
        Suite {
            registry,
            pending: |_, _| {},
        }
    }

    /// Offers new transcripts of the reference backends for review by this function. Transcripts of
    /// other backends, or of runs that broke a promise, are never offered.
    pub fn pending(self, pending: PendingGolden) -> Suite {
        Suite { pending, ..self }
    }

    /// Runs the tests that the arguments of `cargo test` ask for. In a process that a trial started,
    /// runs that process's role instead, and exits.
    pub fn main(self) -> ExitCode {
        peer::hook(&self.registry);
        let mut arguments = Arguments::from_args();
        arguments.test_threads.get_or_insert_with(runner::jobs_here);
        match self.tests(&arguments) {
            Ok((tests, run)) => {
                let conclusion = libtest_mimic::run(&arguments, tests);
                match run.inconclusive() {
                    Some(why) if !conclusion.has_failed() => {
                        print_error(&why);
                        crate::event::ExitCode::Inconclusive.into()
                    }
                    _ => conclusion.exit_code(),
                }
            }
            Err(error) => {
                print_error(&error.to_string());
                error.code.into()
            }
        }
    }

    fn tests(
        &self,
        arguments: &Arguments,
    ) -> Result<(Vec<Test>, Arc<SuiteContext>), CaseFolderError> {
        let folder = CaseFolder::open(None)?;
        let (cases, faults) = folder.cases();
        let goldens = folder.goldens(&cases)?;
        let options = options(&folder)?;
        let session = OnceLock::new();
        let builtin = self.registry.iter().cloned().map(Subject::from);
        let adapters = files::read(folder.root_folder.root()).map_err(|what| CaseFolderError {
            code: crate::event::ExitCode::Usage,
            what,
        })?;
        let mut subjects: Vec<Subject> = builtin.collect();
        for adapter in adapters {
            if !may_be_asked_for(&adapter, arguments) {
                continue;
            }
            let session = started(&session, &options)?;
            let columns = session.introduce(&Arc::new(adapter));
            subjects.extend(columns.into_iter().map(Subject::from));
        }
        let alone = std::env::var_os(PERMUTATIONS_VARIABLE).is_some();
        let platform = platform::current();
        let filter = TrialFilter::default();
        let mut trials = corpus::trials(&cases, &subjects, &goldens, platform.system, &filter);
        let divergences = folder.divergences(&cases, &self.registry, &subjects);
        divergences.assign(&mut trials, platform);
        let run = Arc::new(SuiteContext {
            session,
            options,
            sources: Sources {
                divergences: divergences.texts().clone(),
                again: Again::tests(&invocation(), alone.then_some(PERMUTATIONS_VARIABLE)),
                ..Sources::of(&folder, &cases)
            },
            pending: self.pending,
            judged: AtomicUsize::new(0),
            too_slow: AtomicUsize::new(0),
        });
        let faulty = faults.into_iter().chain(divergences.rejected).map(|fault| {
            let name = fault.path.display().to_string();
            let name = name.replace(MAIN_SEPARATOR_STR, "/");
            Test::test(name, move || Err(fault.render(false).into()))
        });
        let groups = trials.chunk_by(|a, b| !alone && a.name.case == b.name.case);
        // The trials of a case are ordered by permutation; a test needs those of one backend.
        let mut tests: Vec<Test> = faulty.collect();
        for group in groups {
            let mut by_backend: Vec<Vec<Trial>> = Vec::new();
            for trial in group {
                let same = |of: &&mut Vec<Trial>| of[0].name.backend == trial.name.backend;
                match by_backend.iter_mut().find(same) {
                    Some(trials) => trials.push(trial.clone()),
                    None => by_backend.push(vec![trial.clone()]),
                }
            }
            for trials in by_backend {
                let golden = (!alone).then(|| folder.root_folder.golden(&trials[0].name.case));
                tests.push(test(trials, golden, Arc::clone(&run)));
            }
        }
        Ok((tests, run))
    }
}

/// Returns whether the arguments can ask for a test on one of the adapter's backends. A runner that
/// starts a process for each test then starts only the adapter that the test needs. An adapter that
/// takes no part by default is asked for by the whole name of one of its backends.
fn may_be_asked_for(adapter: &Adapter, arguments: &Arguments) -> bool {
    let Some((_, backend)) = arguments
        .filter
        .as_deref()
        .and_then(|name| name.rsplit_once('@'))
    else {
        return adapter.is_default();
    };
    adapter.columns_by_name().any(|key| {
        let key = key.to_string();
        adapter.is_default() && key.starts_with(backend) || backend.starts_with(&key)
    })
}

/// Returns the session, and starts it on the first call.
fn started<'a>(
    session: &'a OnceLock<Result<Session, SessionError>>,
    options: &Options,
) -> Result<&'a Session, CaseFolderError> {
    let session = session.get_or_init(|| Session::start(&options.program));
    session.as_ref().map_err(|error| CaseFolderError {
        code: crate::event::ExitCode::Harness,
        what: error.to_string(),
    })
}

/// What all tests share.
struct SuiteContext {
    session: OnceLock<Result<Session, SessionError>>,
    options: Options,
    sources: Sources,
    pending: PendingGolden,
    /// How many trials were run and judged.
    judged: AtomicUsize,
    /// How many trials the machine was too slow for.
    too_slow: AtomicUsize,
}

/// The largest part of the trials that the machine may be too slow for: one in this number.
const MOST_TOO_SLOW: usize = 50;

fn options(folder: &CaseFolder) -> Result<Options, CaseFolderError> {
    let program = Program::current().map_err(|error| CaseFolderError {
        code: crate::event::ExitCode::Harness,
        what: format!("can't find this executable: {error}"),
    })?;
    Ok(Options::new(program, Arc::clone(&folder.catalogue)))
}

/// Returns the test of these trials, which are of one case on one backend. `golden` is the golden's
/// file if they are all of the case's permutations.
fn test(trials: Vec<Trial>, golden: Option<PathBuf>, run: Arc<SuiteContext>) -> Test {
    let name = &trials[0].name;
    let name = match golden {
        Some(_) => format!("{}@{}", name.case, name.backend),
        None => name.to_string(),
    };
    let not_run: Vec<NotRun> = trials
        .iter()
        .filter_map(|trial| trial.runnable.clone().err())
        .collect();
    if let Some(NotRun { why, .. }) = not_run.iter().find(|not_run| is_failure(not_run)).cloned() {
        return Test::test(name.clone(), move || {
            run.record(&name, &trials)?;
            Err(indented(&why).into())
        });
    }
    // Every runner shows a test's name, but not every one shows a reason. Those that the machine was too
    // slow for are counted.
    if not_run.len() == trials.len() && not_run.iter().all(|not_run| !not_run.too_slow) {
        let why = line(not_run[0].why.lines().next().unwrap_or_default());
        let named = format!("{name} ({why})");
        let test = Test::test(named, move || run.record(&name, &trials));
        return test.with_ignored_flag(true);
    }
    Test::ignorable_test(name.clone(), move || {
        run.judge(&name, &trials, golden.as_deref())
    })
}

/// Returns whether a trial that can't run is a failure: if the adapter is the cause or the machine lacks
/// something other than time, and with [`CI_VARIABLE`] also if the backend is unavailable.
fn is_failure(not_run: &NotRun) -> bool {
    match not_run.verdict {
        Verdict::NotApplicable => false,
        Verdict::Unavailable => std::env::var_os(CI_VARIABLE).is_some(),
        _ => !not_run.too_slow,
    }
}

impl SuiteContext {
    /// Runs and judges the trials of this test. It is ignored if the machine was too slow for one of
    /// them and nothing else is wrong.
    fn judge(
        &self,
        name: &str,
        trials: &[Trial],
        golden: Option<&Path>,
    ) -> Result<Completion, Failed> {
        let session = started(&self.session, &self.options)
            .map_err(|error| Failed::from(error.to_string()))?;
        let mut test_log = TestLog::begin(name, trials, &self.options)?;
        let mut reports = Vec::new();
        for trial in trials {
            let report = runner::attempt(trial, &self.options, session);
            let report = report.ok_or_else(|| Failed::from("interrupted"))?;
            test_log.add(&report)?;
            if trial.runnable.is_ok() || report.too_slow {
                reports.push(report);
            }
        }
        test_log.end()?;
        let slow: Vec<&TrialReport> = reports.iter().filter(|report| report.too_slow).collect();
        let judged = reports.len() - slow.len();
        self.judged.fetch_add(judged, Ordering::Relaxed);
        self.too_slow.fetch_add(slow.len(), Ordering::Relaxed);
        let wrong: Vec<&TrialReport> = reports
            .iter()
            .filter(|report| !report.verdict.is_as_expected() && !report.too_slow)
            .collect();
        if wrong.is_empty() {
            return Ok(match slow.first() {
                None => Completion::Completed,
                Some(report) => {
                    Completion::ignored_with(line(report.why.as_deref().unwrap_or_default()))
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
        Err(text.into())
    }

    /// Returns why the tests say too little, if the machine was too slow for too many trials.
    fn inconclusive(&self) -> Option<String> {
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
    fn record(&self, name: &str, trials: &[Trial]) -> Result<(), Failed> {
        let mut test_log = TestLog::begin(name, trials, &self.options)?;
        for trial in trials {
            if let Err(not_run) = &trial.runnable {
                test_log.add(&not_run.report(trial.name.clone(), &trial.permutation))?;
            }
        }
        Ok(test_log.end()?)
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

fn print_error(what: &str) {
    use std::io::Write;
    // Without a standard error there is nowhere to report this.
    let _ = writeln!(std::io::stderr(), "{}", indented(what));
}
