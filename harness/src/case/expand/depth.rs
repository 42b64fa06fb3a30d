//! How much must find room in a queue without a capacity, by the order that the steps have.
//!
//! A queue may well hold less than all that is put to it, as long as somebody gets meanwhile. What
//! must fit is what is put before the first get can begin, and what nobody gets in the end.

use crate::backend::{End, Kind, Outcome, Requirement, Side, Wait};
use crate::plan::Codec;
use crate::plan::{
    Action, Event, Expected, Item, Limit, Plan, ProcessIndex, Source, Step, StepId, Value,
};

/// The largest depth of any queue without a capacity, if there is any at all.
pub(super) fn largest(plan: &Plan, expected: &[Expected]) -> Option<Requirement> {
    let unbounded = plan
        .channels
        .iter()
        .enumerate()
        .filter(|(_, channel)| channel.kind == Kind::Queue && channel.capacity.is_none());
    unbounded
        .flat_map(|(channel, _)| {
            let queue = DepthAnalysis {
                plan,
                expected,
                end: End {
                    channel,
                    side: Side::Queue,
                },
            };
            [queue.before_any_get(), queue.in_the_end()]
        })
        .max_by_key(|depth| (depth.items, depth.bytes))
        .filter(|depth| depth.items > 0)
        .map(|Depth { items, bytes }| Requirement::Depth { items, bytes })
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Depth {
    items: u64,
    bytes: u64,
}

/// How many of its outermost steps each process has done.
type StepsDone = Vec<usize>;

struct DepthAnalysis<'a> {
    plan: &'a Plan,
    expected: &'a [Expected],
    end: End,
}

impl DepthAnalysis<'_> {
    /// What has been put when the first get begins, whichever process does it.
    fn before_any_get(&self) -> Depth {
        let first_gets = self.processes().filter_map(|process| {
            let steps = &self.plan.processes[process].steps;
            let first = steps.iter().position(|step| self.has_get(step))?;
            Some((process, first))
        });
        first_gets
            .map(|(process, first)| self.left(&self.before(process, first)))
            .min_by_key(|depth| depth.items)
            .unwrap_or_default()
    }

    /// What is left when all have done all. Who gets until something comes is taken to get all.
    fn in_the_end(&self) -> Depth {
        let whole = self.plan.processes.iter();
        self.left(&whole.map(|process| process.steps.len()).collect())
    }

    fn processes(&self) -> impl Iterator<Item = ProcessIndex> {
        0..self.plan.processes.len()
    }

    fn has_get(&self, step: &Step) -> bool {
        let mut found = false;
        visit(step, 1, &mut |step, _| {
            found |= matches!(&step.action, Action::Get { end, .. } if *end == self.end);
        });
        found
    }

    /// What all have surely done before this process begins this step.
    fn before(&self, process: ProcessIndex, step: usize) -> StepsDone {
        let mut done: StepsDone = vec![0; self.plan.processes.len()];
        let mut open = vec![(process, step)];
        while let Some((process, steps)) = open.pop() {
            if steps < done[process] || (steps == done[process] && steps > 0) {
                continue;
            }
            done[process] = steps;
            if let Some(starter) = self.plan.processes[process].starter {
                open.extend(self.starts(starter, process));
            }
            for step in &self.plan.processes[process].steps[..steps] {
                visit(step, 1, &mut |step, _| {
                    self.awaited(process, step, &mut open)
                });
            }
        }
        done
    }

    /// How far the starter is when it starts the process.
    fn starts(&self, starter: ProcessIndex, process: ProcessIndex) -> Option<(usize, usize)> {
        let steps = &self.plan.processes[starter].steps;
        let position = steps.iter().position(|step| {
            let mut found = false;
            visit(step, 1, &mut |step, _| {
                found |= matches!(
                    &step.action, Action::Start { processes } if processes.contains(&process)
                );
            });
            found
        });
        position
            .filter(|position| *position > 0)
            .map(|position| (starter, position))
    }

    /// How far others are when this step is done.
    fn awaited(&self, by: ProcessIndex, step: &Step, open: &mut Vec<(ProcessIndex, usize)>) {
        let whole = |process: &ProcessIndex| (*process, self.plan.processes[*process].steps.len());
        match &step.action {
            Action::Join { processes } => open.extend(processes.iter().map(whole)),
            Action::Await { event } => match event {
                Event::Exited(processes) => open.extend(processes.iter().map(whole)),
                Event::Done(steps) => {
                    let places = steps.iter().filter_map(|step| self.position(*step));
                    open.extend(places.map(|(process, position)| (process, position + 1)));
                }
                Event::Started(steps) | Event::Blocked(steps) => {
                    open.extend(steps.iter().filter_map(|step| self.position(*step)));
                }
            },
            Action::Barrier { name } => {
                for process in self.processes().filter(|process| *process != by) {
                    let steps = &self.plan.processes[process].steps;
                    let position = steps.iter().position(|step| {
                        matches!(&step.action, Action::Barrier { name: other } if other == name)
                    });
                    open.extend(position.map(|position| (process, position)));
                }
            }
            _ => {}
        }
    }

    /// The process and the outermost step that this step is, or is in.
    fn position(&self, id: StepId) -> Option<(ProcessIndex, usize)> {
        self.processes().find_map(|process| {
            let steps = &self.plan.processes[process].steps;
            let position = steps.iter().position(|step| {
                let mut found = false;
                visit(step, 1, &mut |step, _| found |= step.id == id);
                found
            })?;
            Some((process, position))
        })
    }

    /// What is inside when so much is done.
    fn left(&self, done: &StepsDone) -> Depth {
        let (mut put, mut got) = (Depth::default(), 0_u64);
        for (process, steps) in done.iter().enumerate() {
            for step in &self.plan.processes[process].steps[..*steps] {
                visit(step, 1, &mut |step, times| {
                    let one = self.put_by(step);
                    put.items += one.items.saturating_mul(times);
                    put.bytes += one.bytes.saturating_mul(times);
                    got = got.saturating_add(self.got_by(step).saturating_mul(times));
                });
            }
        }
        let items = put.items.saturating_sub(got);
        // Which are left nobody knows: as long as the others, on average.
        let bytes = (u128::from(put.bytes) * u128::from(items)).checked_div(put.items.into());
        Depth {
            items,
            bytes: bytes
                .and_then(|bytes| bytes.try_into().ok())
                .unwrap_or_default(),
        }
    }

    /// What a step puts that is sure to do so.
    fn put_by(&self, step: &Step) -> Depth {
        match &step.action {
            Action::Put {
                end,
                source,
                wait: Wait::Deadline,
            } if *end == self.end && self.expected[step.id as usize].outcomes == [Outcome::Ok] => {
                depth(source, self.plan.channels[end.channel].codec)
            }
            _ => Depth::default(),
        }
    }

    /// How many items a step gets at most.
    fn got_by(&self, step: &Step) -> u64 {
        match &step.action {
            Action::Get { end, limit, .. } if *end == self.end => match limit {
                Limit::Count(count) => *count,
                Limit::Until(_) => u64::MAX,
            },
            _ => 0,
        }
    }
}

/// What these items are together.
fn depth(source: &Source, codec: Codec) -> Depth {
    match source {
        Source::Count { from, count, size } => {
            let last = from.saturating_add_unsigned(count.saturating_sub(1));
            let longest = || (length(*from, codec)).max(length(last, codec));
            Depth {
                items: *count,
                bytes: count.saturating_mul(size.unwrap_or_else(longest)),
            }
        }
        Source::Items(values) => Depth {
            items: values.len() as u64,
            bytes: values.iter().map(|value| bytes(value, codec)).sum(),
        },
    }
}

/// The length of a message; 0 where nobody knows it yet.
fn bytes(value: &Value, codec: Codec) -> u64 {
    match value {
        Value::Sized { size, .. } | Value::Literal(Item::Payload { size, .. }) => *size,
        Value::Literal(item) => codec.encode(item).map_or(0, |bytes| bytes.len() as u64),
        Value::Reference(_) => 0,
    }
}

fn length(number: i64, codec: Codec) -> u64 {
    bytes(&Value::Literal(Item::Int(number)), codec)
}

/// Calls for a step and all in it, with how often each is done.
fn visit(step: &Step, times: u64, call: &mut impl FnMut(&Step, u64)) {
    call(step, times);
    match &step.action {
        Action::Get { each, limit, .. } => {
            let most = match limit {
                Limit::Count(count) => *count,
                // Nobody knows how many come; what is put for each is got by others.
                Limit::Until(_) => 0,
            };
            each.iter()
                .for_each(|step| visit(step, times.saturating_mul(most), call));
        }
        Action::Repeat { count, steps } => {
            steps
                .iter()
                .for_each(|step| visit(step, times.saturating_mul(*count), call));
        }
        Action::Threads { threads } => {
            threads
                .iter()
                .flatten()
                .for_each(|step| visit(step, times, call));
        }
        _ => {}
    }
}
