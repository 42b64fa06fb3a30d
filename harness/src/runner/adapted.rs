//! One run on an adapter: from a plan to its history, by what the adapter tells.

use std::time::{Duration, Instant};

use super::blocked::is_blocked_in;
use super::coordination::{Answer, Asker, Coordination};
use super::fault::Fault;
use super::outlook::Outlook;
use super::pace::Pace;
use super::sweep::Sweep;
use super::{Options, Session, interrupt, slowness};
use crate::adapter::protocol::account::{Account, Completion, News};
use crate::adapter::protocol::{Ask, Breach, RunNumber, ToAdapter};
use crate::adapter::{Column, Heard, PATIENCE, Process};
use crate::backend::Key;
use crate::history::{Ending, History, KernelView, Residue};
use crate::os::clock;
use crate::os::supervisor::is_busy;
use crate::plan::{self, Plan, ProcessIndex};
use peers::Peers;

mod collect;
mod left;
mod peers;
mod rest;

/// How many messages are taken in a row before those are answered who wait.
const AT_ONCE: usize = 256;

/// Runs the plan; until its processes live it may stand still as long as the options say, and from
/// then on for `stall`.
pub(super) fn execute(
    plan: &Plan,
    outlook: Outlook,
    column: &Column,
    session: &Session,
    options: &Options,
    stall: Duration,
) -> Result<History, Fault> {
    let mut lease = session.lease(&column.adapter)?;
    let number = lease.run;
    let (process, left) = lease.parts();
    let run = Run {
        plan,
        number,
        account: Account::new(plan, number, clock::now()),
        coordination: Coordination::new(plan),
        pace: Pace::new(plan.deadline * slowness(), options.stall),
        stall,
        peers: Peers::new(process.group(), plan.processes.len()),
        kills: Vec::new(),
        sweep: Sweep::new(plan.fault),
        outlook,
        kernel: Vec::new(),
        process,
        left,
    };
    let held = run.hold(column.key.clone());
    if interrupt::requested() {
        return Err(Fault::Interrupted);
    }
    match held {
        Ok((completion, history)) => {
            lease.succeeded();
            match completion {
                Completion::Run => Ok(history),
                Completion::Unsupported(why) => {
                    let why = format!("unsupported by the adapter: {why}");
                    Err(Fault::Unsupported(why))
                }
                Completion::Failed(why) => {
                    Err(Fault::Adapter(format!("the adapter failed: {why}")))
                }
            }
        }
        Err(breach) => Err(lease.failed(&breach)),
    }
}

/// A run that the adapter has under way.
struct Run<'a> {
    plan: &'a Plan,
    number: RunNumber,
    process: &'a mut Process,
    /// What earlier runs left of their processes, and then what this one did.
    left: &'a mut Vec<u32>,
    account: Account<'a>,
    coordination: Coordination,
    pace: Pace,
    /// For how long nothing may move once all live that the adapter is to start.
    stall: Duration,
    peers: Peers,
    /// Who waits for which processes to be gone, having had them killed.
    kills: Vec<(Asker, Vec<ProcessIndex>)>,
    sweep: Sweep,
    outlook: Outlook,
    /// What its processes were doing when the harness ended it, as the operating system sees it.
    kernel: Vec<KernelView>,
}

impl Run<'_> {
    fn hold(mut self, backend: Key) -> Result<(Completion, History), Breach> {
        match self.process.hear_at_once() {
            None => {}
            Some(Heard::Message(message)) => {
                let what = format!("said `{}` when nothing ran", message.name());
                return Err(Breach::new(what));
            }
            Some(Heard::Nonsense(breach)) => return Err(breach),
            Some(Heard::End) => return Err(self.process.gone()),
        }
        let run = self.number;
        let plan = self.plan.clone();
        self.process.say(&ToAdapter::Run { run, backend, plan });
        let (ending, completion) = self.watch()?;
        let (completion, ended) = match completion {
            Some(completion) => (completion, None),
            None => {
                let ended = clock::now();
                self.kernel = self.look();
                (self.end(ending)?, Some(ended))
            }
        };
        let residue = match completion {
            Completion::Run => self.check_left(ending)?,
            Completion::Unsupported(_) | Completion::Failed(_) => Vec::new(),
        };
        Ok((completion, self.history(ending, ended, residue)))
    }

    /// Serves the processes until the adapter says that the run is done, or it has to be ended.
    fn watch(&mut self) -> Result<(Ending, Option<Completion>), Breach> {
        loop {
            if let Some(completion) = self.serve(self.pace.next())? {
                return Ok((Ending::Completed, Some(completion)));
            }
            if !self.pace.is_due() {
                continue;
            }
            let will_move = self.will_move();
            self.pace.look(will_move);
            if self.pace.is_quiet()
                && let Some((process, waits)) = self.sweep.end()
            {
                self.peers.resume(process, self.account.living(process));
                if waits {
                    // No sweep strikes at threads.
                    self.tell(Asker { process, thread: 0 }, Answer::Happened);
                }
                self.pace.moves();
                continue;
            }
            if let Some(ending) = self.pace.ending(|| self.is_at_rest()) {
                return Ok((ending, None));
            }
        }
    }

    /// Hears what the adapter says, and answers those whose wait is over, until this moment at most;
    /// what becomes of the run, if that is over.
    fn serve(&mut self, until: Instant) -> Result<Option<Completion>, Breach> {
        let now = clock::now();
        let looks = [self.coordination.next_look(now), self.sweep.next_look(now)];
        let look = looks.into_iter().flatten().min();
        let look = look.map(|at| Instant::now() + Duration::from_nanos(at - now));
        let wake = look.map_or(until, |look| until.min(look));
        let mut heard = self.process.hear(wake);
        match heard {
            Some(_) => self.pace.moves(),
            None => self.peers.stops.note_late(wake),
        }
        for _ in 0..AT_ONCE {
            let Some(next) = heard.take() else {
                break;
            };
            if let Some(completion) = self.take(next)? {
                return Ok(Some(completion));
            }
            // What is behind the last of them comes next time.
            heard = self.process.hear_at_once();
        }
        if let Some(next) = heard
            && let Some(completion) = self.take(next)?
        {
            return Ok(Some(completion));
        }
        self.answer();
        self.look_inside()?;
        Ok(None)
    }

    /// Takes what the adapter says; what becomes of the run, if that was the last of it.
    fn take(&mut self, heard: Heard) -> Result<Option<Completion>, Breach> {
        let message = match heard {
            Heard::Message(message) => message,
            Heard::Nonsense(breach) => return Err(breach),
            Heard::End => return Err(self.process.gone()),
        };
        match self.account.take(message, clock::now())? {
            News::Nothing => {}
            News::Alive { process, pid } => {
                self.check_pid(process, pid)?;
                if self.account.unborn().is_none() {
                    self.pace.stalls_after(self.stall);
                }
            }
            News::Started { process, step } => {
                self.coordination.started(step, clock::now());
                if self.account.is_inside_fault(process) {
                    self.sweep.expose();
                }
            }
            News::StepDone(step) => self.coordination.done(step),
            News::Gone(gone) => {
                self.peers.stops.gone(gone);
                for process in 0..self.plan.processes.len() {
                    if self.account.is_gone(process) {
                        self.coordination.gone(process);
                    }
                }
            }
            News::Asked {
                process,
                thread,
                what,
            } => self.asked(Asker { process, thread }, what)?,
            News::Done(completion) => return Ok(Some(completion)),
        }
        Ok(None)
    }

    /// A process of the plan is one of its own, and where it can be killed with the others.
    fn check_pid(&mut self, process: ProcessIndex, pid: u32) -> Result<(), Breach> {
        let name = || self.plan.processes[process].name();
        let mut others = self.account.pids().filter(|(other, _)| *other != process);
        if pid == self.process.pid() || others.any(|(_, other)| other == pid) {
            let what = format!(
                "says that {} is process {pid}, which is another one",
                name()
            );
            return Err(Breach::new(what));
        }
        if self.process.group().lacks(pid) {
            let what = format!(
                "says that {} is process {pid}, which isn't in the adapter's process group",
                name()
            );
            return Err(Breach::new(what));
        }
        Ok(())
    }

    fn asked(&mut self, by: Asker, what: Ask) -> Result<(), Breach> {
        match what {
            Ask::Await(event) => self.coordination.ask(by, event),
            Ask::Barrier(name) => {
                for waiting in self.coordination.barrier(by, &name) {
                    self.tell(waiting, Answer::Happened);
                }
            }
            Ask::Kill(targets) => {
                targets.iter().for_each(|target| self.kill(*target));
                self.kills.push((by, targets));
            }
            // Itself, for the sweep's sake: it waits to be told that it goes on.
            Ask::Pause(targets) if targets == [by.process] => self.strike(by.process, true)?,
            Ask::Pause(targets) => {
                let mut all = true;
                for target in targets {
                    all &= self.peers.pause(target, self.account.living(target))?;
                }
                let answer = match all {
                    true => Answer::Happened,
                    false => Answer::Impossible,
                };
                self.tell(by, answer);
            }
            Ask::Resume(targets) => {
                for target in targets {
                    self.peers.resume(target, self.account.living(target));
                }
                self.tell(by, Answer::Happened);
            }
        }
        Ok(())
    }

    fn kill(&mut self, target: ProcessIndex) {
        if !self.account.is_gone(target) {
            self.peers.kill(target, self.account.living(target));
        }
    }

    /// Stops a process for the sweep's sake; it may wait to be told that it goes on.
    fn strike(&mut self, process: ProcessIndex, waits: bool) -> Result<(), Breach> {
        if self.peers.pause(process, self.account.living(process))? {
            self.sweep.stopped(waits);
        }
        Ok(())
    }

    /// Brings about the plan's fault inside an operation that has been blocked for long enough.
    fn look_inside(&mut self) -> Result<(), Breach> {
        let Some(process) = self.sweep.exposed() else {
            return Ok(());
        };
        let account = &self.account;
        let operations = account.operations(process);
        let is_busy = || account.living(process).is_some_and(is_busy);
        match self.sweep.inside(operations, clock::now(), is_busy) {
            None => {}
            Some(plan::Fault::Kill) => self.kill(process),
            Some(plan::Fault::Pause) => self.strike(process, false)?,
        }
        Ok(())
    }

    /// Answers those whose wait is over.
    fn answer(&mut self) {
        let now = clock::now();
        let account = &self.account;
        let is_blocked = |process, step| {
            let is_busy = || account.living(process).is_some_and(is_busy);
            is_blocked_in(step, account.pending(process), now, is_busy)
        };
        for (by, answer) in self.coordination.answers(now, is_blocked) {
            self.tell(by, answer);
        }
        let account = &self.account;
        let is_over = |(_, targets): &mut (Asker, Vec<ProcessIndex>)| {
            targets.iter().all(|target| account.is_gone(*target))
        };
        let over: Vec<_> = self.kills.extract_if(.., is_over).collect();
        for (by, _) in over {
            self.tell(by, Answer::Happened);
        }
    }

    fn tell(&mut self, Asker { process, thread }: Asker, answer: Answer) {
        self.process.say(&ToAdapter::Answer {
            run: self.number,
            process,
            thread,
            happened: answer == Answer::Happened,
        });
    }

    /// Has the adapter end the run, which is not the adapter's fault: or else it is told here.
    fn end(&mut self, ending: Ending) -> Result<Completion, Breach> {
        if self.process.exited().is_some() {
            return Err(self.process.gone());
        }
        if let Some(unborn) = self.account.unborn() {
            let name = self.plan.processes[unborn].name();
            let what = format!("never said that {name} is alive");
            return Err(Breach::new(what));
        }
        let mut processes = 0..self.plan.processes.len();
        if ending == Ending::Stalled && processes.all(|process| self.account.is_gone(process)) {
            let what = "did not say `done`, though all processes of the run are gone";
            return Err(Breach::new(what));
        }
        self.process.say(&ToAdapter::End { run: self.number });
        let deadline = Instant::now() + PATIENCE;
        while let Some(heard) = self.process.hear(deadline) {
            if let Some(completion) = self.take(heard)? {
                return Ok(completion);
            }
        }
        Err(Breach::new(format_args!(
            "did not end a run within {} s of being told to",
            PATIENCE.as_secs()
        )))
    }

    /// Looks whether the run is as much over as the adapter says; what it left behind.
    fn check_left(&mut self, ending: Ending) -> Result<Vec<Residue>, Breach> {
        if self.process.exited().is_some() {
            return Err(self.process.gone());
        }
        if let (Ending::Completed, Some(unborn)) = (ending, self.account.unborn()) {
            let name = self.plan.processes[unborn].name();
            let what = format!("said `done` before {name} was alive");
            return Err(Breach::new(what));
        }
        let pids: Vec<(ProcessIndex, u32)> = self.account.pids().collect();
        left::look(self.plan, self.process.group(), &pids, self.left)
    }
}
