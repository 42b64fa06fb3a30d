//! One run on an adapter: from a plan to its history, by what the adapter tells.

use std::time::{Duration, Instant};

use super::coordination::{Answer, Asker, Coordination, SETTLING};
use super::fault::Fault;
use super::pace::Pace;
use super::{Options, Session, interrupt};
use crate::adapter::{Column, Heard, PATIENCE, Process};
use crate::backend::Key;
use crate::clock;
use crate::history::{Ending, Exit, History, OperationKind, ProcessHistory, Residue};
use crate::plan::{self, Action, Moment, Plan, ProcessIndex, Step};
use crate::protocol::account::{Account, Completion, News};
use crate::protocol::{Ask, Breach, RunNumber, ToAdapter};
use crate::supervisor::{self, Look};

/// How many messages are taken in a row before those are answered who wait.
const AT_ONCE: usize = 256;

/// How long processes that have nothing more to do may take to be gone.
const LEAVING: Duration = Duration::from_secs(1);

pub(super) fn execute(
    plan: &Plan,
    column: &Column,
    session: &Session,
    options: &Options,
) -> Result<History, Fault> {
    if let Some(why) = out_of_reach(plan) {
        return Err(Fault::Unsupported(why.to_owned()));
    }
    let mut lease = session.lease(&column.adapter)?;
    let number = lease.run;
    let (process, left) = lease.parts();
    let run = Run {
        plan,
        number,
        account: Account::new(plan, number, clock::now()),
        coordination: Coordination::new(plan),
        pace: Pace::new(plan.deadline, options.stall),
        kills: Vec::new(),
        killed: vec![false; plan.processes.len()],
        process,
        left,
    };
    let held = run.hold(column.key.clone());
    if interrupt::requested() {
        return Err(Fault::Interrupted);
    }
    match held {
        Ok((Completion::Run, history)) => {
            lease.succeeded();
            Ok(history)
        }
        Ok((Completion::Unsupported(why), _)) => {
            lease.succeeded();
            Err(Fault::Unsupported(format!(
                "unsupported by the adapter: {why}"
            )))
        }
        Ok((Completion::Failed(why), _)) => {
            lease.succeeded();
            Err(Fault::Adapter(format!("the adapter failed: {why}")))
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
    /// Who waits for which processes to be gone, having had them killed.
    kills: Vec<(Asker, Vec<ProcessIndex>)>,
    /// Whom a step had killed.
    killed: Vec<bool>,
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
        let (ending, completion) = self.serve()?;
        let ended = match ending {
            Ending::Completed => None,
            Ending::Stalled | Ending::DeadlinePassed => Some(clock::now()),
        };
        let completion = match completion {
            Some(completion) => completion,
            None => self.end(ending)?,
        };
        let residue = if completion == Completion::Run {
            self.check_left(ending)?
        } else {
            Vec::new()
        };
        Ok((completion, self.history(ending, ended, residue)))
    }

    /// Serves the processes until the adapter says that the run is done, or it has to be ended.
    fn serve(&mut self) -> Result<(Ending, Option<Completion>), Breach> {
        loop {
            let now = clock::now();
            let look = self.coordination.next_look(now);
            let look = look.map(|at| Instant::now() + Duration::from_nanos(at - now));
            let wake = look.map_or(self.pace.next(), |look| look.min(self.pace.next()));
            if let Some(heard) = self.process.hear(wake) {
                self.pace.moved();
                if let Some(completion) = self.take_all(heard)? {
                    return Ok((Ending::Completed, Some(completion)));
                }
            }
            self.answer();
            let account = &self.account;
            let pids = (0..self.plan.processes.len()).filter_map(|process| account.living(process));
            let mut busy = pids.chain([self.process.pid()]);
            let will_move =
                || account.is_any_timed() || busy.any(|pid| supervisor::look(pid) == Look::Busy);
            if let Some(ending) = self.pace.look(will_move) {
                return Ok((ending, None));
            }
        }
    }

    /// Takes this and what else the adapter has said already, up to a limit; what becomes of the run,
    /// if that was the last of it.
    fn take_all(&mut self, heard: Heard) -> Result<Option<Completion>, Breach> {
        let mut completion = self.take(heard)?;
        for _ in 1..AT_ONCE {
            if completion.is_some() {
                break;
            }
            let Some(heard) = self.process.hear_at_once() else {
                break;
            };
            completion = self.take(heard)?;
        }
        Ok(completion)
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
            News::Alive { process, pid } => self.check_pid(process, pid)?,
            News::Started(step) => self.coordination.started(step, clock::now()),
            News::StepDone(step) => self.coordination.done(step),
            News::Gone(_) => {
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
            } => self.asked(Asker { process, thread }, what),
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

    fn asked(&mut self, by: Asker, what: Ask) {
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
            Ask::Pause(_) | Ask::Resume(_) => self.tell(by, Answer::Impossible),
        }
    }

    fn kill(&mut self, target: ProcessIndex) {
        if self.account.is_gone(target) {
            return;
        }
        self.killed[target] = true;
        if let Some(pid) = self.account.living(target)
            && self.process.group().has(pid)
        {
            supervisor::kill(pid);
        }
    }

    /// Answers those whose wait is over.
    fn answer(&mut self) {
        let now = clock::now();
        let account = &self.account;
        let before = now.saturating_sub(SETTLING);
        let is_blocked = |process, step| account.is_in(process, step, before);
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
            return Err(Breach::new(format_args!("never said that {name} is alive")));
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
        let seconds = PATIENCE.as_secs();
        Err(Breach::new(format_args!(
            "did not end a run within {seconds} s of being told to"
        )))
    }

    /// What is there though the run is done: the plan's processes mustn't be, others are residue.
    fn check_left(&mut self, ending: Ending) -> Result<Vec<Residue>, Breach> {
        if self.process.exited().is_some() {
            return Err(self.process.gone());
        }
        if let (Ending::Completed, Some(unborn)) = (ending, self.account.unborn()) {
            let name = self.plan.processes[unborn].name();
            return Err(Breach::new(format_args!(
                "said `done` before {name} was alive"
            )));
        }
        let group = self.process.group();
        let deadline = Instant::now() + LEAVING;
        loop {
            let living = self.account.pids().find(|(_, pid)| group.has(*pid));
            let mut orphans = group.orphans();
            orphans.retain(|pid| !self.left.contains(pid));
            if living.is_none() && orphans.is_empty() {
                return Ok(Vec::new());
            }
            if Instant::now() < deadline {
                // Nobody tells when a process is gone that is somebody else's child.
                std::thread::sleep(Duration::from_millis(2));
                continue;
            }
            if let Some((process, pid)) = living {
                let name = self.plan.processes[process].name();
                return Err(Breach::new(format_args!(
                    "said `done`, and {name}, process {pid}, is alive"
                )));
            }
            let residue = orphans
                .iter()
                .map(|_| Residue::Process { of: None })
                .collect();
            self.left.extend(orphans);
            return Ok(residue);
        }
    }

    fn history(self, ending: Ending, ended: Option<u64>, residue: Vec<Residue>) -> History {
        let mut processes = self.account.processes(ended);
        for (process, killed) in processes.iter_mut().zip(self.killed) {
            process.exit = process
                .exit
                .map(|exit| judged(exit, killed, ending, process));
        }
        if let Some(first) = processes.first_mut() {
            first.stderr.extend(self.process.complaints());
        }
        History {
            processes,
            ending,
            ended,
            stops: Vec::new(),
            residue,
        }
    }
}

/// What of the plan only somebody outside of its processes can do, who knows them: here those are the
/// adapter's own.
fn out_of_reach(plan: &Plan) -> Option<&'static str> {
    let stops = |step: &Step| matches!(step.action, Action::Pause { .. } | Action::Resume { .. });
    let fault = plan.fault.map(|point| (point.fault, point.moment));
    match fault {
        Some((_, Moment::Inside)) => Some("nobody sees from here whether an operation blocks"),
        Some((plan::Fault::Pause, _)) => Some("an adapter's processes can't be stopped from here"),
        _ if plan.steps().any(|(_, step)| stops(step)) => {
            Some("an adapter's processes can't be stopped from here")
        }
        _ => None,
    }
}

/// How a process exited, knowing what was done to it.
fn judged(exit: Exit, killed: bool, ending: Ending, process: &ProcessHistory) -> Exit {
    let crashes = || {
        let mut operations = process.operations.iter();
        operations.any(|op| op.kind == OperationKind::Crash && op.is_pending())
    };
    match exit {
        _ if killed => Exit::Killed,
        Exit::Signal(9) if crashes() => Exit::Killed,
        Exit::Signal(_) | Exit::Unseen if ending != Ending::Completed => Exit::Ended,
        exit => exit,
    }
}
