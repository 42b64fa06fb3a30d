//! Steps, one after the other; each operation recorded.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use super::descent::Whole;
use super::desk::Desk;
use super::exposure::Exposure;
use super::operation::Delays;
use super::scope::Scope;
use super::{audit, channel, complain};
use crate::backend::{Attached, Backend, End, Failure, Handle, Outcome, Side};
use crate::history::OperationKind;
use crate::os::clock;
use crate::os::supervisor::crash::crash;
use crate::peer::log::{Begin, Return};
use crate::peer::wire::{Said, Word};
use crate::plan::content::Content;
use crate::plan::{Action, NO_STEP, Piece, Plan, ProcessIndex, Step, StepId};

/// One process of a plan, alive; or, within a `threads` step, one of its threads.
pub(super) struct Thread<'p> {
    pub(super) desk: Desk<'p>,
    /// Where it prints: its standard output may become a channel's end.
    pub(super) stdout: Arc<File>,
    pub(super) plan: Arc<Plan>,
    pub(super) me: ProcessIndex,
    /// 0 for the process itself, else from 1.
    pub(super) number: u16,
    pub(super) backend: Arc<dyn Backend>,
    pub(super) ends: BTreeMap<End, Attached>,
    pub(super) scope: Scope,
    pub(super) delays: Delays,
    /// What the last get got.
    pub(super) buffer: Vec<u8>,
    pub(super) exposure: Exposure,
    /// The watched step whose first operation is still to be announced.
    pub(super) unannounced: Option<StepId>,
    /// What the process itself has, and none of its threads.
    pub(super) whole: Option<Whole>,
}

/// Why steps aren't gone on with.
pub(super) enum Stop {
    /// A step exits with this code.
    Exit(i32),
    /// It can't be done, and not for the library's sake.
    Trouble(String),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        Stop::Trouble(error.to_string())
    }
}

impl From<String> for Stop {
    fn from(why: String) -> Stop {
        Stop::Trouble(why)
    }
}

pub(super) type Done<T = ()> = Result<T, Stop>;

impl Thread<'_> {
    /// Runs all steps; what to exit with.
    pub(super) fn run(mut self) -> i32 {
        let plan = Arc::clone(&self.plan);
        let done = self
            .steps(&plan.processes[self.me].steps)
            .and_then(|()| self.finish());
        let code = match done {
            Ok(()) => 0,
            Err(stop) => self.code_of(stop),
        };
        // Ends that are still open the operating system closes, not the library; and the link with
        // them, so that who sees it gone knows that this process is.
        std::mem::forget(self);
        code
    }

    /// What to exit with, having said why.
    pub(super) fn code_of(&mut self, stop: Stop) -> i32 {
        match stop {
            Stop::Exit(code) => code,
            Stop::Trouble(why) => {
                complain(&why);
                // Where the harness is gone nobody wants to know.
                let _ = self.tell(&Word::Trouble(why));
                super::TROUBLE
            }
        }
    }

    pub(super) fn steps(&mut self, steps: &[Step]) -> Done {
        steps.iter().try_for_each(|step| self.step(step))
    }

    fn step(&mut self, step: &Step) -> Done {
        if step.watched {
            self.unannounced = Some(step.id);
        }
        self.act(step)?;
        if step.watched {
            self.unannounced = None;
            self.tell(&Word::Done(step.id))?;
        }
        Ok(())
    }

    fn act(&mut self, step: &Step) -> Done {
        match &step.action {
            Action::Put { end, source, wait } => self.put(step, *end, source, *wait),
            Action::Get {
                end,
                limit,
                each,
                into,
                wait,
            } => self.get(step, *end, limit, each, into.as_deref(), *wait),
            Action::Poll { ends, wait } => self.poll(step, ends, *wait),
            Action::Listen { end, replace } => self.listen(step, *end, *replace),
            Action::Accept { end, into, wait } => self.accept(step, *end, *into, *wait),
            Action::Connect {
                end,
                into,
                key,
                wait,
            } => self.connect(step, *end, *into, key.as_deref(), *wait),
            Action::Raw { end, bytes } => self.raw(step, *end, bytes),
            Action::Close { end } if end.side == Side::Name => self.close_listener(step, *end),
            Action::Close { end } => {
                let begin = Begin::of(step.id, OperationKind::Close).on(*end);
                self.operate(begin, |thread| {
                    channel::close(thread.ends.remove(end).ok_or_else(channel::closed)?)
                })
                .map(drop)
            }
            Action::HalfClose { end } => {
                let begin = Begin::of(step.id, OperationKind::HalfClose).on(*end);
                self.operate(begin, |thread| channel::half_close(thread.end(*end)?))
                    .map(drop)
            }
            Action::Open { channel } => self.open(step, *channel),
            Action::Start { processes } => processes
                .iter()
                .try_for_each(|process| self.start(step, *process)),
            Action::Join { processes } => processes
                .iter()
                .try_for_each(|process| self.join(step, *process)),
            Action::Kill { processes } => {
                let word = Word::Kill(processes.clone());
                self.ask(step, OperationKind::Kill, &word)
            }
            Action::Pause { processes } => {
                let word = Word::Pause(processes.clone());
                self.ask(step, OperationKind::Pause, &word)
            }
            Action::Resume { processes } => {
                let word = Word::Resume(processes.clone());
                self.ask(step, OperationKind::Resume, &word)
            }
            Action::Crash { how } => {
                let _never_returns = self.begin(Begin::of(step.id, OperationKind::Crash))?;
                crash(*how)
            }
            Action::Threads { threads } => self.threads(threads),
            Action::Exit { code } => {
                let exit = Begin::of(step.id, OperationKind::Exit);
                let _never_returns = self.begin(exit)?;
                Err(Stop::Exit(*code))
            }
            Action::Barrier { name } => {
                self.ask(step, OperationKind::Barrier, &Word::Barrier(name.clone()))
            }
            Action::Await { event } => {
                self.ask(step, OperationKind::Await, &Word::Ask(event.clone()))
            }
            Action::Idle { time } => self.idle(step, *time),
            Action::Repeat { count, steps } => {
                for round in 0..*count {
                    let outer = self.scope.bind_round(Some(round));
                    self.steps(steps)?;
                    self.scope.bind_round(outer);
                }
                Ok(())
            }
            Action::Set { vars } => {
                for (name, value) in vars {
                    let item = self.scope.resolve(value)?;
                    self.scope.vars.insert(name.clone(), item);
                }
                Ok(())
            }
            Action::Print { text } => self.print(step, text),
        }
    }

    fn print(&mut self, step: &Step, text: &[Piece]) -> Done {
        let mut line = self.scope.text(text)?;
        let content = Content::of(line.as_bytes());
        line.push('\n');
        let begin = Begin::of(step.id, OperationKind::Print).with(content);
        self.operate(begin, |thread| {
            (&*thread.stdout)
                .write_all(line.as_bytes())
                .map_err(Failure::from)
        })
        .map(drop)
    }

    fn idle(&mut self, step: &Step, time: Option<Duration>) -> Done {
        let begin = Begin::of(step.id, OperationKind::Idle);
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

    /// Tells the harness something and waits until it has happened.
    fn ask(&mut self, step: &Step, kind: OperationKind, word: &Word) -> Done {
        self.operate(Begin::of(step.id, kind), |thread| {
            thread.tell_and_wait(word)
        })
        .map(drop)
    }

    pub(super) fn tell_and_wait(&mut self, word: &Word) -> Result<(), Failure> {
        self.tell(word)?;
        self.wait_for_answer()
    }

    /// Waits until what was asked for has happened.
    pub(super) fn wait_for_answer(&mut self) -> Result<(), Failure> {
        self.desk.wait_for_answer(self.number)
    }

    pub(super) fn tell(&mut self, word: &Word) -> io::Result<()> {
        self.tell_with(word, Vec::new())
    }

    /// Tells the harness something that handles belong to.
    pub(super) fn tell_with(&mut self, word: &Word, handles: Vec<Handle>) -> io::Result<()> {
        let thread = self.number;
        self.desk.tell(&Said { thread, word }, handles)
    }

    /// Closes what is still open, as the library does, and waits for the processes that this one
    /// started.
    fn finish(&mut self) -> Done {
        let begun = self.begin(Begin::of(NO_STEP, OperationKind::Exit))?;
        let given: Vec<End> = self.plan.processes[self.me]
            .ends
            .iter()
            .map(|given| given.end)
            .collect();
        for end in given {
            drop(self.ends.remove(&end));
        }
        for process in self.whole()?.children.running() {
            self.wait_for(process)?;
        }
        self.backend.at_exit();
        let left = match (self.whole()?.descriptors_before, audit::open_descriptors()) {
            (Some(before), Some(now)) => Some(now.saturating_sub(before)),
            _ => None,
        };
        let content = left.map(|left| Content::of(&left.to_le_bytes()));
        let done = Return {
            outcome: Outcome::Ok,
            content,
            raw: None,
            definite: false,
        };
        self.desk.done(&begun, clock::now(), done);
        Ok(())
    }
}
