//! What a backend must be able to do, by what the steps do.

use std::collections::{BTreeMap, BTreeSet};

use super::depth;
use crate::backend::{Capability, End, GivenEnd, Kind, Outcome, Requirement, Wait};
use crate::case::Case;
use crate::plan::Codec;
use crate::plan::{
    Action, Channel, Expected, Item, Limit, Plan, Process, Source, Start, Step, Value, flat,
};

/// Everything that this plan needs, the kind of channel first.
pub(super) fn derive(case: &Case, plan: &Plan, expected: &[Expected]) -> Vec<Requirement> {
    let mut needs = RequirementSet::default();
    needs
        .capabilities
        .extend(case.requires.iter().map(|one| one.value));
    let opened = plan.channels.iter().filter(|c| c.endpoint.is_none());
    opened.for_each(|channel| needs.channel(channel));
    needs.ends(plan, expected);
    needs.starts(plan);
    for (_, step) in plan.steps() {
        needs.step(plan, &step.action, &expected[step.id as usize]);
    }
    let kind = plan
        .channels
        .first()
        .map_or(Kind::Process, |channel| channel.kind);
    let mut all = vec![Requirement::Kind(kind)];
    all.extend(needs.capabilities.into_iter().map(Requirement::Capability));
    all.extend(needs.message.map(Requirement::Message));
    all.extend(needs.capacity.map(Requirement::CapacityOf));
    all.extend(depth::largest(plan, expected));
    all
}

/// Whether the process may get something from this end. Who only waits for the end of a pipe takes
/// nothing from others who do; who gets until the end takes all that comes before it.
fn may_take(process: &Process, end: End, expected: &[Expected]) -> bool {
    let takes = |step: &&Step| match step.action {
        Action::Get {
            limit: Limit::Until(_),
            ..
        } => true,
        Action::Get { .. } | Action::Poll { .. } => {
            expected[step.id as usize].outcomes != [Outcome::End]
        }
        _ => false,
    };
    let mut steps = flat(&process.steps).into_iter();
    steps.any(|step| takes(&step) && step.ends().contains(&end))
}

#[derive(Default)]
struct RequirementSet {
    capabilities: BTreeSet<Capability>,
    message: Option<u64>,
    capacity: Option<u64>,
}

impl RequirementSet {
    fn need(&mut self, capability: Capability) {
        self.capabilities.insert(capability);
    }

    fn channel(&mut self, channel: &Channel) {
        if let Some(capacity) = channel.capacity {
            self.need(Capability::Capacity);
            self.capacity = self.capacity.max(Some(capacity));
        }
        if channel.duplex {
            self.need(Capability::Duplex);
        }
        if channel.mode.is_some() {
            self.need(Capability::AccessMode);
        }
        if channel.backlog.is_some() {
            self.need(Capability::Backlog);
        }
        if channel.key.is_some() {
            self.need(Capability::Authentication);
        }
        if channel.opener.is_some() {
            self.need(Capability::OpenInPeer);
        }
    }

    /// Several processes at one end are not every library's business, nor several channels.
    fn ends(&mut self, plan: &Plan, expected: &[Expected]) {
        let mut puts: BTreeMap<End, usize> = BTreeMap::new();
        let mut gets: BTreeMap<End, usize> = BTreeMap::new();
        // Each connection is between two processes, whatever a plan calls it.
        let opened = |given: &&GivenEnd| plan.channels[given.end.channel].endpoint.is_none();
        for process in &plan.processes {
            for given in process.ends.iter().filter(opened) {
                let takes = given.gets && may_take(process, given.end, expected);
                *puts.entry(given.end).or_default() += usize::from(given.puts);
                *gets.entry(given.end).or_default() += usize::from(takes);
            }
        }
        if puts.values().any(|processes| *processes > 1) {
            self.need(Capability::SeveralProducers);
        }
        if gets.values().any(|processes| *processes > 1) {
            self.need(Capability::SeveralConsumers);
        }
        for process in &plan.processes {
            let opened = process.ends.iter().filter(opened);
            let channels: BTreeSet<usize> = opened.map(|given| given.end.channel).collect();
            if channels.len() > 1 {
                self.need(Capability::SeveralChannels);
            }
            process.at_once().for_each(|threads| self.threads(threads));
        }
    }

    /// Threads that use one end at once, and that do the same to it.
    fn threads(&mut self, threads: &[Vec<Step>]) {
        let several = |does: fn(&Step) -> bool| {
            let ends = threads.iter().map(|steps| {
                let steps = flat(steps).into_iter().filter(|step| does(step));
                steps
                    .flat_map(Step::ends)
                    .copied()
                    .collect::<BTreeSet<End>>()
            });
            let mut seen = BTreeSet::new();
            ends.flatten().any(|end| !seen.insert(end))
        };
        let needs = [
            (Capability::Threads, several(|_| true)),
            (
                Capability::SeveralProducers,
                several(|step| matches!(step.action, Action::Put { .. })),
            ),
            (
                Capability::SeveralConsumers,
                several(|step| matches!(step.action, Action::Get { .. } | Action::Poll { .. })),
            ),
        ];
        let needed = needs.into_iter().filter(|(_, needed)| *needed);
        self.capabilities
            .extend(needed.map(|(capability, _)| capability));
    }

    /// What the supervisor starts, it starts by its own means.
    fn starts(&mut self, plan: &Plan) {
        let started = plan
            .processes
            .iter()
            .filter(|process| process.starter.is_some());
        for process in started {
            self.need(match process.start {
                Start::Spawn => Capability::Spawn,
                Start::Fork => Capability::Fork,
                Start::Forkserver => Capability::Forkserver,
            });
        }
    }

    fn step(&mut self, plan: &Plan, action: &Action, expected: &Expected) {
        match action {
            Action::Put { end, source, wait } => {
                self.wait(*wait, Capability::TryPut, Capability::TimedPut);
                let codec = plan.channels[end.channel].codec;
                for length in lengths(source, codec) {
                    self.message = self.message.max(Some(length));
                    if length == 0 {
                        self.need(Capability::ZeroLength);
                    }
                }
            }
            Action::Get { wait, .. } => {
                self.wait(*wait, Capability::TryGet, Capability::TimedGet);
                // Whoever is as well content with something else doesn't need it.
                if expected.outcomes == [Outcome::End] {
                    self.need(Capability::EndOnClose);
                }
            }
            Action::Poll { ends, wait } => {
                self.need(match ends.len() {
                    1 => Capability::Poll,
                    _ => Capability::PollSeveral,
                });
                self.wait(*wait, Capability::TryGet, Capability::TimedGet);
            }
            Action::HalfClose { .. } => self.need(Capability::HalfClose),
            Action::Listen { replace: true, .. } => self.need(Capability::ReplaceName),
            Action::Accept { wait, .. } => {
                self.wait(*wait, Capability::TryAccept, Capability::TimedAccept);
            }
            Action::Connect { key, wait, .. } => {
                if key.is_some() {
                    self.need(Capability::Authentication);
                }
                self.wait(*wait, Capability::TryConnect, Capability::TimedConnect);
            }
            Action::Raw { .. } => self.need(Capability::Raw),
            _ => {}
        }
    }

    /// The form that waits like this, out of those of one direction.
    fn wait(&mut self, wait: Wait, try_form: Capability, timed_form: Capability) {
        match wait {
            Wait::Deadline => {}
            Wait::Never => self.need(try_form),
            Wait::For(_) => self.need(timed_form),
        }
    }
}

/// The lengths in bytes of the messages that a put sends, as far as they are known.
fn lengths(source: &Source, codec: Codec) -> Vec<u64> {
    match source {
        Source::Count { size, count, .. } => size.filter(|_| *count > 0).into_iter().collect(),
        Source::Items(values) => values
            .iter()
            .filter_map(|value| length(value, codec))
            .collect(),
    }
}

fn length(value: &Value, codec: Codec) -> Option<u64> {
    match value {
        Value::Sized { size, .. } | Value::Literal(Item::Payload { size, .. }) => Some(*size),
        Value::Literal(item) => codec.encode(item).ok().map(|bytes| bytes.len() as u64),
        Value::Reference(_) => None,
    }
}
