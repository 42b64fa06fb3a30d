//! Runs a plan in an adapter's processes, which report through the adapter.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use super::exits::exit_of;
use super::failure::RunFailure;
use super::interrupt;
use super::options::{Options, slowness};
use super::run_loop::{
    EventReply, Notice, Outlook, Pace, Processes, RunEnd, RunLoop, WaitingThread,
};
use super::session::Session;
use crate::adapter::protocol::account::{Account, News, RunCompletion};
use crate::adapter::protocol::{Ask, Breach, RunNumber, ToAdapter};
use crate::adapter::{AdapterColumn, AdapterOutput, AdapterProcess, PATIENCE, patience_left};
use crate::backend::Key;
use crate::history::{Ending, History, Operation, Residue};
use crate::os::clock;
use crate::os::patience::Patience;
use crate::os::supervisor::Member;
use crate::plan::{Plan, ProcessIndex};

mod failure;
mod lease;
mod pids;
mod pool;
mod residue;

pub(super) use pool::Adapters;

use failure::AdaptedFailure;

/// How many messages are taken in a row before waiting threads get their replies.
const AT_ONCE: usize = 256;

/// Runs the plan of this permutation. The run stalls if nothing moves for as long as the options say, and for `stall` once
/// all processes that the adapter itself starts are alive.
///
/// # Errors
/// The run fails, or the user interrupts it.
pub(super) fn run(
    permutation: &str,
    plan: &Plan,
    outlook: Outlook,
    column: &AdapterColumn,
    session: &Session,
    options: &Options,
    stall: Duration,
) -> Result<History, RunFailure> {
    let mut lease = session.lease(&column.adapter, permutation)?;
    let number = lease.run;
    let (process, left) = lease.parts();
    let pace = Pace::new(plan.deadline * slowness(), options.stall, stall);
    let processes = AdapterProcesses::new(plan, number, process);
    let completed = processes.run(column.key.clone(), outlook, pace, left);
    if interrupt::requested() {
        return Err(RunFailure::Interrupted);
    }
    match completed {
        Ok((completion, history)) => {
            let completed = failure::completed(completion, history);
            // An adapter that lacked something may have lost a process that it needs for other runs.
            if !matches!(completed, Err(RunFailure::Machine(_))) {
                lease.succeeded();
            }
            completed
        }
        Err(AdaptedFailure::Breach(breach)) => Err(lease.failed(permutation, &breach)),
        // The end of the lease kills the adapter.
        Err(AdaptedFailure::System(error)) => Err(error.into()),
    }
}

/// The processes of a run that an adapter hosts.
struct AdapterProcesses<'a> {
    plan: &'a Plan,
    number: RunNumber,
    process: &'a mut AdapterProcess,
    account: Account<'a>,
    /// The message that ended the last wait, until it is taken.
    heard: Option<AdapterOutput>,
    /// How many more messages may be taken before the next wait.
    room: usize,
    /// Processes that had exited when their process id arrived.
    unseen: Vec<ProcessIndex>,
    /// Whether the plan's fault is exposed and the loop doesn't know yet.
    is_fault_exposed: bool,
    /// How the run ended, after the adapter said that it is done.
    completion: Option<RunCompletion>,
    /// When the harness ended the run, if it did.
    ended: Option<u64>,
    /// How long the adapter may take to end the run, if the harness asked it to.
    end_patience: Option<Patience>,
}

impl<'a> AdapterProcesses<'a> {
    fn new(
        plan: &'a Plan,
        number: RunNumber,
        process: &'a mut AdapterProcess,
    ) -> AdapterProcesses<'a> {
        AdapterProcesses {
            plan,
            number,
            account: Account::new(plan, number, clock::now()),
            process,
            heard: None,
            room: 0,
            unseen: Vec::new(),
            is_fault_exposed: false,
            completion: None,
            ended: None,
            end_patience: None,
        }
    }

    /// Runs the plan on this backend. `left` are the processes that earlier runs left behind; those
    /// of this run are added.
    fn run(
        mut self,
        backend: Key,
        outlook: Outlook,
        pace: Pace,
        left: &mut Vec<u32>,
    ) -> Result<(RunCompletion, History), AdaptedFailure> {
        self.begin(backend)?;
        let plan = self.plan;
        let end = RunLoop::new(plan, outlook, pace, &mut self).run()?;
        // The loop ends only after the adapter said `done`.
        let completion = self.completion.take().unwrap_or(RunCompletion::Run);
        let residue = match completion {
            RunCompletion::Run => self.check_left(end.ending, left)?,
            RunCompletion::Unsupported(_) | RunCompletion::Failed(_) => Vec::new(),
        };
        Ok((completion, self.into_history(end, residue)))
    }

    /// Asks the adapter to begin the run.
    fn begin(&mut self, backend: Key) -> Result<(), Breach> {
        match self.process.hear_at_once() {
            None => {}
            Some(AdapterOutput::Message(message)) => {
                let what = format!("said `{}` when nothing ran", message.name());
                return Err(Breach::new(what));
            }
            Some(AdapterOutput::Nonsense(breach)) => return Err(breach),
            Some(AdapterOutput::End) => return Err(self.process.gone()),
        }
        self.process.count_anew();
        let run = self.number;
        let plan = self.plan.clone();
        self.process.say(&ToAdapter::Run { run, backend, plan });
        Ok(())
    }

    fn take(&mut self, heard: AdapterOutput) -> Result<Option<Notice>, Breach> {
        let message = match heard {
            AdapterOutput::Message(message) => message,
            AdapterOutput::Nonsense(breach) => return Err(breach),
            AdapterOutput::End => return Err(self.process.gone()),
        };
        Ok(match self.account.take(message, clock::now())? {
            News::Nothing => None,
            News::Alive { process, pid } => {
                let named = (process, pid);
                if !pids::check(self.plan, &self.account, self.process, named)? {
                    self.unseen.push(process);
                }
                let is_all = self.account.unborn().is_none();
                is_all.then_some(Notice::AllStarted)
            }
            News::Started { process, step } => {
                self.is_fault_exposed = self.account.is_inside_fault(process);
                Some(Notice::StepStarted(step))
            }
            News::StepDone(step) => Some(Notice::StepDone(step)),
            News::Gone(process) => Some(Notice::Gone(process)),
            News::Asked {
                process,
                thread,
                what,
            } => Some(match what {
                // A process asks to be stopped itself only for the plan's fault.
                Ask::Pause(targets) if targets == [process] => Notice::FaultDue(process),
                what => Notice::Asked {
                    by: WaitingThread { process, thread },
                    what,
                },
            }),
            News::Done(completion) => {
                self.completion = Some(completion);
                None
            }
        })
    }

    /// Checks that the run is over, as the adapter says. Returns the processes that it left behind.
    fn check_left(&mut self, ending: Ending, left: &mut Vec<u32>) -> Result<Vec<Residue>, Breach> {
        if self.process.exited().is_some() {
            return Err(self.process.gone());
        }
        if let (Ending::Completed, Some(unborn)) = (ending, self.account.unborn()) {
            let name = self.plan.processes[unborn].name();
            let what = format!("said `done` before {name} was alive");
            return Err(Breach::new(what));
        }
        let pids: Vec<(ProcessIndex, u32)> = self.account.pids().collect();
        residue::look(self.plan, self.process, &pids, left)
    }

    /// Returns what the adapter reported about every process, and what the harness did to it.
    fn into_history(self, end: RunEnd, residue: Vec<Residue>) -> History {
        let mut lived = vec![false; self.plan.processes.len()];
        self.account
            .pids()
            .for_each(|(process, _)| lived[process] = true);
        let mut processes = self.account.processes(self.ended);
        for (number, process) in processes.iter_mut().enumerate() {
            process.exit = exit_of(
                process.exit,
                lived[number],
                end.killed[number],
                &process.operations,
                end.ending,
            );
        }
        if let Some(first) = processes.first_mut() {
            first.stderr.extend(self.process.complaints());
        }
        let mut history = History {
            processes,
            ending: end.ending,
            ended: self.ended,
            stops: end.stops,
            delays: end.delays,
            kernel: end.kernel,
            residue,
        };
        history.add_handles_left();
        history
    }
}

impl Processes for AdapterProcesses<'_> {
    type Error = AdaptedFailure;
    /// The moment.
    type Snapshot = u64;

    fn wait(&mut self, until: Instant) -> Result<bool, AdaptedFailure> {
        self.heard = self.process.hear(until);
        let has_heard = self.heard.is_some();
        if !has_heard {
            self.process.check_running()?;
        }
        self.room = if has_heard { 1 + AT_ONCE } else { 0 };
        Ok(has_heard)
    }

    fn next_notice(&mut self) -> Result<Option<Notice>, AdaptedFailure> {
        if std::mem::take(&mut self.is_fault_exposed) {
            return Ok(Some(Notice::FaultExposed));
        }
        while self.room > 0 && self.completion.is_none() {
            self.room -= 1;
            let heard = self.heard.take();
            let Some(heard) = heard.or_else(|| self.process.hear_at_once()) else {
                break;
            };
            let notice = self.take(heard)?;
            if notice.is_some() {
                return Ok(notice);
            }
        }
        self.room = 0;
        Ok(None)
    }

    fn reply(&mut self, WaitingThread { process, thread }: WaitingThread, reply: EventReply) {
        self.process.say(&ToAdapter::Answer {
            run: self.number,
            process,
            thread,
            happened: reply == EventReply::Happened,
        });
    }

    fn is_over(&self) -> bool {
        self.completion.is_some()
    }

    fn is_gone(&self, process: ProcessIndex) -> bool {
        self.account.is_gone(process)
    }

    fn pid(&self, process: ProcessIndex) -> Option<u32> {
        self.account.living(process)
    }

    /// A process that isn't in the adapter's group any more has exited, or isn't the adapter's.
    fn signalled(&self, process: ProcessIndex) -> Option<Member> {
        Member::of(self.process.group(), self.pid(process)?)
    }

    /// An adapter's process says that it is alive once it handles them.
    fn handles_signals(&self, process: ProcessIndex) -> bool {
        self.pid(process).is_some()
    }

    fn is_child(&self, _process: ProcessIndex) -> bool {
        false
    }

    /// Messages bring all that is known of the operations.
    fn refresh(&mut self, _process: ProcessIndex) -> Result<bool, AdaptedFailure> {
        Ok(false)
    }

    fn pending(&self, process: ProcessIndex) -> impl Iterator<Item = &Operation> {
        self.account.pending(process)
    }

    fn operations(&self, process: ProcessIndex) -> Result<Cow<'_, [Operation]>, AdaptedFailure> {
        Ok(Cow::Borrowed(self.account.operations(process)))
    }

    fn others(&self) -> Vec<u32> {
        if self.is_one_starting() {
            self.process.group().members()
        } else {
            vec![self.process.pid()]
        }
    }

    fn is_adapter_busy(&self) -> bool {
        self.process.is_busy()
    }

    fn is_one_starting(&self) -> bool {
        let mut processes = 0..self.plan.processes.len();
        processes.any(|process| self.account.is_coming(process))
    }

    fn is_starter_busy(&self) -> bool {
        self.process.group().is_busy()
    }

    fn snapshot(&mut self) -> Result<u64, AdaptedFailure> {
        Ok(clock::now())
    }

    /// Asks the adapter to end the run, unless the adapter is why the run has to be ended.
    fn end(&mut self, ending: Ending, snapshot: u64) -> Result<(), AdaptedFailure> {
        self.ended = Some(snapshot);
        if self.process.exited().is_some() {
            return Err(self.process.gone().into());
        }
        if let Some(unborn) = self.account.unborn() {
            let name = self.plan.processes[unborn].name();
            let what = format!("never said that {name} is alive");
            return Err(Breach::new(what).into());
        }
        pids::check_exits(self.plan, &self.account, &self.unseen)?;
        let mut all = 0..self.plan.processes.len();
        if ending == Ending::Stalled && all.all(|process| self.account.is_gone(process)) {
            let what = "did not say `done`, though all processes of the run are gone";
            return Err(Breach::new(what).into());
        }
        self.process.say(&ToAdapter::End { run: self.number });
        self.end_patience = Some(Patience::start(PATIENCE, self.process.group().members()));
        Ok(())
    }

    fn wait_for_end(&mut self) -> Result<(), AdaptedFailure> {
        let Some(mut patience) = self.end_patience.take() else {
            return Ok(());
        };
        if !self.wait(patience.next_look())? {
            let seconds = PATIENCE.as_secs();
            let what = format!("did not end a run within {seconds} s of the message `end`");
            patience_left(&mut patience, self.process.group().members(), &what)?;
        }
        self.end_patience = Some(patience);
        Ok(())
    }
}
