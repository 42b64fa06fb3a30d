//! Walks through the plan beside the history, to find the operations that each execution of a step
//! made and the values of the variables at that time.

use std::collections::BTreeMap;

use crate::backend::Outcome;
use crate::history::{Operation, OperationId};
use crate::judge::invariant::support::evidence::Evidence;
use crate::plan::{
    Action, Content, Item, Limit, NO_STEP, ProcessIndex, Source, Start, Step, StepId, Value,
    content_of, set_by,
};

/// One execution of one step.
pub(crate) struct StepExecution<'a> {
    pub(crate) process: ProcessIndex,
    pub(crate) step: &'a Step,
    /// The step's own operations, at least one; not those of steps inside it.
    pub(crate) operations: &'a [usize],
    /// Whether a get went on until its last operation stopped it. A process that is killed before that has no
    /// outcome of the whole step.
    pub(crate) is_whole: bool,
    pub(crate) variables: &'a Variables,
}

impl StepExecution<'_> {
    /// Returns the id of the n-th operation.
    pub(crate) fn id(&self, n: usize) -> OperationId {
        OperationId {
            process: self.process,
            index: self.operations[n],
        }
    }

    /// Returns the id of the last operation.
    pub(crate) fn last(&self) -> OperationId {
        self.id(self.operations.len() - 1)
    }
}

/// The values of variables, `item` and `n` while a step runs.
#[derive(Clone, Default)]
pub(crate) struct Variables {
    by_name: BTreeMap<String, VariableValue>,
    item: Option<VariableValue>,
    round: Option<u64>,
}

#[derive(Clone)]
enum VariableValue {
    Known(Item),
    Got { channel: usize, content: Content },
    Unknown,
}

impl VariableValue {
    fn item(&self, evidence: &Evidence<'_>) -> Option<Item> {
        match self {
            VariableValue::Known(item) => Some(item.clone()),
            VariableValue::Got { channel, content } => evidence.find_item(*channel, *content),
            VariableValue::Unknown => None,
        }
    }
}

impl Variables {
    /// Returns the value of this variable, `item` or `n`, if it is known.
    pub(crate) fn look_up(&self, evidence: &Evidence<'_>, name: &str) -> Option<Item> {
        match name {
            "item" => self.item.as_ref()?.item(evidence),
            "n" => i64::try_from(self.round?).ok().map(Item::Int),
            variable => self.by_name.get(variable)?.item(evidence),
        }
    }

    /// Returns the item that this value stands for, if it is known.
    pub(crate) fn resolve(&self, evidence: &Evidence<'_>, value: &Value) -> Option<Item> {
        match value {
            Value::Literal(item) => Some(item.clone()),
            Value::Reference(name) => self.look_up(evidence, name),
            Value::Sized { number, size } => match self.resolve(evidence, number)? {
                Item::Int(number) => Some(Item::Payload {
                    number: u64::try_from(number).ok()?,
                    size: *size,
                }),
                _ => None,
            },
        }
    }
}

/// Calls `visit` with every execution of every step. A process comes after the one that starts it.
/// If the history ends within an execution, `visit` sees the part that exists.
pub(crate) fn replay(evidence: &Evidence<'_>, mut visit: impl FnMut(&StepExecution<'_>)) {
    let processes = &evidence.permutation.plan.processes;
    let mut forked: BTreeMap<ProcessIndex, BTreeMap<String, VariableValue>> = BTreeMap::new();
    let mut waiting: Vec<ProcessIndex> = (0..processes.len()).collect();
    let mut done = vec![false; processes.len()];
    while !waiting.is_empty() {
        let ready = |process: &ProcessIndex| processes[*process].starter.is_none_or(|s| done[s]);
        let Some(place) = waiting.iter().position(ready) else {
            // Processes that start one another in a circle never run.
            return;
        };
        let process = waiting.remove(place);
        done[process] = true;
        let plan = &processes[process];
        let fresh = || {
            let vars = plan.vars.iter();
            vars.map(|(name, item)| (name.clone(), VariableValue::Known(item.clone())))
                .collect()
        };
        let variables = match plan.start {
            Start::Fork => forked.remove(&process).unwrap_or_else(fresh),
            Start::Spawn | Start::Forkserver => fresh(),
        };
        let mut replay = Replay {
            evidence,
            process,
            operations: &evidence.history.processes[process].operations,
            thread: 0,
            at: BTreeMap::new(),
            variables: Variables {
                by_name: variables,
                ..Variables::default()
            },
            forked: &mut forked,
            visit: &mut visit,
        };
        // `visit` has seen all there is, even if the history ended early.
        let _ = replay.steps(&plan.steps);
    }
}

/// The history of this process ended within a step.
struct HistoryEnded;

struct Replay<'a, 'v> {
    evidence: &'a Evidence<'a>,
    process: ProcessIndex,
    operations: &'a [Operation],
    /// The thread whose steps are replayed: 0 outside `threads`.
    thread: u16,
    /// For each thread, an index at or before its next operation.
    at: BTreeMap<u16, usize>,
    variables: Variables,
    forked: &'v mut BTreeMap<ProcessIndex, BTreeMap<String, VariableValue>>,
    visit: &'v mut dyn FnMut(&StepExecution<'_>),
}

impl Replay<'_, '_> {
    fn steps(&mut self, steps: &[Step]) -> Result<(), HistoryEnded> {
        steps.iter().try_for_each(|step| self.step(step))
    }

    fn step(&mut self, step: &Step) -> Result<(), HistoryEnded> {
        match &step.action {
            Action::Set { vars } => {
                let set: Vec<_> = vars
                    .iter()
                    .map(|(name, value)| {
                        let item = self.variables.resolve(self.evidence, value);
                        (
                            name.clone(),
                            item.map_or(VariableValue::Unknown, VariableValue::Known),
                        )
                    })
                    .collect();
                self.variables.by_name.extend(set);
                Ok(())
            }
            Action::Repeat { count, steps } => {
                let outer = self.variables.round;
                for round in 0..*count {
                    self.variables.round = Some(round);
                    self.steps(steps)?;
                }
                self.variables.round = outer;
                Ok(())
            }
            Action::Threads { threads } => self.threads(threads),
            Action::Poll { ends, .. } if ends.len() > 1 => self.polls_of(step, ends.len()),
            Action::Get { .. } => self.get(step),
            Action::Put { source, .. } => {
                let most = match source {
                    Source::Items(items) => items.len() as u64,
                    Source::Count { count, .. } => *count,
                };
                self.operations_of(step, most)
            }
            Action::Start { processes } => {
                for process in processes {
                    let variables = self.variables.by_name.clone();
                    self.forked.insert(*process, variables);
                }
                self.one_for_each(step, processes.len())
            }
            Action::Join { processes, .. } => self.one_for_each(step, processes.len()),
            _ => self.operations_of(step, 1),
        }
    }

    /// Replays one thread after the other. Each starts with the variables from before all of them.
    fn threads(&mut self, threads: &[Vec<Step>]) -> Result<(), HistoryEnded> {
        let before = self.variables.clone();
        let mut after = before.clone();
        let mut cut = Ok(());
        for (number, steps) in (1..).zip(threads) {
            self.thread = number;
            self.variables = before.clone();
            cut = self.steps(steps).and(cut);
            let left = set_by(steps).into_iter();
            let left = left.filter_map(|name| self.variables.by_name.remove_entry(name));
            after.by_name.extend(left);
        }
        self.thread = 0;
        self.variables = after;
        cut
    }

    /// Returns the next operation of this thread, if this step made it.
    fn next_of(&mut self, step: StepId) -> Option<usize> {
        let at = self.at.entry(self.thread).or_default();
        // The pause of a sweep may be recorded between any two operations.
        let own =
            |operation: &Operation| operation.thread == self.thread && operation.step != NO_STEP;
        *at += self.operations.get(*at..)?.iter().position(own)?;
        (self.operations[*at].step == step).then(|| {
            *at += 1;
            *at - 1
        })
    }

    fn is_ok(&self, index: usize) -> bool {
        self.operations[index].outcome == Some(Outcome::Ok)
    }

    fn visit(&mut self, step: &Step, operations: &[usize], is_whole: bool) {
        (self.visit)(&StepExecution {
            process: self.process,
            step,
            operations,
            is_whole,
            variables: &self.variables,
        });
    }

    /// Replays a step of at most `most` operations, which ends after one that isn't ok.
    fn operations_of(&mut self, step: &Step, most: u64) -> Result<(), HistoryEnded> {
        let mut own = Vec::new();
        while (own.len() as u64) < most {
            let Some(index) = self.next_of(step.id) else {
                break;
            };
            own.push(index);
            if !self.is_ok(index) {
                break;
            }
        }
        if own.is_empty() {
            return if most == 0 { Ok(()) } else { Err(HistoryEnded) };
        }
        self.visit(step, &own, true);
        Ok(())
    }

    /// Replays a poll of several ends, which makes one operation for each, whatever its outcome.
    fn polls_of(&mut self, step: &Step, ends: usize) -> Result<(), HistoryEnded> {
        let own: Vec<usize> = (0..ends).map_while(|_| self.next_of(step.id)).collect();
        if !own.is_empty() {
            self.visit(step, &own, true);
        }
        if own.len() == ends {
            Ok(())
        } else {
            Err(HistoryEnded)
        }
    }

    /// Replays a step that makes one operation for each of several processes.
    fn one_for_each(&mut self, step: &Step, processes: usize) -> Result<(), HistoryEnded> {
        (0..processes).try_for_each(|_| self.operations_of(step, 1))
    }

    fn get(&mut self, step: &Step) -> Result<(), HistoryEnded> {
        let Action::Get {
            end,
            limit,
            each,
            into,
            ..
        } = &step.action
        else {
            return Ok(());
        };
        let channel = end.channel;
        let stops = self.stops(channel, limit);
        let outer = self.variables.item.take();
        let mut own = Vec::new();
        let mut cut = Ok(());
        let mut is_whole = true;
        while let Some(index) = self.next_of(step.id) {
            own.push(index);
            is_whole = true;
            let got = self.operations[index].content;
            let (true, Some(content)) = (self.is_ok(index), got) else {
                break;
            };
            self.variables.item = Some(VariableValue::Got { channel, content });
            if matches!(limit, Limit::Until(_)) && stops.contains(&content) {
                break;
            }
            is_whole = !matches!(limit, Limit::Until(_));
            if !each.is_empty() {
                cut = self.steps(each);
            }
            let enough = matches!(limit, Limit::Count(count) if own.len() as u64 >= *count);
            if cut.is_err() || enough {
                break;
            }
        }
        let last = std::mem::replace(&mut self.variables.item, outer);
        if let (Some(name), Some(last)) = (into, last) {
            self.variables.by_name.insert(name.clone(), last);
        }
        match &own[..] {
            [] if matches!(limit, Limit::Count(0)) => Ok(()),
            [] => Err(HistoryEnded),
            own => {
                self.visit(step, own, is_whole);
                cut
            }
        }
    }

    fn stops(&self, channel: usize, limit: &Limit) -> Vec<Content> {
        let Limit::Until(values) = limit else {
            return Vec::new();
        };
        let codec = self.evidence.permutation.plan.channels[channel].codec;
        let item = |value| self.variables.resolve(self.evidence, value);
        let content = |item: Item| content_of(&item, codec).ok();
        values.iter().filter_map(item).filter_map(content).collect()
    }
}
