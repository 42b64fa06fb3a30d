//! The operations of a process on ends, in order, in a run in which everything happens as expected.
//!
//! The number of puts follows from the steps. The number of gets of a step that waits for an item, or
//! for the end, follows from the items that other processes send to it. Where a number isn't certain,
//! the trace is an error rather than a guess.

use std::collections::BTreeMap;

use super::Expected;
use crate::backend::{Kind, Outcome, Wait};
use crate::plan::{
    Action, End, Item, Lane, Limit, Plan, ProcessIndex, Source, Step, StepId, Value,
};

/// One operation on an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlannedOperation {
    /// The step that asks for it.
    pub step: StepId,
    /// Whether it may block until another process acts.
    pub can_block: bool,
}

/// The reason why the operations of a process can't be known before the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Uncertain {
    /// The first step whose operations aren't certain.
    pub step: StepId,
    /// The reason, as a clause that can follow "and".
    pub why: &'static str,
}

/// The most operations of a trace.
const MOST: usize = 1000;

/// Returns the operations of this process on ends.
///
/// # Errors
/// If the case doesn't determine how many there are.
pub(crate) fn trace(
    plan: &Plan,
    expected: &[Expected],
    process: ProcessIndex,
) -> Result<Vec<PlannedOperation>, Uncertain> {
    let mut tracer = Tracer {
        plan,
        expected,
        under_way: Vec::new(),
    };
    Ok(tracer.follow(process)?.operations)
}

struct Tracer<'a> {
    plan: &'a Plan,
    expected: &'a [Expected],
    /// The processes that are being followed, to detect that one depends on itself.
    under_way: Vec<ProcessIndex>,
}

/// The operations and items of a process so far.
#[derive(Default)]
struct ProcessTrace {
    operations: Vec<PlannedOperation>,
    /// The items that it has sent on each lane; none for an item that isn't known before the run.
    sent: BTreeMap<Lane, Vec<Option<Item>>>,
    /// The number of items that it has received from each lane.
    received: BTreeMap<Lane, usize>,
    item: Option<Item>,
    round: Option<u64>,
}

enum TraceEnd {
    /// The process exits or crashes here.
    Exit,
    Uncertain(Uncertain),
}

impl ProcessTrace {
    fn add(&mut self, step: &Step, can_block: bool) -> Result<(), TraceEnd> {
        if self.operations.len() == MOST {
            return Err(uncertain(step, "there are more than a thousand"));
        }
        let step = step.id;
        self.operations.push(PlannedOperation { step, can_block });
        Ok(())
    }

    /// Returns the item that a value stands for, if it is known before the run.
    fn resolve(&self, value: &Value) -> Option<Item> {
        match value {
            Value::Literal(item) => Some(item.clone()),
            Value::Reference(name) => match name.as_str() {
                "item" => self.item.clone(),
                "n" => i64::try_from(self.round?).ok().map(Item::Int),
                _ => None,
            },
            Value::Sized { number, size } => match self.resolve(number)? {
                Item::Int(number) => Some(Item::Payload {
                    number: u64::try_from(number).ok()?,
                    size: *size,
                }),
                _ => None,
            },
        }
    }
}

fn uncertain(step: &Step, why: &'static str) -> TraceEnd {
    let step = step.id;
    TraceEnd::Uncertain(Uncertain { step, why })
}

impl Tracer<'_> {
    fn follow(&mut self, process: ProcessIndex) -> Result<ProcessTrace, Uncertain> {
        let mut trace = ProcessTrace::default();
        let plan = self.plan;
        self.under_way.push(process);
        let end = self.steps(&plan.processes[process].steps, &mut trace);
        self.under_way.pop();
        match end {
            Ok(()) | Err(TraceEnd::Exit) => Ok(trace),
            Err(TraceEnd::Uncertain(uncertain)) => Err(uncertain),
        }
    }

    fn steps(&mut self, steps: &[Step], trace: &mut ProcessTrace) -> Result<(), TraceEnd> {
        steps.iter().try_for_each(|step| self.step(step, trace))
    }

    fn step(&mut self, step: &Step, trace: &mut ProcessTrace) -> Result<(), TraceEnd> {
        match &step.action {
            Action::Put { end, source, wait } => self.put(step, *end, source, *wait, trace),
            Action::Get {
                end,
                limit,
                each,
                wait,
                ..
            } => self.get(step, *end, limit, each, *wait, trace),
            Action::Poll { ends, wait } if ends.len() == 1 => trace.add(step, *wait != Wait::Never),
            Action::Poll { .. } => Err(uncertain(
                step,
                "other processes decide which end a poll finds ready",
            )),
            Action::Accept { wait, .. } | Action::Connect { wait, .. } => {
                trace.add(step, *wait != Wait::Never)
            }
            Action::JoinQueue { .. } => trace.add(step, true),
            Action::TaskDone { .. }
            | Action::Hint { .. }
            | Action::Close { .. }
            | Action::HalfClose { .. }
            | Action::Listen { .. }
            | Action::Raw(_) => trace.add(step, false),
            Action::Repeat { count, steps } => {
                let outer = trace.round;
                for round in 0..*count {
                    trace.round = Some(round);
                    self.steps(steps, trace)?;
                }
                trace.round = outer;
                Ok(())
            }
            Action::Threads { .. } => Err(uncertain(step, "threads run in no certain order")),
            Action::Exit { .. } | Action::Crash { .. } => Err(TraceEnd::Exit),
            _ => Ok(()),
        }
    }

    /// Returns whether every operation of the step must be ok. If none may be, the step stops at its
    /// first operation; if either is possible, the number of operations is uncertain.
    fn is_ok(&self, step: &Step, operations: u64) -> Result<bool, TraceEnd> {
        let outcomes = &self.expected[step.id as usize].outcomes;
        let may_be_ok = outcomes.contains(&Outcome::Ok);
        if may_be_ok && outcomes.len() > 1 && operations > 1 {
            return Err(uncertain(step, "this may stop early"));
        }
        Ok(may_be_ok)
    }

    fn put(
        &mut self,
        step: &Step,
        end: End,
        source: &Source,
        wait: Wait,
        trace: &mut ProcessTrace,
    ) -> Result<(), TraceEnd> {
        let most = match source {
            Source::Items(values) => values.len() as u64,
            Source::Count { count, .. } => *count,
        };
        if !self.is_ok(step, most)? {
            return trace.add(step, wait != Wait::Never);
        }
        for n in 0..most {
            trace.add(step, wait != Wait::Never)?;
            let item = match source {
                Source::Items(values) => trace.resolve(&values[n as usize]),
                Source::Count { from, size, .. } => {
                    let number = Value::Literal(Item::Int(from.wrapping_add_unsigned(n)));
                    trace.resolve(&match size {
                        Some(size) => Value::Sized {
                            number: Box::new(number),
                            size: *size,
                        },
                        None => number,
                    })
                }
            };
            trace
                .sent
                .entry(self.plan.joint(end.sends_on()))
                .or_default()
                .push(item);
        }
        Ok(())
    }

    fn get(
        &mut self,
        step: &Step,
        end: End,
        limit: &Limit,
        each: &[Step],
        wait: Wait,
        trace: &mut ProcessTrace,
    ) -> Result<(), TraceEnd> {
        let is_stream = self.plan.channels[end.channel].kind == Kind::Stream;
        let lane = self.plan.joint(end.receives_from());
        let can_block = wait != Wait::Never;
        if is_stream && !matches!(limit, Limit::Count(0 | 1)) {
            return Err(uncertain(step, "a stream's reads may be cut anywhere"));
        }
        // One entry for each operation. `each` runs for all of them, but not for the last of `until`.
        let items: Vec<Option<Item>> = match limit {
            Limit::Count(count) => {
                if !self.is_ok(step, *count)? {
                    return trace.add(step, can_block);
                }
                // The number is certain even if the items aren't.
                let arriving = match each {
                    [] => Vec::new(),
                    _ => self.arriving(step, lane, trace).unwrap_or_default(),
                };
                let known = arriving.into_iter().chain(std::iter::repeat(None));
                known.take(*count as usize).collect()
            }
            Limit::Until(awaited) => self.until(step, lane, awaited, trace)?,
        };
        let stops = matches!(limit, Limit::Until(_));
        let last = items.len().saturating_sub(1);
        let outer = trace.item.take();
        for (n, item) in items.into_iter().enumerate() {
            trace.add(step, can_block)?;
            *trace.received.entry(lane).or_default() += 1;
            if !(stops && n == last) {
                trace.item = item;
                self.steps(each, trace)?;
            }
        }
        trace.item = outer;
        Ok(())
    }

    /// Returns what a get receives that stops at one of these items or at the end of the stream,
    /// including the last.
    fn until(
        &mut self,
        step: &Step,
        lane: Lane,
        awaited: &[Value],
        trace: &ProcessTrace,
    ) -> Result<Vec<Option<Item>>, TraceEnd> {
        let outcomes = &self.expected[step.id as usize].outcomes;
        let gives_up = |outcome: &Outcome| !matches!(outcome, Outcome::Ok | Outcome::End);
        if outcomes.iter().any(gives_up) {
            return Err(uncertain(step, "this may give up early"));
        }
        let may_end = outcomes.contains(&Outcome::End);
        let mut items = self.arriving(step, lane, trace)?;
        if !awaited.is_empty() && self.senders(lane).len() > 1 {
            return Err(uncertain(
                step,
                "several processes send to it, in any order",
            ));
        }
        let awaited: Option<Vec<Item>> = awaited.iter().map(|value| trace.resolve(value)).collect();
        let Some(awaited) = awaited else {
            return Err(uncertain(
                step,
                "the item that it waits for is only known during the run",
            ));
        };
        for n in 0..items.len() {
            match &items[n] {
                Some(item) if awaited.contains(item) => {
                    items.truncate(n + 1);
                    return Ok(items);
                }
                None if !awaited.is_empty() => {
                    return Err(uncertain(
                        step,
                        "an item that is sent to it is only known during the run",
                    ));
                }
                _ => {}
            }
        }
        if !may_end {
            return Err(uncertain(
                step,
                "no process sends the item that it waits for",
            ));
        }
        items.push(None);
        Ok(items)
    }

    /// Returns the items that this process, if it is the only receiver, has yet to receive from the
    /// lane.
    fn arriving(
        &mut self,
        step: &Step,
        lane: Lane,
        trace: &ProcessTrace,
    ) -> Result<Vec<Option<Item>>, TraceEnd> {
        let receivers = self.plan.processes.iter().filter(|process| {
            let mut ends = process.ends.iter();
            ends.any(|given| given.gets && self.plan.joint(given.end.receives_from()) == lane)
        });
        if receivers.count() > 1 {
            return Err(uncertain(
                step,
                "several processes receive from the same channel",
            ));
        }
        let mut items = Vec::new();
        for sender in self.senders(lane) {
            if self.under_way.contains(&sender) {
                return Err(uncertain(
                    step,
                    "the items that arrive depend on those that the process sends itself",
                ));
            }
            let sent = self.follow(sender).map_err(TraceEnd::Uncertain)?.sent;
            items.extend(sent.get(&lane).into_iter().flatten().cloned());
        }
        let received = trace.received.get(&lane).copied().unwrap_or_default();
        items.drain(..received.min(items.len()));
        Ok(items)
    }

    fn senders(&self, lane: Lane) -> Vec<ProcessIndex> {
        let processes = self.plan.processes.iter().enumerate();
        let sends = processes.filter(|(_, process)| {
            let mut ends = process.ends.iter();
            ends.any(|given| given.puts && self.plan.joint(given.end.sends_on()) == lane)
        });
        sends.map(|(index, _)| index).collect()
    }
}
