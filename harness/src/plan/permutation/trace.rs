//! What a process does to ends, one operation after the other, if all goes as its case expects.
//!
//! How many puts there are the steps say; how often a get that waits for something asks follows
//! from what is sent to it. Where that isn't certain, the trace says so and guesses nothing.

use std::collections::BTreeMap;

use super::Expected;
use crate::backend::{End, Kind, Lane, Outcome, Wait};
use crate::plan::{Action, Item, Limit, Plan, ProcessIndex, Source, Step, StepId, Value};

/// One operation on an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The step that asks for it.
    pub step: StepId,
    /// Whether it may have to wait for another process.
    pub can_block: bool,
}

/// Why nobody can say beforehand what a process will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uncertain {
    /// The step from which on that is so.
    pub step: StepId,
    /// Why, as the end of a sentence.
    pub why: &'static str,
}

/// The most operations of a trace.
const MOST: usize = 1000;

/// The operations of this process on ends.
///
/// # Errors
/// Where the case doesn't say how many there are.
pub fn trace(
    plan: &Plan,
    expected: &[Expected],
    process: ProcessIndex,
) -> Result<Vec<Planned>, Uncertain> {
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
    /// The processes that are being followed, so that none is within itself.
    under_way: Vec<ProcessIndex>,
}

/// Where a process has come to.
#[derive(Default)]
struct Path {
    operations: Vec<Planned>,
    /// What it has sent on each lane; none for an item that isn't known before the run.
    sent: BTreeMap<Lane, Vec<Option<Item>>>,
    /// How many items it has received from each lane.
    received: BTreeMap<Lane, usize>,
    item: Option<Item>,
    round: Option<u64>,
}

enum Stop {
    /// The process ends here.
    Over,
    Uncertain(Uncertain),
}

impl Path {
    fn add(&mut self, step: &Step, can_block: bool) -> Result<(), Stop> {
        if self.operations.len() == MOST {
            return Err(uncertain(step, "there are more than a thousand"));
        }
        let step = step.id;
        self.operations.push(Planned { step, can_block });
        Ok(())
    }

    /// The item that a value stands for, where that is known before the run.
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

fn uncertain(step: &Step, why: &'static str) -> Stop {
    let step = step.id;
    Stop::Uncertain(Uncertain { step, why })
}

impl Tracer<'_> {
    fn follow(&mut self, process: ProcessIndex) -> Result<Path, Uncertain> {
        let mut path = Path::default();
        let plan = self.plan;
        self.under_way.push(process);
        let end = self.steps(&plan.processes[process].steps, &mut path);
        self.under_way.pop();
        match end {
            Ok(()) | Err(Stop::Over) => Ok(path),
            Err(Stop::Uncertain(uncertain)) => Err(uncertain),
        }
    }

    fn steps(&mut self, steps: &[Step], path: &mut Path) -> Result<(), Stop> {
        steps.iter().try_for_each(|step| self.step(step, path))
    }

    fn step(&mut self, step: &Step, path: &mut Path) -> Result<(), Stop> {
        match &step.action {
            Action::Put { end, source, wait } => self.put(step, *end, source, *wait, path),
            Action::Get {
                end,
                limit,
                each,
                wait,
                ..
            } => self.get(step, *end, limit, each, *wait, path),
            Action::Poll { ends, wait } if ends.len() == 1 => path.add(step, *wait != Wait::Never),
            Action::Poll { .. } => Err(uncertain(step, "which end a poll finds is up to others")),
            Action::Accept { wait, .. } | Action::Connect { wait, .. } => {
                path.add(step, *wait != Wait::Never)
            }
            Action::Close { .. }
            | Action::HalfClose { .. }
            | Action::Listen { .. }
            | Action::Raw { .. } => path.add(step, false),
            Action::Repeat { count, steps } => {
                let outer = path.round;
                for round in 0..*count {
                    path.round = Some(round);
                    self.steps(steps, path)?;
                }
                path.round = outer;
                Ok(())
            }
            Action::Threads { .. } => Err(uncertain(step, "threads run in no certain order")),
            Action::Exit { .. } | Action::Crash { .. } => Err(Stop::Over),
            _ => Ok(()),
        }
    }

    /// Whether all operations of the step are to be ok; if not, the first that isn't ends it, and
    /// which that is nobody knows where it may be ok as well.
    fn is_ok(&self, step: &Step, operations: u64) -> Result<bool, Stop> {
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
        path: &mut Path,
    ) -> Result<(), Stop> {
        let most = match source {
            Source::Items(values) => values.len() as u64,
            Source::Count { count, .. } => *count,
        };
        if !self.is_ok(step, most)? {
            return path.add(step, wait != Wait::Never);
        }
        for n in 0..most {
            path.add(step, wait != Wait::Never)?;
            let item = match source {
                Source::Items(values) => path.resolve(&values[n as usize]),
                Source::Count { from, size, .. } => {
                    let number = Value::Literal(Item::Int(from.wrapping_add_unsigned(n)));
                    path.resolve(&match size {
                        Some(size) => Value::Sized {
                            number: Box::new(number),
                            size: *size,
                        },
                        None => number,
                    })
                }
            };
            path.sent
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
        path: &mut Path,
    ) -> Result<(), Stop> {
        let is_stream = self.plan.channels[end.channel].kind == Kind::Stream;
        let lane = self.plan.joint(end.receives_from());
        let can_block = wait != Wait::Never;
        if is_stream && !matches!(limit, Limit::Count(0 | 1)) {
            return Err(uncertain(step, "a stream's reads may be cut anywhere"));
        }
        // All but the last of these have `each` done with them, as far as they are items.
        let items: Vec<Option<Item>> = match limit {
            Limit::Count(count) => {
                if !self.is_ok(step, *count)? {
                    return path.add(step, can_block);
                }
                // There are so many, whatever they are.
                let arriving = match each {
                    [] => Vec::new(),
                    _ => self.arriving(step, lane, path).unwrap_or_default(),
                };
                let known = arriving.into_iter().chain(std::iter::repeat(None));
                known.take(*count as usize).collect()
            }
            Limit::Until(awaited) => self.until(step, lane, awaited, path)?,
        };
        let stops = matches!(limit, Limit::Until(_));
        let last = items.len().saturating_sub(1);
        let outer = path.item.take();
        for (n, item) in items.into_iter().enumerate() {
            path.add(step, can_block)?;
            *path.received.entry(lane).or_default() += 1;
            if !(stops && n == last) {
                path.item = item;
                self.steps(each, path)?;
            }
        }
        path.item = outer;
        Ok(())
    }

    /// What a get that stops at one of these gets, that one, or the end, included.
    fn until(
        &mut self,
        step: &Step,
        lane: Lane,
        awaited: &[Value],
        path: &Path,
    ) -> Result<Vec<Option<Item>>, Stop> {
        let outcomes = &self.expected[step.id as usize].outcomes;
        let gives_up = |outcome: &Outcome| !matches!(outcome, Outcome::Ok | Outcome::End);
        if outcomes.iter().any(gives_up) {
            return Err(uncertain(step, "this may give up early"));
        }
        let may_end = outcomes.contains(&Outcome::End);
        let mut items = self.arriving(step, lane, path)?;
        if !awaited.is_empty() && self.senders(lane).len() > 1 {
            return Err(uncertain(
                step,
                "several processes send to it, in any order",
            ));
        }
        let awaited: Option<Vec<Item>> = awaited.iter().map(|value| path.resolve(value)).collect();
        let Some(awaited) = awaited else {
            return Err(uncertain(
                step,
                "what it waits for is only known in the run",
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
                        "what is sent to it is only known in the run",
                    ));
                }
                _ => {}
            }
        }
        if !may_end {
            return Err(uncertain(step, "nobody sends what it waits for"));
        }
        items.push(None);
        Ok(items)
    }

    /// What is still to come on the lane to the only process that receives from it.
    fn arriving(
        &mut self,
        step: &Step,
        lane: Lane,
        path: &Path,
    ) -> Result<Vec<Option<Item>>, Stop> {
        let receivers = self.plan.processes.iter().filter(|process| {
            let mut ends = process.ends.iter();
            ends.any(|given| given.gets && self.plan.joint(given.end.receives_from()) == lane)
        });
        if receivers.count() > 1 {
            return Err(uncertain(step, "several processes share what arrives"));
        }
        let mut items = Vec::new();
        for sender in self.senders(lane) {
            if self.under_way.contains(&sender) {
                return Err(uncertain(
                    step,
                    "what arrives depends on what it sends itself",
                ));
            }
            let sent = self.follow(sender).map_err(Stop::Uncertain)?.sent;
            items.extend(sent.get(&lane).into_iter().flatten().cloned());
        }
        let received = path.received.get(&lane).copied().unwrap_or_default();
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
