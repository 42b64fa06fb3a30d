//! Derives the depth that a queue without a capacity must have, from the order of the steps.
//!
//! A queue can hold fewer items than are put to it if a process gets items meanwhile. It must have room
//! for the items that are put before the first get can begin, and for those that no process gets.

use crate::backend::{Kind, Outcome, Side, Wait};
use crate::plan::{
    Action, Codec, End, Event, Expected, Item, Limit, Plan, ProcessIndex, Requirement, Source,
    Step, StepId, Value,
};

/// Returns the largest depth that any queue without a capacity must have; none if none needs any.
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

/// For each process, the number of its outermost steps that are done.
type StepsDone = Vec<usize>;

struct DepthAnalysis<'a> {
    plan: &'a Plan,
    expected: &'a [Expected],
    end: End,
}

impl DepthAnalysis<'_> {
    /// Returns the depth when the first get begins, for the process with which it is least.
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

    /// Returns the depth when all processes are done. A get with `until` counts as getting all items.
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

    /// Returns the steps that are certainly done before this process begins this step.
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

    /// Returns the number of steps that the starter has done when it starts the process.
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

    /// Adds to `open` the steps of other processes that are done when this step is.
    fn awaited(&self, by: ProcessIndex, step: &Step, open: &mut Vec<(ProcessIndex, usize)>) {
        let whole = |process: &ProcessIndex| (*process, self.plan.processes[*process].steps.len());
        match &step.action {
            Action::Join { processes, .. }
                if self.expected[step.id as usize].outcomes == [Outcome::Ok] =>
            {
                open.extend(processes.iter().map(whole));
            }
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

    /// Returns the process of a step, and the index of the outermost step that contains it.
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

    /// Returns the depth after these steps.
    fn left(&self, done: &StepsDone) -> Depth {
        let (mut put, mut got) = (Depth::default(), 0_u64);
        for (process, steps) in done.iter().enumerate() {
            for step in &self.plan.processes[process].steps[..*steps] {
                visit(step, 1, &mut |step, times| {
                    let one = self.put_by(step);
                    put.items = put.items.saturating_add(one.items.saturating_mul(times));
                    put.bytes = put.bytes.saturating_add(one.bytes.saturating_mul(times));
                    got = got.saturating_add(self.got_by(step).saturating_mul(times));
                });
            }
        }
        let items = put.items.saturating_sub(got);
        // It isn't known which items are left, so they count with the average length.
        let bytes = (u128::from(put.bytes) * u128::from(items)).checked_div(put.items.into());
        Depth {
            items,
            bytes: bytes
                .and_then(|bytes| bytes.try_into().ok())
                .unwrap_or_default(),
        }
    }

    /// Returns what a step certainly puts.
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

    /// Returns the largest number of items that a step gets.
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

/// Returns the number and total length of these items.
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
            bytes: values
                .iter()
                .map(|value| bytes(value, codec))
                .fold(0, u64::saturating_add),
        },
    }
}

/// Returns the length of a message; 0 if it isn't known before the run.
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

/// Calls `call` for a step and those nested in it, with the number of times that each is done.
fn visit(step: &Step, times: u64, call: &mut impl FnMut(&Step, u64)) {
    call(step, times);
    match &step.action {
        Action::Get { each, limit, .. } => {
            let most = match limit {
                Limit::Count(count) => *count,
                // The number of items isn't known. Other processes get what is put for each.
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
