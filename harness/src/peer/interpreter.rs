//! Runs steps one after the other, and records each operation.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use super::thread::{Halt, StepResult, Thread};
use super::transfer::Receive;
use super::{channel, descriptors};
use crate::backend::{Failure, Outcome, Side, Wait};
use crate::history::OperationKind;
use crate::os::clock;
use crate::os::supervisor::crash::crash;
use crate::peer::log::{BeginRecord, ReturnRecord};
use crate::peer::wire::FromPeer;
use crate::plan::{Action, Content, End, NO_STEP, Piece, Step};

impl Thread<'_> {
    /// Runs all steps of the process. Returns its exit code.
    pub(super) fn run(mut self) -> i32 {
        let plan = Arc::clone(&self.plan);
        let done = self
            .steps(&plan.processes[self.me].steps)
            .and_then(|()| self.finish());
        let code = match done {
            Ok(()) => 0,
            Err(halt) => self.code_of(halt),
        };
        // The operating system, not the library, closes ends that are still open. It closes the link
        // at the same time, so that a closed link means an exited process.
        std::mem::forget(self);
        code
    }

    pub(super) fn steps(&mut self, steps: &[Step]) -> StepResult {
        steps.iter().try_for_each(|step| self.step(step))
    }

    fn step(&mut self, step: &Step) -> StepResult {
        if step.watched {
            self.unannounced = Some(step.id);
        }
        self.act(step)?;
        if step.watched {
            self.unannounced = None;
            self.tell(&FromPeer::Done(step.id))?;
        }
        Ok(())
    }

    fn act(&mut self, step: &Step) -> StepResult {
        match &step.action {
            Action::Put { end, source, wait } => self.put(step, *end, source, *wait),
            Action::Get {
                end,
                limit,
                each,
                into,
                buffer,
                wait,
            } => {
                let how = Receive {
                    buffer: *buffer,
                    wait: *wait,
                };
                self.get(step, *end, limit, each, into.as_deref(), how)
            }
            Action::Poll { ends, wait } => self.poll(step, ends, *wait),
            Action::Listen { end, replace } => self.listen(step, *end, *replace),
            Action::Accept { end, into, wait } => self.accept(step, *end, *into, *wait),
            Action::Connect {
                end,
                into,
                key,
                wait,
            } => self.connect(step, *end, *into, key.as_deref(), *wait),
            Action::Raw(raw) => self.raw(step, raw),
            Action::TaskDone { end } => {
                let begin = BeginRecord::of(step.id, OperationKind::TaskDone).on(*end);
                self.operate(begin, |thread| channel::task_done(thread.end(*end)?))
                    .map(drop)
            }
            Action::JoinQueue { end } => {
                let begin = BeginRecord::of(step.id, OperationKind::JoinQueue).on(*end);
                self.operate(begin, |thread| channel::join_queue(thread.end(*end)?))
                    .map(drop)
            }
            Action::Hint { end, hint } => {
                let kind = OperationKind::of(&step.action).expect("a hint is an operation");
                let begin = BeginRecord::of(step.id, kind).on(*end);
                self.operate_with(begin, |thread| channel::hint(thread.end(*end)?, *hint))
                    .map(drop)
            }
            Action::Close { end } if end.side == Side::Name => self.close_listener(step, *end),
            Action::Close { end } => {
                let begin = BeginRecord::of(step.id, OperationKind::Close).on(*end);
                self.operate(begin, |thread| {
                    channel::close(thread.ends.remove(end).ok_or_else(channel::closed)?)
                })
                .map(drop)
            }
            Action::HalfClose { end } => {
                let begin = BeginRecord::of(step.id, OperationKind::HalfClose).on(*end);
                self.operate(begin, |thread| channel::half_close(thread.end(*end)?))
                    .map(drop)
            }
            Action::Open { channel } => self.open(step, *channel),
            Action::Start { processes } => processes
                .iter()
                .try_for_each(|process| self.start(step, *process)),
            Action::Join { processes, wait } => processes
                .iter()
                .try_for_each(|process| self.join(step, *process, *wait)),
            Action::Kill {
                processes,
                terminates,
            } => {
                let word = match terminates {
                    true => FromPeer::Terminate(processes.clone()),
                    false => FromPeer::Kill(processes.clone()),
                };
                self.ask(step, OperationKind::Kill, &word)
            }
            Action::Pause { processes } => {
                let word = FromPeer::Pause(processes.clone());
                self.ask(step, OperationKind::Pause, &word)
            }
            Action::Resume { processes } => {
                let word = FromPeer::Resume(processes.clone());
                self.ask(step, OperationKind::Resume, &word)
            }
            Action::Signal { processes, signal } => {
                let word = FromPeer::Signal(processes.clone(), *signal);
                self.ask(step, OperationKind::Signal, &word)
            }
            Action::Crash { how } => {
                let _never_returns = self.begin(BeginRecord::of(step.id, OperationKind::Crash))?;
                crash(*how)
            }
            Action::Threads { threads } => self.threads(threads),
            Action::Exit { code } => {
                let exit = BeginRecord::of(step.id, OperationKind::Exit);
                let _never_returns = self.begin(exit)?;
                Err(Halt::Exit(*code))
            }
            Action::Barrier { name } => self.ask(
                step,
                OperationKind::Barrier,
                &FromPeer::Barrier(name.clone()),
            ),
            Action::Await { event } => {
                self.ask(step, OperationKind::Await, &FromPeer::Ask(event.clone()))
            }
            Action::Idle { time } => self.idle(step, *time),
            Action::Repeat { count, steps } => {
                for round in 0..*count {
                    let outer = self.bindings.bind_round(Some(round));
                    self.steps(steps)?;
                    self.bindings.bind_round(outer);
                }
                Ok(())
            }
            Action::Set { vars } => {
                for (name, value) in vars {
                    let item = self.bindings.resolve(value)?;
                    self.bindings.vars.insert(name.clone(), item);
                }
                Ok(())
            }
            Action::Print { text } => self.print(step, text),
        }
    }

    fn print(&mut self, step: &Step, text: &[Piece]) -> StepResult {
        let mut line = self.bindings.text(text)?;
        let content = Content::of(line.as_bytes());
        line.push('\n');
        let begin = BeginRecord::of(step.id, OperationKind::Print).with(content);
        self.operate(begin, |thread| {
            (&*thread.stdout)
                .write_all(line.as_bytes())
                .map_err(Failure::from)
        })
        .map(drop)
    }

    fn idle(&mut self, step: &Step, time: Option<Duration>) -> StepResult {
        let begin = BeginRecord::of(step.id, OperationKind::Idle);
        self.operate(begin, |_| match time {
            Some(time) => {
                std::thread::sleep(time);
                Ok(())
            }
            None => loop {
                std::thread::park();
            },
        })
        .map(drop)
    }

    /// Runs one operation that sends a request to the harness and waits for the reply.
    fn ask(&mut self, step: &Step, kind: OperationKind, word: &FromPeer) -> StepResult {
        self.operate(BeginRecord::of(step.id, kind), |thread| {
            thread.tell_and_wait(word)
        })
        .map(drop)
    }

    /// Closes the ends that are still open, as the library closes them, and waits for the processes
    /// that this one started.
    fn finish(&mut self) -> StepResult {
        let begun = self.begin(BeginRecord::of(NO_STEP, OperationKind::Exit))?;
        let given: Vec<End> = self.plan.processes[self.me]
            .ends
            .iter()
            .map(|given| given.end)
            .collect();
        for end in given {
            drop(self.ends.remove(&end));
        }
        for process in self.resources()?.children.running() {
            self.wait_for(process, Wait::Deadline)?;
        }
        self.backend.at_exit();
        let before = self.resources()?.descriptors_before;
        let left = match (before, descriptors::open_descriptors()) {
            (Some(before), Some(now)) => Some(now.saturating_sub(before)),
            _ => None,
        };
        let content = left.map(|left| Content::of(&left.to_le_bytes()));
        let done = ReturnRecord {
            outcome: Outcome::Ok,
            content,
            raw: None,
            definite: false,
        };
        self.log_and_link.done(&begun, clock::now(), done);
        Ok(())
    }
}
