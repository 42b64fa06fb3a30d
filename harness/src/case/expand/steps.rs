//! Expands the steps of a case to those of a plan, with their expected results.

use super::buffers::buffer;
use super::context::StepContext;
use super::labels::{LabelEvent, StepLabels};
use super::layout::Layout;
use super::padding::{all_padded, check_payload, padded, size};
use crate::backend::Outcome;
use crate::case::model::{
    Action, Event, Get, Limit, OperationOptions, Poll, Put, Repeat, Source, Step, Until,
};
use crate::case::symbols::SymbolTable;
use crate::case::{Diagnostic, Diagnostics, Span, Spanned};
use crate::plan::{self, Expected, StepId};

/// Builds the steps of a plan, process by process, and numbers them.
pub(super) struct StepBuilder<'c> {
    pub(super) symbols: &'c SymbolTable<'c>,
    layout: &'c Layout,
    /// The expected result of each step so far; its length is the id of the next step.
    pub(super) expected: Vec<Expected>,
    pub(super) labels: StepLabels<'c>,
    pub(super) errors: Diagnostics,
}

impl<'c> StepBuilder<'c> {
    pub(super) fn new(symbols: &'c SymbolTable<'c>, layout: &'c Layout) -> StepBuilder<'c> {
        StepBuilder {
            symbols,
            layout,
            expected: Vec::new(),
            labels: StepLabels::default(),
            errors: Diagnostics::new(),
        }
    }

    /// Builds the steps of the plan. A step with a mistake is left out, and the mistake is added.
    pub(super) fn steps(
        &mut self,
        steps: &'c [Step],
        context: &StepContext<'_>,
    ) -> Vec<plan::Step> {
        let built = steps
            .iter()
            .filter_map(|step| match self.step(step, context) {
                Ok(step) => Some(step),
                Err(error) => {
                    self.errors.push(error);
                    None
                }
            });
        built.collect()
    }

    fn step(
        &mut self,
        step: &'c Step,
        context: &StepContext<'_>,
    ) -> Result<plan::Step, Diagnostic> {
        // The step takes its id before its nested steps do.
        let id = self.expected.len() as StepId;
        let label = step.action.label();
        self.expected.push(Expected {
            span: step.span.range(),
            label: label.map(|label| label.value.clone()),
            outcomes: vec![Outcome::Ok],
            items: None,
            explicit: false,
        });
        if let Some(label) = label {
            self.labels.give(label, id);
        }
        let action = self.action(id, step, context)?;
        Ok(plan::Step {
            id,
            watched: false,
            action,
        })
    }

    fn action(
        &mut self,
        id: StepId,
        step: &'c Step,
        context: &StepContext<'_>,
    ) -> Result<plan::Action, Diagnostic> {
        let targets = |target| self.layout.targets(target, self.symbols);
        Ok(match &step.action {
            Action::Put(put) => self.put(id, put, context)?,
            Action::Get(get) => self.get(id, get, context)?,
            Action::Poll(poll) => self.poll(id, poll, step.span, context)?,
            Action::TaskDone(call) => {
                self.apply_expect(id, &call.options, context)?;
                plan::Action::TaskDone {
                    end: self.symbols.end(&call.on)?,
                }
            }
            Action::JoinQueue(call) => {
                self.apply_expect(id, &call.options, context)?;
                plan::Action::JoinQueue {
                    end: self.symbols.end(&call.on)?,
                }
            }
            Action::Hint(hint, call) => {
                self.apply_expect(id, &call.options, context)?;
                plan::Action::Hint {
                    end: self.symbols.end(&call.on)?,
                    hint: *hint,
                }
            }
            Action::Close(end) => plan::Action::Close {
                end: self.symbols.closed(end)?,
            },
            Action::HalfClose(end) => plan::Action::HalfClose {
                end: self.symbols.end(end)?,
            },
            Action::Open(channel) => plan::Action::Open {
                channel: self.symbols.channel(channel, channel.span)?.0,
            },
            Action::Start(target) => plan::Action::Start {
                processes: targets(target)?,
            },
            Action::Join(join) => {
                self.apply_expect(id, &join.options, context)?;
                plan::Action::Join {
                    processes: targets(&join.of)?,
                    wait: context.values.wait(join.options.wait.as_ref())?,
                }
            }
            Action::Kill(target) => plan::Action::Kill {
                processes: targets(target)?,
                terminates: false,
            },
            Action::Terminate(target) => plan::Action::Kill {
                processes: targets(target)?,
                terminates: true,
            },
            Action::Pause(target) => plan::Action::Pause {
                processes: targets(target)?,
            },
            Action::Resume(target) => plan::Action::Resume {
                processes: targets(target)?,
            },
            Action::Signal(signal) => plan::Action::Signal {
                processes: targets(&signal.to)?,
                signal: context.values.signal(&signal.name)?,
            },
            Action::Exit(code) => plan::Action::Exit { code: code.value },
            Action::Crash(how) => {
                self.expect(id, vec![Outcome::Pending]);
                plan::Action::Crash {
                    how: context.values.crash(how)?,
                }
            }
            Action::Barrier(name) => plan::Action::Barrier {
                name: name.value.clone(),
            },
            Action::Await(event) => plan::Action::Await {
                event: self.event(id, event)?,
            },
            Action::Idle(time) => {
                if time.value.is_none() {
                    self.expect(id, vec![Outcome::Pending]);
                }
                plan::Action::Idle { time: time.value }
            }
            Action::Repeat(repeat) => self.repeat(repeat, context)?,
            Action::Threads(threads) => plan::Action::Threads {
                threads: threads
                    .iter()
                    .map(|steps| self.steps(steps, context))
                    .collect(),
            },
            Action::Set(vars) => {
                let set = vars.iter().map(|binding| {
                    let value = context
                        .values
                        .value(&binding.value.value, binding.value.span)?;
                    Ok((binding.name.value.clone(), value))
                });
                plan::Action::Set {
                    vars: set.collect::<Result<_, Diagnostic>>()?,
                }
            }
            Action::Print(text) => plan::Action::Print {
                text: context.values.pieces(text)?,
            },
            Action::Listen(listen) => self.listen(id, listen, context)?,
            Action::Accept(setup) => {
                let (end, into, wait) = self.setup(id, setup, context)?;
                plan::Action::Accept { end, into, wait }
            }
            Action::Connect(setup) => {
                let (end, into, wait) = self.setup(id, setup, context)?;
                let key = self.key(setup)?;
                plan::Action::Connect {
                    end,
                    into,
                    key,
                    wait,
                }
            }
            Action::Raw(raw) => self.raw(raw, context)?,
        })
    }

    fn put(
        &mut self,
        id: StepId,
        put: &'c Put,
        context: &StepContext<'_>,
    ) -> Result<plan::Action, Diagnostic> {
        let end = self.symbols.end(&put.on)?;
        let size = size(put.size.as_ref(), context)?;
        let source = match &put.source {
            Source::Item(item) => plan::Source::Items(vec![padded(item, size, context)?]),
            Source::Items(items) => plan::Source::Items(all_padded(items, size, context)?),
            Source::Count { count, from } => {
                let (from, count) =
                    context
                        .numbers
                        .range(end, count, from.as_ref(), context.values)?;
                let last = from.saturating_add(count).checked_sub(1);
                signed(last.unwrap_or(0), put.on.span)?;
                if let (Some(size), Some(last)) = (size, last) {
                    check_payload(last, size, count_span(put))?;
                }
                plan::Source::Count {
                    from: signed(from, put.on.span)?,
                    count,
                    size,
                }
            }
        };
        self.apply_expect(id, &put.options, context)?;
        let wait = context.values.wait(put.options.wait.as_ref())?;
        Ok(plan::Action::Put { end, source, wait })
    }

    fn get(
        &mut self,
        id: StepId,
        get: &'c Get,
        context: &StepContext<'_>,
    ) -> Result<plan::Action, Diagnostic> {
        let end = self.symbols.end(&get.on)?;
        let size = size(get.size.as_ref(), context)?;
        let mut items = None;
        let limit = match &get.limit {
            Limit::One => plan::Limit::Count(1),
            Limit::Count(count) => plan::Limit::Count(context.values.number(count)?),
            Limit::Until(awaited) => self.until(id, awaited, size, context)?,
            Limit::Item(item) => {
                items = Some(vec![padded(item, size, context)?]);
                plan::Limit::Count(1)
            }
            Limit::Items(expected) => {
                items = Some(all_padded(expected, size, context)?);
                plan::Limit::Count(expected.len() as u64)
            }
        };
        self.expected[id as usize].items = items;
        self.apply_expect(id, &get.options, context)?;
        Ok(plan::Action::Get {
            end,
            limit,
            wait: context.values.wait(get.options.wait.as_ref())?,
            into: get.into.as_ref().map(|into| into.value.clone()),
            buffer: buffer(get, context)?,
            each: self.steps(&get.each, context),
        })
    }

    /// Lowers `until`. `$end` becomes an expected outcome, because every get stops at the end of stream.
    fn until(
        &mut self,
        id: StepId,
        awaited: &[Spanned<Until>],
        size: Option<u64>,
        context: &StepContext<'_>,
    ) -> Result<plan::Limit, Diagnostic> {
        let mut outcomes = Vec::new();
        let mut values = Vec::new();
        for one in awaited {
            let outcome = match &one.value {
                Until::End => Outcome::End,
                Until::Item(item) => {
                    values.push(padded(&one.span.with(item.clone()), size, context)?);
                    Outcome::Ok
                }
            };
            if !outcomes.contains(&outcome) {
                outcomes.push(outcome);
            }
        }
        self.expect(id, outcomes);
        Ok(plan::Limit::Until(values))
    }

    fn poll(
        &mut self,
        id: StepId,
        poll: &'c Poll,
        position: Span,
        context: &StepContext<'_>,
    ) -> Result<plan::Action, Diagnostic> {
        if poll.on.is_empty() {
            return Err(Diagnostic::new(position, "`poll` needs at least one end"));
        }
        self.apply_expect(id, &poll.options, context)?;
        // Case files write `ready` for a poll that returns ok.
        let outcomes = &mut self.expected[id as usize].outcomes;
        if let Some(ready) = outcomes.iter().position(|one| *one == Outcome::Ready) {
            outcomes.remove(ready);
            if !outcomes.contains(&Outcome::Ok) {
                outcomes.insert(ready, Outcome::Ok);
            }
        }
        Ok(plan::Action::Poll {
            ends: poll
                .on
                .iter()
                .map(|on| self.symbols.end(on))
                .collect::<Result<_, _>>()?,
            wait: context.values.wait(poll.options.wait.as_ref())?,
        })
    }

    fn repeat(
        &mut self,
        repeat: &'c Repeat,
        context: &StepContext<'_>,
    ) -> Result<plan::Action, Diagnostic> {
        let count = context.values.number(&repeat.count)?;
        let inside = StepContext {
            rounds: Some(count),
            ..*context
        };
        Ok(plan::Action::Repeat {
            count,
            steps: self.steps(&repeat.steps, &inside),
        })
    }

    fn event(&mut self, id: StepId, event: &'c Event) -> Result<plan::Event, Diagnostic> {
        let (make_event, label): (LabelEvent, _) = match event {
            Event::Started(label) => (plan::Event::Started, label),
            Event::Blocked(label) => (plan::Event::Blocked, label),
            Event::Done(label) => (plan::Event::Done, label),
            Event::Exited(target) => {
                let exited = self.layout.targets(target, self.symbols)?;
                return Ok(plan::Event::Exited(exited));
            }
        };
        self.symbols.label(label)?;
        self.labels.wait_for(label, make_event, id);
        Ok(make_event(Vec::new()))
    }

    fn expect(&mut self, id: StepId, outcomes: Vec<Outcome>) {
        self.expected[id as usize].outcomes = outcomes;
    }

    /// Replaces the derived outcomes with those that the case states, if it does.
    pub(super) fn apply_expect(
        &mut self,
        id: StepId,
        options: &OperationOptions,
        context: &StepContext<'_>,
    ) -> Result<(), Diagnostic> {
        if !options.expect.is_empty() {
            let outcomes = context.values.outcomes(&options.expect)?;
            let expected = &mut self.expected[id as usize];
            expected.outcomes = outcomes;
            expected.explicit = true;
        }
        Ok(())
    }
}

/// Returns the position for a mistake about the size.
fn count_span(put: &Put) -> Span {
    put.size.as_ref().map_or(put.on.span, |size| size.span)
}

fn signed(number: u64, position: Span) -> Result<i64, Diagnostic> {
    i64::try_from(number)
        .map_err(|_| Diagnostic::new(position, "these numbers need more than 64 bits"))
}
