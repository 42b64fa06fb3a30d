//! Builds a permutation and its history side by side.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::backend::{Kind, Outcome, Side, Wait};
use crate::history::{
    Ending, Exit, History, Operation, OperationId, OperationKind, ProcessHistory,
};
use crate::plan::{
    Action, Codec, End, Expected, ExpectedExit, GivenEnd, Item, Limit, Permutation, Plan,
    PlannedChannel, Process, ProcessIndex, Source, Start, Step, StepId, Value, content_of,
};

/// A permutation under construction, with its history.
pub(crate) struct PermutationBuilder {
    pub(crate) permutation: Permutation,
    pub(crate) history: History,
    clock: u64,
}

impl PermutationBuilder {
    /// Starts a permutation of the case `area/case`, without processes.
    pub(crate) fn new() -> PermutationBuilder {
        PermutationBuilder {
            permutation: Permutation {
                case: "area/case".into(),
                values: Vec::new(),
                plan: Plan {
                    channels: Vec::new(),
                    processes: Vec::new(),
                    deadline: Duration::from_secs(10),
                    seed: 0,
                    fault: None,
                },
                expected: Vec::new(),
                exits: Vec::new(),
                clauses: Vec::new(),
                requires: Vec::new(),
            },
            history: History {
                processes: Vec::new(),
                ending: Ending::Completed,
                delays: Vec::new(),
                ended: None,
                stops: Vec::new(),
                kernel: Vec::new(),
                residue: Vec::new(),
            },
            clock: 0,
        }
    }

    /// Adds a channel, and returns its index.
    pub(crate) fn channel(&mut self, name: &str, kind: Kind, codec: Codec) -> usize {
        self.permutation
            .plan
            .channels
            .push(PlannedChannel::new(name, kind, codec));
        self.permutation.plan.channels.len() - 1
    }

    /// Adds a queue of any items, and returns its end.
    pub(crate) fn queue(&mut self, name: &str) -> End {
        let channel = self.channel(name, Kind::Queue, Codec::Tagged);
        let side = Side::Queue;
        End { channel, side }
    }

    /// Adds a one-way pipe of any items, and returns both ends.
    pub(crate) fn pipe(&mut self, name: &str) -> (End, End) {
        let channel = self.channel(name, Kind::Pipe, Codec::Tagged);
        let end = |side| End { channel, side };
        (end(Side::Tx), end(Side::Rx))
    }

    /// Adds a process that isn't one of several replicas.
    pub(crate) fn process(&mut self, name: &str) -> ProcessIndex {
        self.add_process(name, None)
    }

    /// Adds this many replicas of a process.
    pub(crate) fn replicas(&mut self, name: &str, count: u64) -> Vec<ProcessIndex> {
        (0..count)
            .map(|replica| self.add_process(name, Some(replica)))
            .collect()
    }

    fn add_process(&mut self, group: &str, replica: Option<u64>) -> ProcessIndex {
        self.permutation.plan.processes.push(Process {
            group: group.to_owned(),
            replica,
            start: Start::Spawn,
            starter: None,
            vars: BTreeMap::new(),
            ends: Vec::new(),
            steps: Vec::new(),
        });
        self.permutation.exits.push(ExpectedExit::Code(0));
        self.history.processes.push(ProcessHistory {
            exit: Some(Exit::Code(0)),
            ..ProcessHistory::default()
        });
        self.permutation.plan.processes.len() - 1
    }

    /// Adds a step without any operation.
    pub(crate) fn step(&mut self, process: ProcessIndex, action: Action) -> StepId {
        let step = self.inner(action);
        let id = step.id;
        self.note_ends(process, &step);
        self.permutation.plan.processes[process].steps.push(step);
        id
    }

    /// Makes a step to be nested in another.
    pub(crate) fn inner(&mut self, action: Action) -> Step {
        let place = self.permutation.expected.len();
        self.permutation.expected.push(Expected {
            span: 10 * place..10 * place + 9,
            label: None,
            outcomes: vec![Outcome::Ok],
            items: None,
            explicit: false,
        });
        Step {
            id: place as StepId,
            watched: false,
            action,
        }
    }

    fn note_ends(&mut self, process: ProcessIndex, step: &Step) {
        let (end, puts, gets) = match &step.action {
            Action::Put { end, .. } => (*end, true, false),
            Action::Get { end, .. } => (*end, false, true),
            Action::Close { end } | Action::HalfClose { end } => (*end, false, false),
            Action::Repeat { .. } | Action::Threads { .. } => {
                let inside = step.inside().into_iter().flatten();
                inside.for_each(|step| self.note_ends(process, step));
                return;
            }
            _ => return,
        };
        if let Action::Get { each, .. } = &step.action {
            each.iter().for_each(|step| self.note_ends(process, step));
        }
        let ends = &mut self.permutation.plan.processes[process].ends;
        match ends.iter_mut().find(|given| given.end == end) {
            Some(given) => {
                given.puts |= puts;
                given.gets |= gets;
            }
            None => ends.push(GivenEnd { end, puts, gets }),
        }
    }

    /// Records an operation of a step. Without an outcome, it never returned.
    pub(crate) fn record(
        &mut self,
        process: ProcessIndex,
        step: StepId,
        kind: OperationKind,
        what: (Option<End>, Option<Item>),
        outcome: Option<Outcome>,
    ) -> OperationId {
        let (end, item) = what;
        let content = item.and_then(|item| {
            let codec = self.permutation.plan.channels[end?.channel].codec;
            content_of(&item, codec).ok()
        });
        self.clock += 20;
        let operations = &mut self.history.processes[process].operations;
        operations.push(Operation {
            step,
            thread: 0,
            kind,
            end,
            start: self.clock,
            returned: outcome.map(|_| self.clock + 10),
            outcome,
            content,
            raw: None,
            definite: true,
        });
        OperationId {
            process,
            index: operations.len() - 1,
        }
    }

    /// Adds a step that puts these items, each with success.
    pub(crate) fn puts(
        &mut self,
        process: ProcessIndex,
        end: End,
        items: impl IntoIterator<Item = Item>,
    ) -> StepId {
        let items: Vec<Item> = items.into_iter().collect();
        let source = Source::Items(items.iter().cloned().map(Value::Literal).collect());
        let step = self.step(process, put(end, source));
        for item in items {
            let what = (Some(end), Some(item));
            self.record(process, step, OperationKind::Put, what, Some(Outcome::Ok));
        }
        step
    }

    /// Adds a step that gets until `None` or the end, and records that it got these items, and then the
    /// outcome `last` if there is one.
    pub(crate) fn gets(
        &mut self,
        process: ProcessIndex,
        end: End,
        items: impl IntoIterator<Item = Item>,
        last: Option<Outcome>,
    ) -> StepId {
        let step = self.step(process, get(end, Vec::new()));
        for item in items {
            self.got(process, step, end, item);
        }
        if last.is_some() {
            self.record(process, step, OperationKind::Get, (Some(end), None), last);
        }
        step
    }

    /// Records that a step got an item.
    pub(crate) fn got(
        &mut self,
        process: ProcessIndex,
        step: StepId,
        end: End,
        item: Item,
    ) -> OperationId {
        let what = (Some(end), Some(item));
        self.record(process, step, OperationKind::Get, what, Some(Outcome::Ok))
    }

    /// Sets what a process wrote to its standard output.
    pub(crate) fn printed(&mut self, process: ProcessIndex, text: &str) {
        self.history.processes[process].stdout = text.into();
    }
}

/// A put that waits until its run's deadline.
pub(crate) fn put(end: End, source: Source) -> Action {
    Action::Put {
        end,
        source,
        wait: Wait::Deadline,
    }
}

/// A get of all items until `None` or the end.
pub(crate) fn get(end: End, each: Vec<Step>) -> Action {
    Action::Get {
        end,
        limit: Limit::Until(vec![Value::Literal(Item::None)]),
        each,
        into: None,
        buffer: None,
        wait: Wait::Deadline,
    }
}

/// Items that are these integers.
pub(crate) fn ints(values: impl IntoIterator<Item = i64>) -> impl Iterator<Item = Item> {
    values.into_iter().map(Item::Int)
}
