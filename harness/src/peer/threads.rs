//! Sequences of steps at once, each on a thread of its own.
//!
//! While they run, the process itself does nothing, and when it goes on none of them is left: a peer
//! forks on the only thread that it has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::thread;

use super::desk::Desk;
use super::exposure::Exposure;
use super::interpreter::{Done, Thread};
use super::operation::Delays;
use crate::backend::{Attached, End, Failure};
use crate::os::supervisor::kernel::thread_name;
use crate::plan::{Step, flat, set_by};

/// What a panic exits with, on whichever thread.
const PANICKED: i32 = 101;

type Ends = BTreeMap<End, Attached>;

impl Thread<'_> {
    /// Runs all sequences, and goes on when all are done. What ends one of them ends the process.
    pub(super) fn threads(&mut self, sequences: &[Vec<Step>]) -> Done {
        let used: Vec<BTreeSet<End>> = sequences.iter().map(|steps| ends_of(steps)).collect();
        let ends = self
            .hand_out(&used)
            .map_err(|failure| format!("an end can't be shared between threads: {failure}"))?;
        let desk = self.desk.share()?;
        let (plan, backend, scope) = (&self.plan, &self.backend, &self.scope);
        let stdout = &self.stdout;
        let me = self.me;
        let left = thread::scope(|running| {
            let mut started = Vec::new();
            for ((number, steps), ends) in (1..).zip(sequences).zip(ends) {
                let thread = Thread {
                    desk: Desk::Shared(&desk),
                    stdout: Arc::clone(stdout),
                    plan: Arc::clone(plan),
                    me,
                    number,
                    backend: Arc::clone(backend),
                    ends,
                    scope: scope.clone(),
                    delays: Delays::of(plan.seed, me, number),
                    buffer: Vec::new(),
                    exposure: Exposure::none(),
                    unannounced: None,
                    whole: None,
                };
                let run = move || thread.run_to_its_end(steps);
                let builder = thread::Builder::new().name(thread_name(number));
                started.push(builder.spawn_scoped(running, run)?);
            }
            let ended = started.into_iter().map(|thread| {
                // One that panicked has ended the process.
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
            self.scope.take_over(thread.scope, &set_by(steps));
        }
        Ok(())
    }

    /// The ends that each thread is to use: one that only one of them does goes to it, of one that
    /// several do each gets a share.
    fn hand_out(&mut self, used: &[BTreeSet<End>]) -> Result<Vec<Ends>, Failure> {
        let mut handed = Vec::new();
        for ends in used {
            let mut own = Ends::new();
            for end in ends {
                let attached = match self.ends.get(end) {
                    Some(attached) if users(used, end) > 1 => Some(share(attached)?),
                    // Where it was closed before, the steps are told so.
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
            // The others may be waiting for what never comes now.
            Err(stop) => std::process::exit(self.code_of(stop)),
        }
    }
}

/// Ends the process where the thread panics, as it would if it were the only one.
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
            return Err(Failure::refused(
                "what a process has of an endpoint is one thread's",
            ));
        }
    })
}
