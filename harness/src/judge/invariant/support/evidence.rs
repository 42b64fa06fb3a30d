//! What invariants look at.

use std::cell::{OnceCell, RefCell};

use crate::backend::{Capabilities, Capability, Kind, Outcome, Wait};
use crate::history::fate::{Fates, ItemOrder};
use crate::history::holders::Holders;
use crate::history::naming::Naming;
use crate::history::pairing::{Entry, NEVER, Traffic};
use crate::history::{Ending, Exit, History, Operation, OperationId};
use crate::plan::{
    Action, Buffer, Expected, Lane, Permutation, Plan, Process, ProcessIndex, Step, StepId,
};

/// The plan and the history of one run, and what follows from both and several invariants need.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// The plan, and what the case expects of it.
    pub permutation: &'a Permutation,
    /// What every process did and saw.
    pub history: &'a History,
    /// What the backend declares. An invariant judges only promises that the backend makes.
    pub capabilities: &'a Capabilities,
    lanes: Vec<(Traffic, Fates)>,
    holders: Holders,
    ended: u64,
    steps: Vec<Option<&'a Step>>,
    /// Computed on first use, because most histories break nothing and need no names.
    names: OnceCell<RefCell<Naming>>,
}

impl<'a> Evidence<'a> {
    /// Computes once, for all invariants, which get returned the item of which put, and which
    /// process held which end.
    pub fn new(
        permutation: &'a Permutation,
        history: &'a History,
        capabilities: &'a Capabilities,
    ) -> Evidence<'a> {
        let plan = &permutation.plan;
        let mut steps = Vec::new();
        for (_, step) in plan.steps() {
            let place = step.id as usize;
            steps.resize(steps.len().max(place + 1), None);
            steps[place] = Some(step);
        }
        let linearizable = capabilities.has(Capability::Linearizable);
        let fates = |traffic: &Traffic| match traffic.kind {
            // A stream has no items, only bytes.
            Kind::Stream => Fates::default(),
            Kind::Queue if !shares_items(plan, capabilities, traffic.lane) => {
                Fates::of(traffic, ItemOrder::OfEachConsumer)
            }
            Kind::Queue if linearizable => Fates::of(traffic, ItemOrder::Total),
            _ => Fates::of(traffic, ItemOrder::OfEachProducer),
        };
        let ended = history.ended.unwrap_or(NEVER);
        Evidence {
            permutation,
            history,
            capabilities,
            lanes: Traffic::of(plan, history)
                .into_iter()
                .map(|traffic| {
                    let fates = fates(&traffic);
                    (traffic, fates)
                })
                .collect(),
            holders: Holders::of(plan, history, &steps, ended),
            ended,
            steps,
            names: OnceCell::new(),
        }
    }

    /// Whether every item of this queue is for whichever consumer gets first.
    pub(crate) fn shares_items(&self, lane: Lane) -> bool {
        shares_items(&self.permutation.plan, self.capabilities, lane)
    }

    /// Returns the names of the contents in the history.
    pub(super) fn names(&self) -> &RefCell<Naming> {
        let plan = &self.permutation.plan;
        self.names.get_or_init(|| RefCell::new(Naming::of(plan)))
    }

    /// Returns the puts and gets of each lane, and the fates of its items.
    pub fn lanes(&self) -> impl Iterator<Item = (&Traffic, &Fates)> {
        self.lanes.iter().map(|(traffic, fates)| (traffic, fates))
    }

    /// Returns when each process held which end.
    pub fn holders(&self) -> &Holders {
        &self.holders
    }

    /// Returns the step with this id.
    pub fn step(&self, id: StepId) -> Option<&'a Step> {
        self.steps.get(id as usize).copied().flatten()
    }

    /// Returns how long the operation was to wait, if it is one that waits for a channel or a process.
    pub fn wait(&self, operation: &Operation) -> Option<Wait> {
        match &self.step(operation.step)?.action {
            Action::Put { wait, .. }
            | Action::Get { wait, .. }
            | Action::Poll { wait, .. }
            | Action::Accept { wait, .. }
            | Action::Connect { wait, .. }
            | Action::Join { wait, .. } => Some(*wait),
            _ => None,
        }
    }

    /// Whether this operation gave up, although the case expects that it doesn't.
    pub(crate) fn gave_up_early(&self, operation: &Operation) -> bool {
        let expected = self.expected(operation);
        operation.outcome == Some(Outcome::Timeout)
            && expected.is_some_and(|expected| !expected.outcomes.contains(&Outcome::Timeout))
    }

    /// Returns the buffer of the case that the get received into. What the library stored in it is for the
    /// invariant `buffer` only.
    pub(crate) fn buffer(&self, get: &Entry) -> Option<Buffer> {
        match &self.step(self.operation(get.id()).step)?.action {
            Action::Get { buffer, .. } => *buffer,
            _ => None,
        }
    }

    /// Returns what the case expects of the operation's step.
    pub fn expected(&self, operation: &Operation) -> Option<&'a Expected> {
        self.permutation.expected.get(operation.step as usize)
    }

    /// Whether the case expects this operation never to return.
    pub fn may_stay_pending(&self, operation: &Operation) -> bool {
        self.expected(operation)
            .is_some_and(|expected| expected.outcomes.contains(&Outcome::Pending))
    }

    /// Whether the operation was pending, against the case's expectation, when the harness ended a
    /// stalled run.
    pub fn hangs(&self, id: OperationId) -> bool {
        let operation = self.operation(id);
        self.history.ending == Ending::Stalled
            && operation.is_pending()
            && self.was_ended(id.process)
            && !self.may_stay_pending(operation)
    }

    /// Returns the number that the operation recorded: a process id, or the mode of a name.
    pub(crate) fn number(&self, id: OperationId) -> Option<u32> {
        let content = self.operation(id).content?;
        let bytes = content.is_inline().then(|| content.head())?;
        let bytes = bytes.get(..usize::try_from(content.length()).ok()?)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    }

    /// Returns the kind of the operation's channel.
    pub fn kind(&self, operation: &Operation) -> Kind {
        operation.end.map_or(Kind::Process, |end| {
            self.permutation.plan.channels[end.channel].kind
        })
    }

    /// Returns how this process exited.
    pub fn exit(&self, process: ProcessIndex) -> Option<Exit> {
        self.history.processes.get(process)?.exit
    }

    /// Returns the operation with this id.
    pub fn operation(&self, id: OperationId) -> &'a Operation {
        self.history.operation(id)
    }

    /// Whether every process ended without the harness.
    pub fn completed(&self) -> bool {
        self.history.ending == Ending::Completed
    }

    /// Whether the operation returned before the harness began to end processes.
    pub fn is_own_doing(&self, operation: &Operation) -> bool {
        operation
            .returned
            .is_some_and(|returned| returned <= self.ended)
    }

    /// Returns the time after which the harness may have begun to end processes.
    pub fn ended(&self) -> u64 {
        self.ended
    }

    /// Whether the plan's fault kept another process stopped during this operation.
    pub(crate) fn is_delayed_by_fault(&self, id: OperationId) -> bool {
        let Some(fault) = self.permutation.plan.fault else {
            return false;
        };
        let operation = self.operation(id);
        let returned = operation.returned.unwrap_or(NEVER);
        let mut stops = self.history.stops.iter();
        stops.any(|stop| {
            let lasts = operation.start < stop.until.unwrap_or(NEVER) && stop.from < returned;
            fault.process == stop.process && id.process != stop.process && lasts
        })
    }

    /// Whether this process was paused when the run ended.
    pub fn is_stopped(&self, process: ProcessIndex) -> bool {
        let mut stops = self.history.stops.iter();
        stops.any(|stop| stop.process == process && stop.until.is_none())
    }

    /// Whether the harness ended this process.
    pub fn was_ended(&self, process: ProcessIndex) -> bool {
        self.exit(process) == Some(Exit::Ended)
    }
}
/// A queue with one consumer has no other consumer whose buffer may keep an item.
fn shares_items(plan: &Plan, capabilities: &Capabilities, lane: Lane) -> bool {
    let gets = |process: &&Process| {
        let mut ends = process.ends.iter();
        ends.any(|given| given.gets && given.end.receives_from() == lane)
    };
    capabilities.has(Capability::SharedItems) || plan.processes.iter().filter(gets).count() < 2
}
