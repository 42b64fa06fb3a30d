//! The loop that serves one run, from the start of its processes until all of them are gone.
//!
//! Every round waits for messages, replies to threads whose wait is over, and brings about the
//! plan's fault. A look, about every 100 ms, checks whether the run still moves: a run that stalls, comes
//! to rest or passes its deadline is ended. The harness's own processes and those of an adapter
//! share this loop. They differ in how they implement [`Processes`].

use std::time::{Duration, Instant};

use crate::adapter::protocol::Ask;
use crate::history::rest::{LATENESS, Standing, is_rest};
use crate::history::{Delay, Ending, KernelView, Stop};
use crate::os::clock;
use crate::os::supervisor::{self, is_busy};
use crate::plan::{Plan, ProcessIndex};

mod blocked;
mod coordination;
mod interventions;
mod orders;
mod outlook;
mod pace;
mod processes;
mod stops;
mod sweep;

pub(super) use coordination::{EventReply, WaitingThread};
pub(super) use outlook::Outlook;
pub(super) use pace::Pace;
pub(super) use processes::{Notice, Processes};

use blocked::is_blocked_in;
use coordination::Coordination;
use interventions::Interventions;
use orders::{Deed, OrderedBy};
use sweep::Sweep;

/// How long the loop waits before it looks again at a process that it has told to stop.
const STOPPING: Duration = Duration::from_millis(1);

/// A run whose processes have been started, or are being started.
pub(super) struct RunLoop<'a, P> {
    plan: &'a Plan,
    outlook: Outlook,
    pace: Pace,
    processes: &'a mut P,
    coordination: Coordination,
    sweep: Sweep,
    interventions: Interventions,
}

/// How a run ended, and what the harness did to its processes.
#[derive(Debug)]
pub(super) struct RunEnd {
    pub(super) ending: Ending,
    pub(super) stops: Vec<Stop>,
    /// The times in which the machine kept processes from running.
    pub(super) delays: Vec<Delay>,
    /// For each process, whether a step or the plan's fault sent it a kill while it was alive. It may
    /// have exited by itself meanwhile.
    pub(super) killed: Vec<bool>,
    /// What the processes were doing when the harness ended the run, as the operating system sees
    /// it.
    pub(super) kernel: Vec<KernelView>,
}

impl<'a, P: Processes> RunLoop<'a, P> {
    pub(super) fn new(
        plan: &'a Plan,
        outlook: Outlook,
        pace: Pace,
        processes: &'a mut P,
    ) -> RunLoop<'a, P> {
        RunLoop {
            plan,
            outlook,
            pace,
            processes,
            coordination: Coordination::new(plan),
            sweep: Sweep::of(plan),
            interventions: Interventions::none(plan.processes.len()),
        }
    }

    /// Serves the processes until the run is over, or has to be ended.
    pub(super) fn run(mut self) -> Result<RunEnd, P::Error> {
        while !self.processes.is_over() {
            self.serve()?;
            if self.processes.is_over() || !self.pace.is_due() {
                continue;
            }
            self.pace.begin_look();
            if self.moves()? {
                self.pace.moves();
            }
            if self.pace.is_quiet()
                && let Some((process, waits)) = self.sweep.end()
            {
                self.end_pause(process, waits)?;
                continue;
            }
            if self.ending().is_none() {
                continue;
            }
            // On a busy machine the harness itself may not have heard yet what happened.
            self.serve_until(Instant::now())?;
            if self.processes.is_over() {
                continue;
            }
            let snapshot = self.processes.snapshot()?;
            if self.moves()? {
                self.pace.moves();
            }
            let Some(ending) = self.ending() else {
                continue;
            };
            return self.end(ending, snapshot);
        }
        Ok(self.ended(Ending::Completed, Vec::new()))
    }

    /// Waits for messages until the next look is due, takes them, and does all that is due.
    fn serve(&mut self) -> Result<(), P::Error> {
        self.serve_until(self.next_wake())
    }

    /// The same, up to another moment.
    fn serve_until(&mut self, wake: Instant) -> Result<(), P::Error> {
        if self.processes.wait(wake)? {
            self.pace.moves();
        }
        if self.pace.is_due() || self.is_looking_closely() {
            self.measure(wake);
        }
        self.take_notices()?;
        if self.processes.is_over() {
            return Ok(());
        }
        self.look_inside()?;
        let interventions = &mut self.interventions;
        if interventions.carry_out(self.processes, &mut self.sweep)? {
            self.pace.moves();
        }
        self.reply_to_waiting()
    }

    /// Returns how the run ends, if it has to.
    fn ending(&self) -> Option<Ending> {
        self.pace.ending(|| self.is_at_rest())
    }

    /// Ends the run, and waits until it is over.
    fn end(mut self, ending: Ending, snapshot: P::Snapshot) -> Result<RunEnd, P::Error> {
        let living: Vec<(ProcessIndex, u32)> = self.living().collect();
        let kernel = supervisor::kernel::views(&living);
        self.processes.end(ending, snapshot)?;
        while !self.processes.is_over() {
            self.processes.wait_for_end()?;
            self.take_notices()?;
        }
        Ok(self.ended(ending, kernel))
    }

    fn ended(mut self, ending: Ending, kernel: Vec<KernelView>) -> RunEnd {
        RunEnd {
            ending,
            stops: self.interventions.stops.take(),
            delays: self.pace.take_delays(),
            killed: self.interventions.killed,
            kernel,
        }
    }

    /// Whether an operation may have blocked that a thread or the plan's fault waits for.
    fn is_looking_closely(&self) -> bool {
        let now = clock::now();
        self.coordination.next_look(now).is_some() || self.sweep.next_look(now).is_some()
    }

    /// Notes how long the machine kept the processes from running. The harness meant to wake up when
    /// it was `planned`.
    fn measure(&mut self, planned: Instant) {
        let living = self.living();
        let running = living.filter(|(process, _)| !self.interventions.stops.is_stopped(*process));
        let mut processes: Vec<u32> = running.map(|(_, pid)| pid).collect();
        processes.extend(self.processes.others());
        self.pace.measure(planned, &processes);
    }

    /// When to look at the run next, or at an operation that may have blocked.
    fn next_wake(&self) -> Instant {
        let now = clock::now();
        let looks = [self.coordination.next_look(now), self.sweep.next_look(now)];
        let look = looks.into_iter().flatten().min();
        let look = look.map(|at| Instant::now() + Duration::from_nanos(at - now));
        let is_stopping = self.interventions.is_stopping();
        let stopped = is_stopping.then(|| Instant::now() + STOPPING);
        let looks = [look, stopped].into_iter().flatten();
        looks.fold(self.pace.next(), Instant::min)
    }

    fn take_notices(&mut self) -> Result<(), P::Error> {
        while let Some(notice) = self.processes.next_notice()? {
            self.take(notice)?;
        }
        Ok(())
    }

    fn take(&mut self, notice: Notice) -> Result<(), P::Error> {
        match notice {
            Notice::AllStarted => self.pace.all_started(),
            Notice::Gone(gone) => {
                self.interventions.stops.gone(gone);
                // Its children that it never started are gone with it.
                for process in 0..self.plan.processes.len() {
                    if self.processes.is_gone(process) {
                        self.coordination.gone(process);
                    }
                }
            }
            Notice::StepStarted(step) => self.coordination.started(step, clock::now()),
            Notice::StepDone(step) => self.coordination.done(step),
            Notice::FaultExposed => self.sweep.expose(clock::now()),
            Notice::FaultDue(process) => {
                let by = OrderedBy::Fault { waits: true };
                self.interventions.order(by, Deed::Pause, vec![process]);
            }
            Notice::Asked { by, what } => self.asked(by, what)?,
        }
        Ok(())
    }

    fn asked(&mut self, by: WaitingThread, what: Ask) -> Result<(), P::Error> {
        match what {
            Ask::Await(event) => self.coordination.await_event(by, event),
            Ask::Barrier(name) => {
                for waiting in self.coordination.barrier(by, &name) {
                    self.reply(waiting, EventReply::Happened);
                }
            }
            Ask::Kill(targets) => {
                self.interventions
                    .order(OrderedBy::Step(by), Deed::Kill, targets)
            }
            Ask::Terminate(targets) => {
                self.interventions
                    .order(OrderedBy::Step(by), Deed::Terminate, targets)
            }
            Ask::Pause(targets) => {
                self.interventions
                    .order(OrderedBy::Step(by), Deed::Pause, targets)
            }
            Ask::Signal { processes, signal } => {
                self.interventions
                    .order(OrderedBy::Step(by), Deed::Signal(signal), processes)
            }
            Ask::Resume(targets) => {
                let mut all = true;
                for target in targets {
                    all &= self.interventions.resume(self.processes, target)?;
                }
                self.reply(by, EventReply::of(all));
            }
        }
        Ok(())
    }

    /// Replies to threads whose wait is over.
    fn reply_to_waiting(&mut self) -> Result<(), P::Error> {
        let now = clock::now();
        // The fault comes first: what waits for the blocked operation may let it return.
        let exposed = self.sweep.exposed();
        let processes = &mut *self.processes;
        let pace = &mut self.pace;
        let replies = self.coordination.replies(now, |process, step| {
            if exposed == Some(process) {
                return Ok(false);
            }
            if processes.refresh(process)? {
                pace.moves();
            }
            let is_busy = || processes.pid(process).is_some_and(is_busy);
            let pending = processes.pending(process);
            let usable = |since| usable(since, now, pace);
            Ok::<_, P::Error>(is_blocked_in(step, pending, usable, is_busy))
        })?;
        for (waiting, reply) in replies {
            self.reply(waiting, reply);
        }
        Ok(())
    }

    /// Replies to a thread that waits, which goes on then.
    fn reply(&mut self, to: WaitingThread, reply: EventReply) {
        self.pace.moves();
        self.processes.reply(to, reply);
    }

    /// Brings about the plan's fault when it is due, or inside an operation that has been blocked for long
    /// enough.
    fn look_inside(&mut self) -> Result<(), P::Error> {
        let due = match self.sweep.exposed() {
            None => self.sweep.due(clock::now()),
            Some(process) => {
                let operations = self.processes.operations(process)?;
                let is_busy = || self.processes.pid(process).is_some_and(is_busy);
                let usable = |since| usable(since, clock::now(), &self.pace);
                let fault = self.sweep.inside(&operations, usable, is_busy);
                fault.map(|fault| (fault, process))
            }
        };
        if let Some((fault, process)) = due {
            let by = OrderedBy::Fault { waits: false };
            self.interventions.order(by, fault.into(), vec![process]);
        }
        Ok(())
    }

    /// Continues the process that the plan's fault stopped, because nothing else moves any more.
    fn end_pause(&mut self, process: ProcessIndex, waits: bool) -> Result<(), P::Error> {
        self.interventions.resume(self.processes, process)?;
        if waits {
            // No fault of a plan stops a single thread.
            let waiting = WaitingThread { process, thread: 0 };
            self.processes.reply(waiting, EventReply::Happened);
        }
        self.pace.moves();
        Ok(())
    }

    /// Returns whether anything moved since the last look, or will move by itself: an operation
    /// whose time isn't up, or a process that uses a processor or waits for one.
    fn moves(&mut self) -> Result<bool, P::Error> {
        let now = clock::now();
        // A pause isn't over before it shows that it delays other processes.
        let grace = if self.sweep.is_stopped() { LATENESS } else { 0 };
        let mut has_moved = false;
        for process in 0..self.plan.processes.len() {
            if !self.processes.is_gone(process) && !self.interventions.stops.is_stopped(process) {
                has_moved |= self.processes.refresh(process)?;
            }
        }
        let processes = &*self.processes;
        let has_time = |process| {
            let mut pending = processes.pending(process);
            pending.any(|operation| {
                let usable = now.saturating_sub(self.pace.lost_since(operation.start));
                self.outlook.has_time(operation, usable, grace)
            })
        };
        let mut running = self
            .living()
            .filter(|(process, _)| !self.interventions.stops.is_stopped(*process));
        Ok(has_moved
            || self.interventions.is_stopping()
            || processes.is_adapter_busy()
            || running.any(|(process, pid)| has_time(process) || is_busy(pid))
            || (processes.is_one_starting() && processes.is_starter_busy()))
    }

    /// Returns whether nothing more is expected to happen.
    fn is_at_rest(&self) -> bool {
        // A process that isn't alive yet moves only if it is being started.
        !self.processes.is_one_starting()
            && is_rest(
                self.living()
                    .flat_map(|(process, _)| self.standings(process)),
            )
    }

    /// Returns what each thread of a living process waits in. A process in no operation is between
    /// two of them.
    fn standings(&self, process: ProcessIndex) -> Vec<Standing> {
        let is_stopped = self.interventions.stops.is_stopped(process);
        let pending = self.processes.pending(process);
        let standings: Vec<Standing> = pending
            .map(|operation| Standing::of(operation, self.outlook.may_stay(operation), is_stopped))
            .collect();
        match &standings[..] {
            [] if is_stopped => vec![Standing::Stays],
            [] => vec![Standing::IsToMove],
            _ => standings,
        }
    }

    /// Returns the processes that are alive, with their process ids.
    fn living(&self) -> impl Iterator<Item = (ProcessIndex, u32)> {
        let processes = 0..self.plan.processes.len();
        processes.filter_map(|process| Some((process, self.processes.pid(process)?)))
    }
}

/// Returns for how long, in nanoseconds, processes could have run between these moments.
fn usable(since: u64, now: u64, pace: &Pace) -> u64 {
    now.saturating_sub(since)
        .saturating_sub(pace.lost_since(since))
}
