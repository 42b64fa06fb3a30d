//! The threads step: runs several sequences of steps, each on a thread of its own.
//!
//! The first thread only waits meanwhile, and joins all of them before the next step, because a peer
//! may fork only while it has a single thread.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::thread;

use super::delays::Delays;
use super::fault_trigger::FaultTrigger;
use super::log_and_link::LogAndLink;
use super::thread::{StepResult, Thread};
use crate::backend::{Attached, Failure};
use crate::os::supervisor::kernel::thread_name;
use crate::plan::{End, Step, flat, set_by};

/// The exit code after a panic on any thread.
const PANICKED: i32 = 101;

type Ends = BTreeMap<End, Attached>;

impl Thread<'_> {
    /// Runs all sequences and waits until all are done. If one of them exits, the process exits.
    pub(super) fn threads(&mut self, sequences: &[Vec<Step>]) -> StepResult {
        let used: Vec<BTreeSet<End>> = sequences.iter().map(|steps| ends_of(steps)).collect();
        let ends = self
            .hand_out(&used)
            .map_err(|failure| ("an end can't be shared between threads", failure))?;
        let shared = self.log_and_link.share()?;
        let (plan, backend, bindings) = (&self.plan, &self.backend, &self.bindings);
        let stdout = &self.stdout;
        let me = self.me;
        let left = thread::scope(|running| {
            let mut started = Vec::new();
            for ((number, steps), ends) in (1..).zip(sequences).zip(ends) {
                let thread = Thread {
                    log_and_link: LogAndLink::Shared(&shared),
                    stdout: Arc::clone(stdout),
                    plan: Arc::clone(plan),
                    me,
                    number,
                    backend: Arc::clone(backend),
                    ends,
                    bindings: bindings.clone(),
                    delays: Delays::of(plan.seed, me, number),
                    buffer: Vec::new(),
                    fault_trigger: FaultTrigger::none(),
                    unannounced: None,
                    resources: None,
                };
                let run = move || thread.run_to_its_end(steps);
                let builder = thread::Builder::new().name(thread_name(number));
                started.push(builder.spawn_scoped(running, run)?);
            }
            let ended = started.into_iter().map(|thread| {
                // A thread that panics has already ended the process.
                thread
                    .join()
                    .unwrap_or_else(|_| std::process::exit(PANICKED))
            });
            std::io::Result::Ok(ended.collect::<Vec<_>>())
        })?;
        for (thread, steps) in left.into_iter().zip(sequences) {
            let of_one = thread
                .ends
                .into_iter()
                .filter(|(end, _)| users(&used, end) == 1);
            self.ends.extend(of_one);
            self.bindings.take_over(thread.bindings, &set_by(steps));
        }
        Ok(())
    }

    /// Returns the ends for each thread. An end that one thread uses is moved to it; an end that
    /// several use is shared between them.
    fn hand_out(&mut self, used: &[BTreeSet<End>]) -> Result<Vec<Ends>, Failure> {
        let mut handed = Vec::new();
        for ends in used {
            let mut own = Ends::new();
            for end in ends {
                let attached = match self.ends.get(end) {
                    Some(attached) if users(used, end) > 1 => Some(share(attached)?),
                    // If the end was closed before, the steps see that.
                    _ => self.ends.remove(end),
                };
                own.extend(attached.map(|attached| (*end, attached)));
            }
            handed.push(own);
        }
        Ok(handed)
    }
}

impl<'p> Thread<'p> {
    fn run_to_its_end(mut self, steps: &[Step]) -> Thread<'p> {
        let _ends_the_process = OnPanic;
        match self.steps(steps) {
            Ok(()) => self,
            // The other threads may wait for something that can't happen any more.
            Err(halt) => std::process::exit(self.code_of(halt)),
        }
    }
}

/// Ends the process if its thread panics, as a panic on the only thread would.
struct OnPanic;

impl Drop for OnPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            std::process::exit(PANICKED);
        }
    }
}

fn ends_of(steps: &[Step]) -> BTreeSet<End> {
    let steps = flat(steps).into_iter();
    steps.flat_map(Step::ends).copied().collect()
}

fn users(used: &[BTreeSet<End>], end: &End) -> usize {
    used.iter().filter(|ends| ends.contains(end)).count()
}

fn share(end: &Attached) -> Result<Attached, Failure> {
    Ok(match end {
        Attached::Queue(end) => Attached::Queue(end.share()?),
        Attached::Pipe(end) => Attached::Pipe(end.share()?),
        Attached::Stream(end) => Attached::Stream(end.share()?),
        Attached::Endpoint(_) => {
            return Err(Failure::refused("several threads can't share an endpoint"));
        }
    })
}
