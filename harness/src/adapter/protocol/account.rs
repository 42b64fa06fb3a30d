//! The account of a run: an adapter's messages, checked and converted into the histories of processes.
//!
//! Each message is checked against the plan and against all earlier messages, because an adapter's
//! mistake would otherwise count against the library. This code is pure: the caller passes the time.

use crate::history::{Operation, OperationKind, ProcessHistory};
use crate::plan::{Plan, ProcessIndex, StepId};

use super::breach::Breach;
use super::message::FromAdapter;
use super::parts::{Ask, OutputStream, RunNumber};
use contents::Contents;
use process::ProcessAccount;
use steps::Steps;

mod contents;
mod process;
mod steps;
#[cfg(test)]
mod tests;

/// How far a stamp may lie outside the period in which the clock was read, in nanoseconds: some
/// languages read the clock in coarser units.
const SLACK: u64 = 1_000_000;

/// Everything that an adapter has reported about one run so far.
#[derive(Debug)]
pub struct Account<'a> {
    plan: &'a Plan,
    run: RunNumber,
    began: u64,
    steps: Steps<'a>,
    processes: Vec<ProcessAccount>,
    contents: Contents,
    /// How the run ends, as far as is known yet.
    completion: RunCompletion,
}

/// What the runner must react to after a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Nothing.
    Nothing,
    /// A process is running.
    Alive {
        /// The process.
        process: ProcessIndex,
        /// Its process id.
        pid: u32,
    },
    /// An operation has begun.
    Started {
        /// The process.
        process: ProcessIndex,
        /// The step that the operation belongs to.
        step: StepId,
    },
    /// A watched step is done.
    StepDone(StepId),
    /// A process waits for an answer.
    Asked {
        /// The process.
        process: ProcessIndex,
        /// The thread that waits.
        thread: u16,
        /// What it waits for.
        what: Ask,
    },
    /// A process has exited.
    Gone(ProcessIndex),
    /// The run is over.
    Done(RunCompletion),
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunCompletion {
    /// The processes ran the plan.
    Run,
    /// The backend or the adapter can't run the plan.
    Unsupported(String),
    /// The adapter itself failed.
    Failed(String),
}

impl<'a> Account<'a> {
    /// Starts the account of a run of this plan. No operation can have begun before `began`, a stamp
    /// of the monotonic clock.
    pub fn new(plan: &'a Plan, run: RunNumber, began: u64) -> Account<'a> {
        Account {
            plan,
            run,
            began: began.saturating_sub(SLACK),
            steps: Steps::of(plan),
            processes: plan
                .processes
                .iter()
                .map(|_| ProcessAccount::default())
                .collect(),
            contents: Contents::of(plan),
            completion: RunCompletion::Run,
        }
    }

    /// Takes the adapter's next message, which was received at `now`.
    ///
    /// # Errors
    /// If the message contradicts the plan or an earlier message.
    pub fn take(&mut self, message: FromAdapter, now: u64) -> Result<News, Breach> {
        self.check_run(&message)?;
        if let FromAdapter::Done { .. } = message {
            return Ok(News::Done(self.completion.clone()));
        }
        match self.completion {
            RunCompletion::Run => {}
            // After a failure, the adapter's other messages about the run aren't reliable.
            RunCompletion::Failed(_) => return Ok(News::Nothing),
            RunCompletion::Unsupported(_) => {
                return Err(Breach::new(format_args!(
                    "said `{}` of a run that it had called unsupported",
                    message.name()
                )));
            }
        }
        let name = message.name();
        Ok(match message {
            FromAdapter::Alive { process, pid, .. } => {
                self.process(process, name)?
                    .alive(pid)
                    .map_err(|what| self.of(process, &what))?;
                News::Alive { process, pid }
            }
            FromAdapter::Began(began) => {
                let (process, step) = (began.process, began.step);
                self.process(process, name)?;
                let window = self.began..=now + SLACK;
                self.processes[process]
                    .begin(began, &self.steps, &mut self.contents, &window)
                    .map_err(|what| self.of(process, &what))?;
                News::Started { process, step }
            }
            FromAdapter::Returned(returned) => {
                let process = returned.process;
                self.process(process, name)?;
                let window = self.began..=now + SLACK;
                self.processes[process]
                    .end(returned, self.plan, &mut self.contents, &window)
                    .map_err(|what| self.of(process, &what))?;
                News::Nothing
            }
            FromAdapter::StepDone { process, step, .. } => {
                self.process(process, name)?;
                self.steps
                    .of_process(step, process)
                    .and_then(|placed| self.processes[process].step_done(placed))
                    .map_err(|what| self.of(process, &what))?;
                News::StepDone(step)
            }
            FromAdapter::Ask {
                process,
                thread,
                what,
                ..
            } => {
                self.process(process, name)?;
                if !self.steps.is_fault(process, &what) {
                    self.processes[process]
                        .asks(thread, &what, &self.steps)
                        .map_err(|what| self.of(process, &what))?;
                }
                News::Asked {
                    process,
                    thread,
                    what,
                }
            }
            FromAdapter::Output {
                process,
                stream,
                bytes,
                ..
            } => {
                let account = self.process(process, name)?;
                match stream {
                    OutputStream::Stdout => account.stdout.extend(bytes.0),
                    OutputStream::Stderr => account.stderr.extend(bytes.0),
                }
                News::Nothing
            }
            FromAdapter::Exited { process, exit, .. } => {
                self.process(process, name)?
                    .exited(exit.into())
                    .map_err(|what| self.of(process, &what))?;
                News::Gone(process)
            }
            FromAdapter::Gone { process, .. } => {
                let is_known = self.process(process, name)?.is_known();
                if !is_known && self.plan.processes[process].starter.is_none() {
                    return Err(self.of(process, "is gone before it was alive"));
                }
                self.processes[process]
                    .gone()
                    .map_err(|what| self.of(process, &what))?;
                News::Gone(process)
            }
            FromAdapter::Unsupported { why, .. } => {
                if let Some(process) = self.processes.iter().position(ProcessAccount::is_known) {
                    let what = "is alive in a run that it then calls unsupported";
                    return Err(self.of(process, what));
                }
                self.completion = RunCompletion::Unsupported(why);
                News::Nothing
            }
            FromAdapter::Failed { why, .. } => {
                self.completion = RunCompletion::Failed(why);
                News::Nothing
            }
            FromAdapter::Ready { .. }
            | FromAdapter::Refused { .. }
            | FromAdapter::Done { .. }
            | FromAdapter::Error { .. } => unreachable!("`check_run` and the lines above return"),
        })
    }

    /// Checks that a message is about this run.
    fn check_run(&self, message: &FromAdapter) -> Result<(), Breach> {
        let run = match message {
            FromAdapter::Began(began) => began.run,
            FromAdapter::Returned(returned) => returned.run,
            FromAdapter::Alive { run, .. }
            | FromAdapter::StepDone { run, .. }
            | FromAdapter::Ask { run, .. }
            | FromAdapter::Output { run, .. }
            | FromAdapter::Exited { run, .. }
            | FromAdapter::Gone { run, .. }
            | FromAdapter::Done { run }
            | FromAdapter::Unsupported { run, .. }
            | FromAdapter::Failed { run, .. } => *run,
            FromAdapter::Error { why } => {
                let what = format_args!("doesn't understand a message of the harness: {why}");
                return Err(Breach::new(what));
            }
            FromAdapter::Ready { .. } | FromAdapter::Refused { .. } => {
                let name = message.name();
                return Err(Breach::new(format_args!(
                    "said `{name}` in the middle of a run"
                )));
            }
        };
        if run == self.run {
            return Ok(());
        }
        Err(Breach::new(format_args!(
            "said `{}` of run {run} in run {}",
            message.name(),
            self.run
        )))
    }

    /// Returns the account of a process, which a message with this name is about.
    fn process(
        &mut self,
        process: ProcessIndex,
        name: &str,
    ) -> Result<&mut ProcessAccount, Breach> {
        let count = self.processes.len();
        self.processes.get_mut(process).ok_or_else(|| {
            Breach::new(format_args!(
                "said `{name}` of process {process}, and the plan has {count}"
            ))
        })
    }

    /// The breach of a message about a process.
    fn of(&self, process: ProcessIndex, what: &str) -> Breach {
        let name = self.plan.processes[process].name();
        Breach::new(format_args!("says that {name} {what}"))
    }

    /// Returns a process that the adapter itself must start and that isn't reported as alive yet.
    pub fn unborn(&self) -> Option<ProcessIndex> {
        let starters = self.plan.processes.iter().map(|process| process.starter);
        starters
            .zip(&self.processes)
            .position(|(starter, account)| starter.is_none() && account.pid.is_none())
    }

    /// Whether a process has exited, or can never start because its starter exited before it began to
    /// start it.
    pub fn is_gone(&self, process: ProcessIndex) -> bool {
        let account = &self.processes[process];
        if account.is_gone() || account.is_known() {
            return account.is_gone();
        }
        let starter = self.plan.processes[process].starter;
        starter.is_some_and(|starter| {
            self.is_gone(starter) && !self.processes[starter].may_have_started(process, &self.steps)
        })
    }

    /// Whether this process was started, or is being started, and isn't reported as alive yet. The start of
    /// an interpreter takes time, also of one whose process is a fork server.
    pub fn is_coming(&self, process: ProcessIndex) -> bool {
        let started =
            |starter: ProcessIndex| self.processes[starter].may_have_started(process, &self.steps);
        let account = &self.processes[process];
        !account.is_known()
            && !account.is_gone()
            && self.plan.processes[process].starter.is_none_or(started)
    }

    /// Returns the process id of a process, if it is running.
    pub fn living(&self, process: ProcessIndex) -> Option<u32> {
        let account = &self.processes[process];
        account.pid.filter(|_| account.lives())
    }

    /// Returns the process ids of all processes that were ever alive.
    pub fn pids(&self) -> impl Iterator<Item = (ProcessIndex, u32)> {
        let accounts = self.processes.iter().enumerate();
        accounts.filter_map(|(process, account)| Some((process, account.pid?)))
    }

    /// Returns all operations of a process so far.
    pub fn operations(&self, process: ProcessIndex) -> &[Operation] {
        &self.processes[process].operations
    }

    /// Returns the operations of a process that haven't returned.
    pub fn pending(&self, process: ProcessIndex) -> impl Iterator<Item = &Operation> {
        self.processes[process].pending()
    }

    /// Whether the latest operation of a process is the one during which the plan's fault is due.
    pub fn is_inside_fault(&self, process: ProcessIndex) -> bool {
        let operations = &self.processes[process].operations;
        let on_ends = operations
            .iter()
            .filter(|operation| operation.end.is_some());
        let is_on_end = operations.last().is_some_and(|last| last.end.is_some());
        self.plan.fault.is_some_and(|fault| {
            fault.process == process
                && fault.is_from_outside()
                && is_on_end
                && on_ends.count() as u64 == fault.first_exposed() + 1
        })
    }

    /// Returns the histories of the processes. If the harness ended the run, leaves out everything
    /// after that moment. The exits are as reported: the account doesn't know what the harness did to
    /// the processes.
    pub fn processes(mut self, ended: Option<u64>) -> Vec<ProcessHistory> {
        for ((process, operation), content) in self.contents.settle() {
            self.processes[process].operations[operation].content = Some(content);
        }
        let mut processes: Vec<ProcessHistory> = self
            .processes
            .into_iter()
            .map(ProcessAccount::into_history)
            .collect();
        if let Some(ended) = ended {
            processes.iter_mut().for_each(|process| cut(process, ended));
        }
        processes
    }
}

/// Removes everything that a process did after this moment.
fn cut(process: &mut ProcessHistory, ended: u64) {
    process
        .operations
        .retain(|operation| operation.start <= ended);
    for operation in &mut process.operations {
        if operation.returned.is_some_and(|returned| returned > ended) {
            operation.returned = None;
            operation.outcome = None;
            operation.raw = None;
            operation.definite = false;
            if operation.kind == OperationKind::Get {
                operation.content = None;
            }
        }
    }
    let operations = &process.operations;
    let returned = |operation: usize| {
        let operation = operations.get(operation);
        operation.is_some_and(|operation| operation.returned.is_some())
    };
    process.asides.retain(|aside| returned(aside.operation));
    process.said.retain(|said| returned(said.operation));
}
