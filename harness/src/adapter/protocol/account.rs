//! What an adapter tells of a run: each message checked against the plan and against what it told
//! before, and made into what the processes did.
//!
//! Nothing is taken on trust that the plan or the order of messages can show to be wrong: else an
//! adapter's slip would be charged to the library. Pure: time comes in with each call.

use crate::backend::Outcome;
use crate::history::{Aside, Operation, OperationKind, ProcessHistory};
use crate::plan::{Moment, Plan, ProcessIndex, StepId};

use super::{Ask, Breach, FromAdapter, RunNumber, Stream};
use contents::Contents;
use process::Told;
use steps::Steps;

mod contents;
mod process;
mod steps;
#[cfg(test)]
mod tests;

/// How far, in nanoseconds, a stamp may lie outside the time in which it must have been taken: clocks
/// are read in coarser units than nanoseconds.
const SLACK: u64 = 1_000_000;

/// All that an adapter has told of one run so far.
#[derive(Debug)]
pub struct Account<'a> {
    plan: &'a Plan,
    run: RunNumber,
    began: u64,
    steps: Steps<'a>,
    processes: Vec<Told>,
    contents: Contents,
    /// What becomes of the run, as far as the adapter has said.
    completion: Completion,
}

/// What a message brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Nothing that anybody waits for.
    Nothing,
    /// A process lives.
    Alive {
        /// Which.
        process: ProcessIndex,
        /// Its number in the operating system.
        pid: u32,
    },
    /// An operation has begun.
    Started {
        /// In which process.
        process: ProcessIndex,
        /// Of which step.
        step: StepId,
    },
    /// A watched step is done.
    StepDone(StepId),
    /// A process waits for an answer.
    Asked {
        /// Which.
        process: ProcessIndex,
        /// Which of its threads.
        thread: u16,
        /// For what it waits.
        what: Ask,
    },
    /// A process is no more.
    Gone(ProcessIndex),
    /// The run is over.
    Done(Completion),
}

/// What became of a run that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completion {
    /// It was run.
    Run,
    /// The adapter can't do it.
    Unsupported(String),
    /// The adapter went wrong.
    Failed(String),
}

impl<'a> Account<'a> {
    /// Nothing told yet of a run of this plan, whose first operation can't have begun before this
    /// moment.
    pub fn new(plan: &'a Plan, run: RunNumber, began: u64) -> Account<'a> {
        Account {
            plan,
            run,
            began: began.saturating_sub(SLACK),
            steps: Steps::of(plan),
            processes: plan.processes.iter().map(|_| Told::default()).collect(),
            contents: Contents::of(plan),
            completion: Completion::Run,
        }
    }

    /// Takes what the adapter says next, which was heard at this moment.
    ///
    /// # Errors
    /// Where it can't be so.
    pub fn take(&mut self, message: FromAdapter, now: u64) -> Result<News, Breach> {
        self.check_run(&message)?;
        if let FromAdapter::Done { .. } = message {
            return Ok(News::Done(self.completion.clone()));
        }
        match self.completion {
            Completion::Run => {}
            // What it knows of a run in which it failed is nothing to rely on.
            Completion::Failed(_) => return Ok(News::Nothing),
            Completion::Unsupported(_) => {
                return Err(Breach::new(format_args!(
                    "said `{}` of a run that it had called unsupported",
                    message.name()
                )));
            }
        }
        let name = message.name();
        Ok(match message {
            FromAdapter::Alive { process, pid, .. } => {
                self.told(process, name)?
                    .alive(pid)
                    .map_err(|what| self.of(process, &what))?;
                News::Alive { process, pid }
            }
            FromAdapter::Began(began) => {
                let (process, step) = (began.process, began.step);
                self.told(process, name)?;
                let window = self.began..=now + SLACK;
                self.processes[process]
                    .begin(began, &self.steps, &mut self.contents, &window)
                    .map_err(|what| self.of(process, &what))?;
                News::Started { process, step }
            }
            FromAdapter::Returned(returned) => {
                let process = returned.process;
                self.told(process, name)?;
                let window = self.began..=now + SLACK;
                self.processes[process]
                    .end(returned, self.plan, &mut self.contents, &window)
                    .map_err(|what| self.of(process, &what))?;
                News::Nothing
            }
            FromAdapter::StepDone { process, step, .. } => {
                self.told(process, name)?;
                self.steps
                    .of_process(step, process)
                    .and_then(|place| self.processes[process].step_done(place))
                    .map_err(|what| self.of(process, &what))?;
                News::StepDone(step)
            }
            FromAdapter::Ask {
                process,
                thread,
                what,
                ..
            } => {
                self.told(process, name)?;
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
                let told = self.told(process, name)?;
                match stream {
                    Stream::Stdout => told.stdout.extend(bytes.0),
                    Stream::Stderr => told.stderr.extend(bytes.0),
                }
                News::Nothing
            }
            FromAdapter::Exited { process, exit, .. } => {
                let told = self.told(process, name)?;
                told.exited(exit.into())
                    .map_err(|what| self.of(process, &what))?;
                News::Gone(process)
            }
            FromAdapter::Gone { process, .. } => {
                let told = self.told(process, name)?;
                told.gone().map_err(|what| self.of(process, &what))?;
                News::Gone(process)
            }
            FromAdapter::Unsupported { why, .. } => {
                if let Some(process) = self.processes.iter().position(Told::is_known) {
                    let what = "is alive in a run that it then calls unsupported";
                    return Err(self.of(process, what));
                }
                self.completion = Completion::Unsupported(why);
                News::Nothing
            }
            FromAdapter::Failed { why, .. } => {
                self.completion = Completion::Failed(why);
                News::Nothing
            }
            FromAdapter::Ready { .. }
            | FromAdapter::Refused { .. }
            | FromAdapter::Done { .. }
            | FromAdapter::Error { .. } => unreachable!("looked at before"),
        })
    }

    /// Whether a message is one that can be said of this run.
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

    fn told(&mut self, process: ProcessIndex, name: &str) -> Result<&mut Told, Breach> {
        let count = self.processes.len();
        self.processes.get_mut(process).ok_or_else(|| {
            Breach::new(format_args!(
                "said `{name}` of process {process}, and the plan has {count}"
            ))
        })
    }

    /// What it said of a process.
    fn of(&self, process: ProcessIndex, what: &str) -> Breach {
        let name = self.plan.processes[process].name();
        Breach::new(format_args!("says that {name} {what}"))
    }

    /// A process that the adapter itself must start, and that it has not called alive.
    pub fn unborn(&self) -> Option<ProcessIndex> {
        let starters = self.plan.processes.iter().map(|process| process.starter);
        starters
            .zip(&self.processes)
            .position(|(starter, told)| starter.is_none() && told.pid.is_none())
    }

    /// Whether a process is no more, or will never be: its starter is gone, and hadn't begun to start
    /// it.
    pub fn is_gone(&self, process: ProcessIndex) -> bool {
        let told = &self.processes[process];
        if told.pid.is_some() {
            return !told.lives();
        }
        let starter = self.plan.processes[process].starter;
        starter.is_some_and(|starter| {
            self.is_gone(starter) && !self.processes[starter].may_have_started(process, &self.steps)
        })
    }

    /// Whether somebody has set out to start this process and it isn't alive yet: an interpreter
    /// takes its time.
    pub fn is_coming(&self, process: ProcessIndex) -> bool {
        let started = |starter: ProcessIndex| {
            let mut done = self.operations(starter).iter();
            done.any(|operation| {
                operation.outcome == Some(Outcome::Ok) && self.steps.starts(operation.step, process)
            })
        };
        self.processes[process].pid.is_none()
            && self.plan.processes[process].starter.is_none_or(started)
    }

    /// A process's number in the operating system; none before it is alive and once it is gone.
    pub fn living(&self, process: ProcessIndex) -> Option<u32> {
        let told = &self.processes[process];
        told.pid.filter(|_| told.lives())
    }

    /// The numbers of all processes that were ever alive.
    pub fn pids(&self) -> impl Iterator<Item = (ProcessIndex, u32)> {
        let pids = self.processes.iter().enumerate();
        pids.filter_map(|(process, told)| Some((process, told.pid?)))
    }

    /// All operations of a process so far.
    pub fn operations(&self, process: ProcessIndex) -> &[Operation] {
        &self.processes[process].operations
    }

    /// The operations that a process is in.
    pub fn pending(&self, process: ProcessIndex) -> impl Iterator<Item = &Operation> {
        self.processes[process].pending()
    }

    /// Whether a process has just begun the operation inside which the plan's fault is to come.
    pub fn is_inside_fault(&self, process: ProcessIndex) -> bool {
        let operations = &self.processes[process].operations;
        let on_ends = operations
            .iter()
            .filter(|operation| operation.end.is_some());
        let is_on_end = operations.last().is_some_and(|last| last.end.is_some());
        self.plan.fault.is_some_and(|fault| {
            fault.process == process
                && fault.moment == Moment::Inside
                && is_on_end
                && on_ends.count() as u64 == fault.operation + 1
        })
    }

    /// What the processes did, where the harness ended the run at this moment only what they did
    /// before it. How they exited is as told: what the harness did to
    /// them isn't known here.
    pub fn processes(mut self, ended: Option<u64>) -> Vec<ProcessHistory> {
        self.contents.settle(&mut self.processes);
        let mut processes: Vec<ProcessHistory> =
            self.processes.into_iter().map(Told::into_history).collect();
        if let Some(ended) = ended {
            processes.iter_mut().for_each(|process| cut(process, ended));
        }
        processes
    }
}

/// Forgets what a process did after this moment.
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
    let returned = |aside: &Aside| {
        operations
            .get(aside.operation)
            .is_some_and(|operation| operation.returned.is_some())
    };
    process.asides.retain(returned);
}
