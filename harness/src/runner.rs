//! Runs permutations on backends, and tells what came of each.
//!
//! The runner emits [`Event`]s, in the order of the trials whatever runs at once, and formats
//! nothing.

mod adapted;
mod adapters;
mod blocked;
mod collect;
mod coordination;
pub mod draw;
mod execute;
mod fault;
mod host;
pub mod interrupt;
mod outlook;
mod pace;
mod processes;
mod property;
mod session;
mod setup;
mod stops;
pub mod subject;
mod sweep;
mod watch;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use crate::adapter::Column;
use crate::backend::{Capabilities, Emulation};
use crate::case::expand::Property;
use crate::clause::catalogue::Catalogue;
use crate::event::{BackendInfo, Event, Footer, Header, VERSION};
use crate::history::History;
use crate::judge::divergence::Divergence;
use crate::judge::golden::Golden;
use crate::judge::verdict::Duties;
use crate::judge::{self, Standard, TrialName, TrialReport, Verdict};
use crate::os::supervisor::Program;
use crate::os::{clock, platform};
use crate::plan::Permutation;
use crate::runner::subject::Subject;

pub use fault::Fault;
pub use session::Session;

use outlook::Outlook;

/// How long nothing may move before a run counts as stalled.
///
/// A run that stalls is accused, so this is long. A process that only waits for a processor or a disk
/// counts as moving where the system tells; but nobody looks at backends' helpers, or on other systems
/// than Linux, and those may be kept waiting for seconds on a machine that swaps.
pub const STALL: Duration = Duration::from_secs(4);

/// How long that is here.
pub fn stall_here() -> Duration {
    STALL * slowness()
}

/// How many trials to run at once here. Most of the time a trial waits: for a process to start, for a
/// time limit that its case sets, for a stall to be told from slowness.
pub fn jobs_here() -> usize {
    4 * thread::available_parallelism().map_or(1, usize::from)
}

/// How many times as long as elsewhere everything may take here. All that programs do in Wine goes
/// through one server, where many mebibytes take seconds.
fn slowness() -> u32 {
    match platform::current().emulation {
        None => 1,
        Some(Emulation::Wine) => 4,
    }
}

/// How long nothing may move before a run is over in which nothing more is expected to: all that is
/// under way may stay so for ever, or waits for what does. Ending such a run early can hide a fault
/// and never accuses anybody, so this is short.
pub const QUIET: Duration = Duration::from_millis(300);

/// How long nothing may move where a reviewed divergence says that an operation hangs. What is
/// recorded accuses nobody any more; where it hangs no longer and is slower than this, that stays
/// unseen. Longer than any timed operation may be late, so that one that hangs is seen to.
pub const REVIEWED_STALL: Duration = Duration::from_millis(1500);

/// How to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// What delays follow from; 0 for none.
    pub seed: u64,
    /// How many trials run at once, at least one: [`jobs_here`].
    pub jobs: usize,
    /// The executable that processes execute; it must call [`crate::peer::hook`] first.
    pub program: Program,
    /// How long nothing may move before a run counts as stalled: [`stall_here`].
    pub stall: Duration,
    /// What clauses say, and whose promises they are.
    pub catalogue: Arc<Catalogue>,
}

impl Options {
    /// With what nobody has said otherwise: one trial at a time, and no delays.
    pub fn new(program: Program, catalogue: Arc<Catalogue>) -> Options {
        Options {
            seed: 0,
            jobs: 1,
            program,
            stall: stall_here(),
            catalogue,
        }
    }
}

/// One permutation on one backend.
#[derive(Clone)]
pub struct Trial {
    /// Its name.
    pub name: TrialName,
    /// What is to be done.
    pub permutation: Arc<Permutation>,
    /// On what.
    pub subject: Subject,
    /// What that declares on this system.
    pub capabilities: Capabilities,
    /// The case's golden, where there is one.
    pub golden: Option<Arc<Golden>>,
    /// The reviewed divergences that speak of it.
    pub divergences: Vec<Arc<Divergence>>,
    /// Whether there is to be one. A property has none, since every run of it is another, and a
    /// case file outside the corpus has none either.
    pub is_reviewed: bool,
    /// What is drawn for each of many runs, where the case is a property.
    pub property: Option<Arc<Property>>,
    /// Why it can't be run, if so.
    pub runnable: Result<(), NotRun>,
}

/// Why a trial isn't run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRun {
    /// Not applicable, or unavailable.
    pub verdict: Verdict,
    /// Why, for people.
    pub why: String,
}

impl fmt::Debug for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trial({})", self.name)
    }
}

/// Why nothing could be run at all.
#[derive(Debug, thiserror::Error)]
#[error("the harness can't start: {what}")]
pub struct RunError {
    what: &'static str,
    #[source]
    source: io::Error,
}

/// Runs trials, and emits a header, an event when each starts and when each is done, and a footer.
///
/// # Errors
/// Where the harness can't start its guard, or make its folder.
pub fn run(
    trials: &[Trial],
    options: &Options,
    sink: &mut dyn FnMut(Event),
) -> Result<Footer, RunError> {
    let session = Session::start(&options.program)?;
    Ok(run_in(&session, trials, options, sink))
}

/// The same, in a session that is there already.
pub fn run_in(
    session: &Session,
    trials: &[Trial],
    options: &Options,
    sink: &mut dyn FnMut(Event),
) -> Footer {
    let began = clock::now();
    sink(Event::Header(header(trials, options)));
    let mut footer = Footer::default();
    let (done, finished) = channel();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..options.jobs.clamp(1, trials.len().max(1)) {
            let done = done.clone();
            scope.spawn(|| work(trials, options, session, &next, done));
        }
        drop(done);
        let mut waiting: Vec<Option<Outcome>> = trials.iter().map(|_| None).collect();
        let mut shown = 0;
        for (number, outcome) in finished {
            waiting[number] = Some(outcome);
            while let Some(Outcome::Judged(report)) =
                waiting.get_mut(shown).and_then(|outcome| outcome.take())
            {
                sink(Event::Started {
                    name: report.name.clone(),
                });
                footer.count(report.verdict);
                footer.waited += report.waited;
                sink(Event::Finished(report));
                shown += 1;
            }
        }
    });
    footer.interrupted = interrupt::requested();
    footer.elapsed = clock::now() - began;
    sink(Event::Footer(footer.clone()));
    footer
}

enum Outcome {
    Judged(Box<TrialReport>),
    Interrupted,
}

fn work(
    trials: &[Trial],
    options: &Options,
    session: &Session,
    next: &AtomicUsize,
    done: Sender<(usize, Outcome)>,
) {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let Some(trial) = trials.get(number) else {
            return;
        };
        let outcome = match attempt(trial, options, session) {
            Some(report) if !interrupt::requested() => Outcome::Judged(Box::new(report)),
            _ => Outcome::Interrupted,
        };
        let stop = matches!(outcome, Outcome::Interrupted);
        if done.send((number, outcome)).is_err() || stop {
            return;
        }
    }
}

/// Runs and judges one trial; none where it was interrupted.
pub fn attempt(trial: &Trial, options: &Options, session: &Session) -> Option<TrialReport> {
    let not_run =
        |verdict, why| judge::not_run(trial.name.clone(), &trial.permutation, verdict, why);
    if let Err(NotRun { verdict, why }) = &trial.runnable {
        return Some(not_run(*verdict, why.clone()));
    }
    match &trial.property {
        Some(property) => property::attempt(trial, property, options, session),
        None => once(trial, options, session),
    }
}

/// Runs and judges one permutation once.
fn once(trial: &Trial, options: &Options, session: &Session) -> Option<TrialReport> {
    let not_run =
        |verdict, why| judge::not_run(trial.name.clone(), &trial.permutation, verdict, why);
    let began = clock::now();
    match observe(trial, options, session) {
        Ok(history) => Some(judge::judge(
            trial.name.clone(),
            &trial.permutation,
            &history,
            Standard {
                capabilities: &trial.capabilities,
                duties: Duties {
                    catalogue: &options.catalogue,
                    is_reference: trial.subject.is_reference(),
                    divergences: &trial.divergences,
                },
                golden: trial.golden.as_deref(),
                is_reviewed: trial.is_reviewed,
            },
            clock::now() - began,
        )),
        Err(Fault::Interrupted) => None,
        Err(Fault::Unsupported(why)) => Some(not_run(Verdict::NotApplicable, why)),
        Err(Fault::Adapter(why)) => Some(not_run(Verdict::AdapterError, why)),
        Err(Fault::Trouble(why)) => Some(not_run(Verdict::HarnessError, why)),
    }
}

/// Runs a trial and judges nothing.
///
/// # Errors
/// What kept it from being run: see [`Fault`].
pub fn observe(trial: &Trial, options: &Options, session: &Session) -> Result<History, Fault> {
    let mut plan = trial.permutation.plan.clone();
    plan.seed = options.seed;
    let stall = stall(trial, options);
    let outlook = Outlook::of(&trial.permutation);
    let history = match &trial.subject {
        Subject::Backend(backend) => {
            execute::execute(&plan, outlook, backend, session, options, stall)
        }
        Subject::Adapted(column) => {
            adapted::execute(&plan, outlook, column, session, options, stall)
        }
    }?;
    let exits = history.processes.iter().filter_map(|process| process.exit);
    if interrupt::is_behind(exits) {
        return Err(Fault::Interrupted);
    }
    Ok(history)
}

fn stall(trial: &Trial, options: &Options) -> Duration {
    let mut reviewed = trial.divergences.iter();
    if reviewed.any(|divergence| divergence.is_hang()) {
        options.stall.min(REVIEWED_STALL)
    } else {
        options.stall
    }
}

/// Runs a permutation on an adapter's column and judges nothing.
///
/// # Errors
/// What kept it from being run: see [`Fault`].
pub fn host(
    permutation: &Permutation,
    column: &Column,
    options: &Options,
    session: &Session,
) -> Result<History, Fault> {
    let outlook = Outlook::of(permutation);
    let (plan, stall) = (&permutation.plan, options.stall);
    adapted::execute(plan, outlook, column, session, options, stall)
}

/// What is about to run, and on what.
pub fn header(trials: &[Trial], options: &Options) -> Header {
    let mut backends: Vec<BackendInfo> = Vec::new();
    for trial in trials {
        if backends.iter().all(|info| info.key != trial.name.backend) {
            backends.push(BackendInfo {
                key: trial.name.backend.clone(),
                about: trial.subject.about(),
                capabilities: trial.capabilities.clone(),
            });
        }
    }
    backends.sort_by(|a, b| a.key.cmp(&b.key));
    let platform = platform::current();
    Header {
        version: VERSION,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        system: platform.system,
        emulation: platform.emulation,
        architecture: std::env::consts::ARCH.to_owned(),
        seed: options.seed,
        jobs: options.jobs,
        trials: trials.len(),
        partition: None,
        backends,
    }
}
