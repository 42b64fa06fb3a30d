//! The tests of `cargo test`: each is a case on a backend, with all its permutations.

use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::path::{MAIN_SEPARATOR_STR, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, OnceLock};

use super::arguments::{Arguments, HELP};
use super::output;
use super::test::{Outcome, Test};
use super::test_run::run;
use super::variables::{CI_VARIABLE, PERMUTATIONS_VARIABLE};
pub use context::PendingGolden;
use context::{SuiteContext, started};

use crate::adapter::{Adapter, files};
use crate::corpus::{self, CaseFolder, CaseFolderError, TrialFilter};
use crate::event;
use crate::judge::Verdict;
use crate::os::invocation::invocation;
use crate::os::platform;
use crate::os::supervisor::Program;
use crate::peer;
use crate::printable::{indented, line};
use crate::registry::Registry;
use crate::report::{Again, Sources};
use crate::runner::{self, NotRun, Options, Subject, Trial};

mod context;
mod test_log;

/// The cases on some backends, as tests.
pub struct Suite {
    registry: Registry,
    pending: PendingGolden,
}

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
        self.run().unwrap_or_else(|error| {
            print_error(&error.what);
            error.code.into()
        })
    }

    fn run(&self) -> Result<ExitCode, CaseFolderError> {
        let mut arguments = arguments()?;
        arguments.threads = arguments.threads.or(NonZeroUsize::new(runner::jobs_here()));
        let out = output::standard(arguments.color);
        if arguments.helps {
            return match { out.0 }.write_all(HELP.as_bytes()) {
                Ok(()) => Ok(ExitCode::SUCCESS),
                Err(error) => Err(unprinted(&error)),
            };
        }
        let (tests, context) = self.tests(&arguments)?;
        let counts = run(&arguments, tests, out, || context.left_out());
        let counts = counts.map_err(|error| unprinted(&error))?;
        Ok(match context.inconclusive() {
            _ if counts.failed > 0 => FAILED.into(),
            Some(why) => {
                print_error(&why);
                event::ExitCode::Inconclusive.into()
            }
            None => ExitCode::SUCCESS,
        })
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
            code: event::ExitCode::Usage,
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
            properties: AtomicUsize::new(0),
            too_slow: AtomicUsize::new(0),
        });
        let faulty = faults.into_iter().chain(divergences.rejected).map(|fault| {
            let name = fault.path.display().to_string();
            let name = name.replace(MAIN_SEPARATOR_STR, "/");
            Test::new(name, move || Outcome::Failed(fault.render(false)))
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
    let mut whole = arguments.filters.iter().map(|name| name.rsplit_once('@'));
    if arguments.filters.is_empty() {
        return adapter.is_default();
    }
    whole.any(|named| {
        let Some((_, backend)) = named else {
            return adapter.is_default();
        };
        adapter.columns_by_name().any(|key| {
            let key = key.to_string();
            adapter.is_default() && key.starts_with(backend) || backend.starts_with(&key)
        })
    })
}

/// The exit code of a test program of which a test failed.
const FAILED: u8 = 101;

fn arguments() -> Result<Arguments, CaseFolderError> {
    let wrong = |what| CaseFolderError {
        code: event::ExitCode::Usage,
        what,
    };
    let words = std::env::args_os().skip(1);
    let words: Result<Vec<String>, _> = words.map(|word| word.into_string()).collect();
    let words = words.map_err(|word| wrong(format!("{} isn't Unicode", word.display())))?;
    Arguments::parse(words).map_err(wrong)
}

fn unprinted(error: &io::Error) -> CaseFolderError {
    CaseFolderError {
        code: event::ExitCode::Harness,
        what: format!("can't print the results: {error}"),
    }
}

fn options(folder: &CaseFolder) -> Result<Options, CaseFolderError> {
    let program = Program::current().map_err(|error| CaseFolderError {
        code: event::ExitCode::Harness,
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
        return Test::new(name.clone(), move || {
            ended(run.record(&name, &trials).and(Err(indented(&why))))
        });
    }
    // Every runner shows a test's name, but not every one shows a reason. Those that the machine was too
    // slow for are counted.
    if not_run.len() == trials.len() && not_run.iter().all(|not_run| !not_run.too_slow) {
        let why = line(not_run[0].why.lines().next().unwrap_or_default());
        let named = format!("{name} ({why})");
        let record = move || ended(run.record(&name, &trials).map(|()| Outcome::Passed));
        return Test::new(named, record).ignored();
    }
    Test::new(name.clone(), move || {
        ended(run.judge(&name, &trials, golden.as_deref()))
    })
}

fn ended(outcome: Result<Outcome, String>) -> Outcome {
    outcome.unwrap_or_else(Outcome::Failed)
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

fn print_error(what: &str) {
    // Without a standard error there is nowhere to report this.
    let _ = writeln!(io::stderr(), "{}", indented(what));
}
