//! Steps, one after the other; each operation recorded.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::children::Children;
use super::scope::Scope;
use super::{audit, channel, complain};
use crate::backend::registry::Registry;
use crate::backend::{Attached, Backend, Failure};
use crate::channel::End;
use crate::clock;
use crate::content::Content;
use crate::history::OperationKind;
use crate::item::Item;
use crate::link::PeerLink;
use crate::log::{Begin, Log, Return};
use crate::outcome::Outcome;
use crate::plan::{Action, Limit, NO_STEP, Plan, ProcessIndex, Source, Step, StepId, Value, Wait};
use crate::wire::{self, Order, Word};

/// One process of a plan, alive.
pub(super) struct Peer {
    pub(super) registry: Registry,
    pub(super) program: PathBuf,
    pub(super) folder: PathBuf,
    pub(super) link: PeerLink,
    pub(super) log: Log,
    pub(super) plan: Arc<Plan>,
    pub(super) me: ProcessIndex,
    pub(super) backend: Arc<dyn Backend>,
    pub(super) ends: BTreeMap<End, Attached>,
    pub(super) children: Children,
    pub(super) scope: Scope,
    pub(super) delays: Delays,
    pub(super) descriptors_before: Option<u64>,
    /// What the last get got.
    pub(super) buffer: Vec<u8>,
    /// The watched step whose first operation is still to be announced.
    pub(super) unannounced: Option<StepId>,
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

impl Peer {
    /// Runs all steps; what to exit with.
    pub(super) fn run(mut self) -> i32 {
        let plan = Arc::clone(&self.plan);
        let done = self
            .steps(&plan.processes[self.me].steps)
            .and_then(|()| self.finish());
        match done {
            Ok(()) => 0,
            Err(Stop::Exit(code)) => {
                // As the operating system closes them, not as the library does.
                std::mem::forget(self);
                code
            }
            Err(Stop::Trouble(why)) => {
                complain(&why);
                // Where the harness is gone nobody wants to know.
                let _ = self.tell(&Word::Trouble(why));
                super::TROUBLE
            }
        }
    }

    fn steps(&mut self, steps: &[Step]) -> Done {
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
            Action::Poll { end, wait } => {
                let asked = Asked::of(step, OperationKind::Poll).on(*end, *wait);
                self.operate(asked, |peer| channel::poll(peer.end(*end)?, *wait))
                    .map(drop)
            }
            Action::Close { end } => {
                let asked = Asked::of(step, OperationKind::Close).on(*end, Wait::Deadline);
                let close = |peer: &mut Peer| {
                    channel::close(peer.ends.remove(end).ok_or_else(channel::closed)?)
                };
                self.operate(asked, close).map(drop)
            }
            Action::HalfClose { end } => {
                let asked = Asked::of(step, OperationKind::HalfClose).on(*end, Wait::Deadline);
                self.operate(asked, |peer| channel::half_close(peer.end(*end)?))
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
            Action::Exit { code } => {
                let exit = Asked::of(step, OperationKind::Exit).begin(None);
                let _never_returns = self.log.begin(exit)?;
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

    fn put(&mut self, step: &Step, end: End, source: &Source, wait: Wait) -> Done {
        let codec = self.plan.channels[end.channel].codec;
        let message = |scope: &Scope, value: &Value| scope.encode(value, codec);
        match source {
            Source::Items(values) => {
                for value in values {
                    let message = message(&self.scope, value)?;
                    if !self.put_one(step, end, &message, wait)? {
                        break;
                    }
                }
            }
            Source::Count { from, count, size } => {
                for n in 0..*count {
                    let number = Value::Literal(Item::Int(from.wrapping_add_unsigned(n)));
                    let value = match size {
                        Some(size) => Value::Sized {
                            number: Box::new(number),
                            size: *size,
                        },
                        None => number,
                    };
                    let message = message(&self.scope, &value)?;
                    if !self.put_one(step, end, &message, wait)? {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    fn put_one(&mut self, step: &Step, end: End, message: &[u8], wait: Wait) -> Done<bool> {
        let asked = Asked::of(step, OperationKind::Put)
            .on(end, wait)
            .with(Content::of(message));
        let outcome = self.operate(asked, |peer| channel::put(peer.end(end)?, message, wait))?;
        Ok(outcome == Outcome::Ok)
    }

    fn get(
        &mut self,
        step: &Step,
        end: End,
        limit: &Limit,
        each: &[Step],
        into: Option<&str>,
        wait: Wait,
    ) -> Done {
        let codec = self.plan.channels[end.channel].codec;
        let (most, last) = match limit {
            Limit::Count(count) => (*count, Vec::new()),
            Limit::Until(values) => {
                let last = values.iter().map(|value| self.scope.encode(value, codec));
                (u64::MAX, last.collect::<Result<Vec<_>, _>>()?)
            }
        };
        for _ in 0..most {
            if !self.get_one(step, end, wait)? {
                break;
            }
            if let Some(name) = into {
                self.scope
                    .vars
                    .insert(name.to_owned(), codec.decode(&self.buffer));
            }
            if last.contains(&self.buffer) {
                break;
            }
            if !each.is_empty() {
                let outer = self.scope.bind_item(Some(codec.decode(&self.buffer)));
                self.steps(each)?;
                self.scope.bind_item(outer);
            }
        }
        Ok(())
    }

    fn get_one(&mut self, step: &Step, end: End, wait: Wait) -> Done<bool> {
        let asked = Asked::of(step, OperationKind::Get).on(end, wait);
        let outcome = self.operate(asked, |peer| {
            // Apart from its peer for the moment, so that both can be borrowed.
            let mut buffer = std::mem::take(&mut peer.buffer);
            let got = peer
                .end(end)
                .and_then(|end| channel::get(end, &mut buffer, wait));
            peer.buffer = buffer;
            got
        })?;
        Ok(outcome == Outcome::Ok)
    }

    fn end(&mut self, end: End) -> Result<&mut Attached, Failure> {
        self.ends.get_mut(&end).ok_or_else(channel::closed)
    }

    /// Does and records one operation.
    pub(super) fn operate(
        &mut self,
        asked: Asked,
        call: impl FnOnce(&mut Peer) -> Result<(), Failure>,
    ) -> Done<Outcome> {
        if asked.end.is_some() {
            self.delays.pause();
        }
        let begin = asked.begin(asked.content);
        let begun = self.log.begin(begin)?;
        if let Some(step) = self.unannounced.take() {
            self.tell(&Word::Started(step))?;
        }
        let result = call(self);
        let returned = clock::now();
        let (outcome, raw, definite) = match &result {
            Ok(()) => (Outcome::Ok, None, false),
            Err(failure) => (failure.outcome, failure.raw, failure.definite),
        };
        let content = match asked.kind {
            OperationKind::Get if result.is_ok() => Some(Content::of(&self.buffer)),
            _ => asked.content,
        };
        self.log.done(
            &begun,
            returned,
            Return {
                outcome,
                content,
                raw,
                definite,
            },
        );
        if let Err(failure) = result
            && outcome == Outcome::Error
        {
            complain(&failure.message);
        }
        Ok(outcome)
    }

    fn print(&mut self, step: &Step, text: &[crate::plan::Piece]) -> Done {
        let mut line = self.scope.text(text)?;
        let content = Content::of(line.as_bytes());
        line.push('\n');
        let asked = Asked::of(step, OperationKind::Print).with(content);
        self.operate(asked, |_| {
            let mut stdout = io::stdout().lock();
            stdout
                .write_all(line.as_bytes())
                .and_then(|()| stdout.flush())
                .map_err(Failure::from)
        })
        .map(drop)
    }

    fn idle(&mut self, step: &Step, time: Option<Duration>) -> Done {
        let asked = Asked {
            timed: time.is_some(),
            ..Asked::of(step, OperationKind::Idle)
        };
        self.operate(asked, |_| match time {
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
        self.operate(Asked::of(step, kind), |peer| peer.tell_and_wait(word))
            .map(drop)
    }

    pub(super) fn tell_and_wait(&mut self, word: &Word) -> Result<(), Failure> {
        self.tell(word)?;
        self.wait_for_answer()
    }

    /// Waits until what was asked for has happened.
    pub(super) fn wait_for_answer(&mut self) -> Result<(), Failure> {
        let frame = self
            .link
            .recv()?
            .ok_or_else(|| io::Error::other("the harness is gone"))?;
        match wire::message(&frame.body)? {
            Order::Happened => Ok(()),
            Order::Impossible => Err(Failure::new(
                Outcome::Error,
                "it can't happen any more, or it came too early",
            )),
            other => Err(io::Error::other(format!("an unexpected order: {other:?}")).into()),
        }
    }

    pub(super) fn tell(&mut self, word: &Word) -> io::Result<()> {
        self.link.send(wire::frame(word, Vec::new()))
    }

    /// Closes what is still open, as the library does, and waits for the processes that this one
    /// started.
    fn finish(&mut self) -> Done {
        let begun = self
            .log
            .begin(Asked::unasked(OperationKind::Exit).begin(None))?;
        let given: Vec<End> = self.plan.processes[self.me]
            .ends
            .iter()
            .map(|given| given.end)
            .collect();
        for end in given {
            drop(self.ends.remove(&end));
        }
        for process in self.children.running() {
            self.wait_for(process)?;
        }
        let left = match (self.descriptors_before, audit::open_descriptors()) {
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
        self.log.done(&begun, clock::now(), done);
        Ok(())
    }
}

/// What is about to be done, before it is recorded.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    step: StepId,
    pub(super) kind: OperationKind,
    end: Option<End>,
    content: Option<Content>,
    timed: bool,
}

impl Asked {
    pub(super) fn of(step: &Step, kind: OperationKind) -> Asked {
        Asked {
            step: step.id,
            ..Asked::unasked(kind)
        }
    }

    fn unasked(kind: OperationKind) -> Asked {
        Asked {
            step: NO_STEP,
            kind,
            end: None,
            content: None,
            timed: false,
        }
    }

    fn on(self, end: End, wait: Wait) -> Asked {
        Asked {
            end: Some(end),
            timed: wait != Wait::Deadline,
            ..self
        }
    }

    fn with(self, content: Content) -> Asked {
        Asked {
            content: Some(content),
            ..self
        }
    }

    fn begin(self, content: Option<Content>) -> Begin {
        let Asked {
            step,
            kind,
            end,
            timed,
            ..
        } = self;
        Begin {
            step,
            kind,
            end,
            content,
            timed,
        }
    }
}

/// Pauses before operations that follow from a seed, so that schedules differ.
pub(super) struct Delays(Option<fastrand::Rng>);

impl Delays {
    /// One pause in so many operations.
    const RARITY: u32 = 4;
    const LONGEST: Duration = Duration::from_micros(300);

    pub(super) fn of(seed: u64, process: ProcessIndex) -> Delays {
        let mixed = seed ^ (process as u64 + 1).rotate_left(32);
        Delays((seed != 0).then(|| fastrand::Rng::with_seed(mixed)))
    }

    fn pause(&mut self) {
        if let Some(random) = &mut self.0
            && random.u32(0..Delays::RARITY) == 0
        {
            std::thread::sleep(Delays::LONGEST.mul_f64(random.f64()));
        }
    }
}
