//! Runs many trials at once, and emits their events in order.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use super::attempt::attempt;
use super::interrupt;
use super::options::Options;
use super::session::{Session, SessionError};
use super::trial::Trial;
use crate::event::{BackendInfo, Event, Footer, Header, VERSION};
use crate::judge::TrialReport;
use crate::os::{clock, platform};

/// Runs trials in a new session. Emits a header, then an event when each trial starts and when it
/// finishes, then a footer.
///
/// # Errors
/// The harness can't start its guard, or can't make its folder.
pub fn run(
    trials: &[Trial],
    options: &Options,
    sink: &mut dyn FnMut(Event),
) -> Result<Footer, SessionError> {
    let session = Session::start(&options.program)?;
    Ok(run_in(&session, trials, options, sink))
}

/// Runs trials in a session, and emits the events of [`run`].
pub fn run_in(
    session: &Session,
    trials: &[Trial],
    options: &Options,
    sink: &mut dyn FnMut(Event),
) -> Footer {
    let began = clock::now();
    sink(Event::Header(header(trials, options)).printable());
    let mut footer = Footer::default();
    let (done, finished) = channel();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let at_once = options.jobs.min(session.runs_at_once());
        for worker in 0..at_once.clamp(1, trials.len().max(1)) {
            let done_there = done.clone();
            let run = || work(trials, options, session, &next, done_there);
            // If no more threads can be started, those that were do all the work.
            if thread::Builder::new().spawn_scoped(scope, run).is_err() {
                if worker == 0 {
                    work(trials, options, session, &next, done.clone());
                }
                break;
            }
        }
        drop(done);
        let mut waiting: Vec<Option<Box<TrialReport>>> = trials.iter().map(|_| None).collect();
        let mut shown = 0;
        for (number, report) in finished {
            waiting[number] = Some(report);
            while let Some(report) = waiting.get_mut(shown).and_then(Option::take) {
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

/// Runs one trial after another, until there are no more or one is interrupted.
fn work(
    trials: &[Trial],
    options: &Options,
    session: &Session,
    next: &AtomicUsize,
    done: Sender<(usize, Box<TrialReport>)>,
) {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let Some(trial) = trials.get(number) else {
            return;
        };
        match attempt(trial, options, session) {
            Some(report) if !interrupt::requested() => {
                if done.send((number, Box::new(report))).is_err() {
                    return;
                }
            }
            _ => return,
        }
    }
}

/// Returns the header of a run of these trials.
pub(crate) fn header(trials: &[Trial], options: &Options) -> Header {
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
        kernel: platform::kernel(),
        cores: platform::cores(),
        date: platform::date(),
        command: String::new(),
        rerun: None,
        seed: options.seed,
        jobs: options.jobs,
        trials: trials.len(),
        partition: None,
        backends,
    }
}
