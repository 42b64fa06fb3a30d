//! From the steps of a case to those of a plan, and what is expected of each.

use std::collections::BTreeMap;

use super::layout::Layout;
use super::numbers::{Numbers, all_padded, padded, payload};
use super::values::Values;
use crate::backend::Outcome;
use crate::case::model::{
    Action, Event, Get, Limit, Manner, Poll, Put, Repeat, Source, Step, Until,
};
use crate::case::scope::Scope;
use crate::case::{Diagnostic, Diagnostics, Span, Spanned};
use crate::plan::{self, Expected, StepId};

/// Turns steps into those of the plan, process by process, numbering them all.
pub(super) struct Builder<'c> {
    pub(super) scope: &'c Scope<'c>,
    layout: &'c Layout,
    /// What each step so far is expected to come to; its length is the next step's id.
    pub(super) expected: Vec<Expected>,
    /// Which steps have each label.
    labels: BTreeMap<&'c str, Vec<StepId>>,
    /// What the steps so far that await something of labelled steps wait for.
    awaits: BTreeMap<StepId, (Awaited, &'c Spanned<String>)>,
    pub(super) errors: Diagnostics,
}

/// What is awaited of labelled steps.
#[derive(Clone, Copy)]
enum Awaited {
    Started,
    Blocked,
    Done,
}

/// Where the builder is: in which replica of which process, inside what.
pub(super) struct Place<'v> {
    pub(super) values: &'v Values<'v>,
    /// Which numbers this replica sends.
    pub(super) numbers: &'v Numbers,
    /// How many rounds the innermost repeat has.
    pub(super) rounds: Option<u64>,
}

impl<'c> Builder<'c> {
    pub(super) fn new(scope: &'c Scope<'c>, layout: &'c Layout) -> Builder<'c> {
        Builder {
            scope,
            layout,
            expected: Vec::new(),
            labels: BTreeMap::new(),
            awaits: BTreeMap::new(),
            errors: Diagnostics::new(),
        }
    }

    /// The steps of the plan for these; those that are wrong are told and left out.
    pub(super) fn steps(&mut self, steps: &'c [Step], at: &Place<'_>) -> Vec<plan::Step> {
        let built = steps.iter().filter_map(|step| match self.step(step, at) {
            Ok(step) => Some(step),
            Err(error) => {
                self.errors.push(error);
                None
            }
        });
        built.collect()
    }

    fn step(&mut self, step: &'c Step, at: &Place<'_>) -> Result<plan::Step, Diagnostic> {
        // The id is taken first, so that steps inside this one come after it.
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
            self.labels.entry(label).or_default().push(id);
        }
        let action = self.action(id, step, at)?;
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
        at: &Place<'_>,
    ) -> Result<plan::Action, Diagnostic> {
        let targets = |target| self.layout.targets(target, self.scope);
        Ok(match &step.action {
            Action::Put(put) => self.put(id, put, at)?,
            Action::Get(get) => self.get(id, get, at)?,
            Action::Poll(poll) => self.poll(id, poll, step.span, at)?,
            Action::Close(end) => plan::Action::Close {
                end: self.scope.closed(end)?,
            },
            Action::HalfClose(end) => plan::Action::HalfClose {
                end: self.scope.end(end)?,
            },
            Action::Open(channel) => plan::Action::Open {
                channel: self.scope.channel(channel, channel.span)?.0,
            },
            Action::Start(target) => plan::Action::Start {
                processes: targets(target)?,
            },
            Action::Join(target) => plan::Action::Join {
                processes: targets(target)?,
            },
            Action::Kill(target) => plan::Action::Kill {
                processes: targets(target)?,
            },
            Action::Pause(target) => plan::Action::Pause {
                processes: targets(target)?,
            },
            Action::Resume(target) => plan::Action::Resume {
                processes: targets(target)?,
            },
            Action::Exit(code) => plan::Action::Exit { code: code.value },
            Action::Crash(how) => {
                self.expect(id, vec![Outcome::Pending]);
                plan::Action::Crash {
                    how: at.values.crash(how)?,
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
            Action::Repeat(repeat) => self.repeat(repeat, at)?,
            Action::Threads(threads) => plan::Action::Threads {
                threads: threads.iter().map(|steps| self.steps(steps, at)).collect(),
            },
            Action::Set(vars) => {
                let set = vars.iter().map(|binding| {
                    let value = at.values.value(&binding.value.value, binding.value.span)?;
                    Ok((binding.name.value.clone(), value))
                });
                plan::Action::Set {
                    vars: set.collect::<Result<_, Diagnostic>>()?,
                }
            }
            Action::Print(text) => plan::Action::Print {
                text: at.values.pieces(text)?,
            },
            Action::Listen(listen) => self.listen(id, listen, at)?,
            Action::Accept(meeting) => {
                let (end, into, wait) = self.meeting(id, meeting, at)?;
                plan::Action::Accept { end, into, wait }
            }
            Action::Connect(meeting) => {
                let (end, into, wait) = self.meeting(id, meeting, at)?;
                let key = self.key(meeting)?;
                plan::Action::Connect {
                    end,
                    into,
                    key,
                    wait,
                }
            }
            Action::Raw(raw) => plan::Action::Raw {
                end: self.scope.end(&raw.on)?,
                bytes: raw.bytes.value.clone(),
            },
        })
    }

    fn put(
        &mut self,
        id: StepId,
        put: &'c Put,
        at: &Place<'_>,
    ) -> Result<plan::Action, Diagnostic> {
        let end = self.scope.end(&put.on)?;
        let size = put
            .size
            .as_ref()
            .map(|size| at.values.number(size))
            .transpose()?;
        let source = match &put.source {
            Source::Item(item) => plan::Source::Items(vec![padded(item, size, at)?]),
            Source::Items(items) => plan::Source::Items(all_padded(items, size, at)?),
            Source::Count { count, from } => {
                let (from, count) = at.numbers.range(end, count, from.as_ref(), at.values)?;
                if let (Some(size), Some(last)) = (size, (from + count).checked_sub(1)) {
                    payload(last, size, count_span(put))?;
                }
                plan::Source::Count {
                    from: signed(from, put.on.span)?,
                    count,
                    size,
                }
            }
        };
        self.expect_manner(id, &put.manner, at)?;
        let wait = at.values.wait(put.manner.wait.as_ref())?;
        Ok(plan::Action::Put { end, source, wait })
    }

    fn get(
        &mut self,
        id: StepId,
        get: &'c Get,
        at: &Place<'_>,
    ) -> Result<plan::Action, Diagnostic> {
        let end = self.scope.end(&get.on)?;
        let size = get
            .size
            .as_ref()
            .map(|size| at.values.number(size))
            .transpose()?;
        let mut items = None;
        let limit = match &get.limit {
            Limit::One => plan::Limit::Count(1),
            Limit::Count(count) => plan::Limit::Count(at.values.number(count)?),
            Limit::Until(awaited) => self.until(id, awaited, size, at)?,
            Limit::Item(item) => {
                items = Some(vec![padded(item, size, at)?]);
                plan::Limit::Count(1)
            }
            Limit::Items(expected) => {
                items = Some(all_padded(expected, size, at)?);
                plan::Limit::Count(expected.len() as u64)
            }
        };
        self.expected[id as usize].items = items;
        self.expect_manner(id, &get.manner, at)?;
        Ok(plan::Action::Get {
            end,
            limit,
            wait: at.values.wait(get.manner.wait.as_ref())?,
            into: get.into.as_ref().map(|into| into.value.clone()),
            each: self.steps(&get.each, at),
        })
    }

    /// The end is no item: a get stops at it anyway, and what is expected says whether it may.
    fn until(
        &mut self,
        id: StepId,
        awaited: &[Spanned<Until>],
        size: Option<u64>,
        at: &Place<'_>,
    ) -> Result<plan::Limit, Diagnostic> {
        let mut outcomes = Vec::new();
        let mut values = Vec::new();
        for one in awaited {
            let outcome = match &one.value {
                Until::End => Outcome::End,
                Until::Item(item) => {
                    values.push(padded(&one.span.with(item.clone()), size, at)?);
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
        place: Span,
        at: &Place<'_>,
    ) -> Result<plan::Action, Diagnostic> {
        if poll.on.is_empty() {
            return Err(Diagnostic::new(place, "`poll` names the ends that it asks"));
        }
        self.expect_manner(id, &poll.manner, at)?;
        // `ready` is the case language's word for a poll that came to something.
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
                .map(|on| self.scope.end(on))
                .collect::<Result<_, _>>()?,
            wait: at.values.wait(poll.manner.wait.as_ref())?,
        })
    }

    fn repeat(&mut self, repeat: &'c Repeat, at: &Place<'_>) -> Result<plan::Action, Diagnostic> {
        let count = at.values.number(&repeat.count)?;
        let inside = Place {
            rounds: Some(count),
            ..*at
        };
        Ok(plan::Action::Repeat {
            count,
            steps: self.steps(&repeat.steps, &inside),
        })
    }

    fn event(&mut self, id: StepId, event: &'c Event) -> Result<plan::Event, Diagnostic> {
        let (awaited, label) = match event {
            Event::Started(label) => (Awaited::Started, label),
            Event::Blocked(label) => (Awaited::Blocked, label),
            Event::Done(label) => (Awaited::Done, label),
            Event::Exited(target) => {
                let exited = self.layout.targets(target, self.scope)?;
                return Ok(plan::Event::Exited(exited));
            }
        };
        self.scope.label(label)?;
        self.awaits.insert(id, (awaited, label));
        // The steps with the label may still be to come: `Builder::finish` fills them in.
        Ok(plan::Event::Done(Vec::new()))
    }

    fn expect(&mut self, id: StepId, outcomes: Vec<Outcome>) {
        self.expected[id as usize].outcomes = outcomes;
    }

    /// What the case itself says of the outcome goes before what was derived.
    pub(super) fn expect_manner(
        &mut self,
        id: StepId,
        manner: &Manner,
        at: &Place<'_>,
    ) -> Result<(), Diagnostic> {
        if !manner.expect.is_empty() {
            let outcomes = at.values.outcomes(&manner.expect)?;
            let expected = &mut self.expected[id as usize];
            expected.outcomes = outcomes;
            expected.explicit = true;
        }
        Ok(())
    }

    /// Fills in what awaits wait for, and marks what is awaited, once all steps are there.
    pub(super) fn finish(&self, processes: &mut [plan::Process]) {
        let awaited = self.awaits.values();
        let watched: std::collections::BTreeSet<StepId> = awaited
            .flat_map(|(_, label)| self.labels.get(label.as_str()).into_iter().flatten())
            .copied()
            .collect();
        for process in processes {
            self.finish_steps(&mut process.steps, &watched);
        }
    }

    fn finish_steps(&self, steps: &mut [plan::Step], watched: &std::collections::BTreeSet<StepId>) {
        for step in steps {
            step.watched = watched.contains(&step.id);
            if let plan::Action::Await { event } = &mut step.action
                && let Some((awaited, label)) = self.awaits.get(&step.id)
            {
                let steps = self.labels.get(label.as_str()).cloned().unwrap_or_default();
                *event = match awaited {
                    Awaited::Started => plan::Event::Started(steps),
                    Awaited::Blocked => plan::Event::Blocked(steps),
                    Awaited::Done => plan::Event::Done(steps),
                };
            }
            for inside in step.inside_mut() {
                self.finish_steps(inside, watched);
            }
        }
    }
}

/// Where a mistake about the size is told.
fn count_span(put: &Put) -> Span {
    put.size.as_ref().map_or(put.on.span, |size| size.span)
}

fn signed(number: u64, place: Span) -> Result<i64, Diagnostic> {
    i64::try_from(number)
        .map_err(|_| Diagnostic::new(place, "these numbers need more than 64 bits"))
}
