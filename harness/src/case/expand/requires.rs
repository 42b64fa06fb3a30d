//! Derives the requirements of a plan from its channels and steps.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::depth;
use super::turns::Turns;
use crate::backend::{Capability, Kind, Outcome, Side, Wait};
use crate::case::Case;
use crate::plan::{
    Action, Codec, End, Expected, GivenEnd, Hint, Item, Limit, Plan, PlannedChannel, Requirement,
    Source, Start, Step, Value, flat,
};

/// Returns the requirements of the plan, beginning with the kind of channel.
pub(super) fn derive(case: &Case, plan: &Plan, expected: &[Expected]) -> Vec<Requirement> {
    let mut requirements = RequirementSet::default();
    requirements
        .capabilities
        .extend(case.requires.iter().map(|one| one.value));
    let opened = plan.channels.iter().filter(|c| c.endpoint.is_none());
    opened.for_each(|channel| requirements.channel(channel));
    requirements.ends(plan, expected);
    requirements.starts(plan);
    for (_, step) in plan.steps() {
        requirements.step(plan, &step.action, &expected[step.id as usize]);
    }
    let kind = plan
        .channels
        .first()
        .map_or(Kind::Process, |channel| channel.kind);
    let mut all = vec![Requirement::Kind(kind)];
    all.extend(
        requirements
            .capabilities
            .into_iter()
            .map(Requirement::Capability),
    );
    all.extend(requirements.message.map(Requirement::Message));
    all.extend(requirements.capacity.map(Requirement::CapacityOf));
    all.extend(depth::largest(plan, expected));
    all
}

/// Returns whether the step may receive something from this end. A get that expects only the end of stream
/// takes nothing from other receivers, and neither does a poll; a get until the end takes everything before it.
fn takes(step: &Step, end: End, expected: &[Expected]) -> bool {
    match &step.action {
        Action::Get { end: own, .. } if *own != end => false,
        Action::Get {
            limit: Limit::Until(_),
            ..
        } => true,
        Action::Get { .. } => expected[step.id as usize].outcomes != [Outcome::End],
        _ => false,
    }
}

fn puts(step: &Step, end: End) -> bool {
    match &step.action {
        Action::Put { end: own, .. } => *own == end,
        Action::Raw(raw) => raw.end == end,
        _ => false,
    }
}

/// Which processes use an end, and whether at once.
struct Sharing<'p> {
    plan: &'p Plan,
    /// Found for the first end that needs it.
    turns: OnceCell<Option<Turns<'p>>>,
}

impl<'p> Sharing<'p> {
    fn of(plan: &'p Plan) -> Sharing<'p> {
        Sharing {
            plan,
            turns: OnceCell::new(),
        }
    }

    /// Returns whether several processes do such steps, and not merely in turn. A queue makes no difference,
    /// as a process may keep items of a queue that it never gets.
    fn are_several(&self, end: End, uses: impl Fn(&Step) -> bool) -> bool {
        let processes = self.plan.processes.iter();
        let users = processes.filter(|process| flat(&process.steps).into_iter().any(&uses));
        users.count() > 1 && (end.side == Side::Queue || self.overlap(uses))
    }

    fn overlap(&self, uses: impl Fn(&Step) -> bool) -> bool {
        let turns = self.turns.get_or_init(|| Turns::of(self.plan));
        turns.as_ref().is_none_or(|turns| turns.overlap(uses))
    }
}

/// Whether the case says what each consumer of this queue receives: some number of items, or all until
/// an item. That is possible only if no consumer's buffer takes them from the others.
fn is_divided(plan: &Plan, queue: End, expected: &[Expected]) -> bool {
    let divides = |step: &Step| match &step.action {
        Action::Get { end, limit, .. } if *end == queue => match limit {
            Limit::Until(markers) => !markers.is_empty(),
            Limit::Count(_) => expected[step.id as usize].outcomes != [Outcome::End],
        },
        _ => false,
    };
    plan.steps().any(|(_, step)| divides(step))
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

    fn channel(&mut self, channel: &PlannedChannel) {
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

    /// Adds what is needed for several processes at one end, for several channels and for threads.
    fn ends(&mut self, plan: &Plan, expected: &[Expected]) {
        // Connections don't count: each joins two processes, though one channel of the plan stands
        // for all of them.
        let opened = |given: &&GivenEnd| plan.channels[given.end.channel].endpoint.is_none();
        let mut holders: BTreeMap<End, usize> = BTreeMap::new();
        for given in plan
            .processes
            .iter()
            .flat_map(|one| &one.ends)
            .filter(opened)
        {
            *holders.entry(given.end).or_default() += 1;
        }
        let shared = holders.into_iter().filter(|(_, holders)| *holders > 1);
        let sharing = Sharing::of(plan);
        for (end, _) in shared {
            if sharing.are_several(end, |step| puts(step, end)) {
                self.need(Capability::SeveralProducers);
            }
            if sharing.are_several(end, |step| takes(step, end, expected)) {
                self.need(Capability::SeveralConsumers);
                if end.side == Side::Queue && is_divided(plan, end, expected) {
                    self.need(Capability::SharedItems);
                }
            }
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

    /// Adds what is needed for threads that use one end at the same time.
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

    /// Adds the start methods of processes that other processes start.
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
                if end.side == Side::Queue
                    && *wait != Wait::Deadline
                    && expected.outcomes == [Outcome::Ok]
                {
                    self.need(Capability::RoomWithoutConsumers);
                }
                self.values(source, plan.channels[end.channel].codec);
                let codec = plan.channels[end.channel].codec;
                for length in lengths(source, codec) {
                    self.message = self.message.max(Some(length));
                    if length == 0 {
                        self.need(Capability::ZeroLength);
                    }
                }
            }
            Action::Get { wait, buffer, .. } => {
                self.wait(*wait, Capability::TryGet, Capability::TimedGet);
                if buffer.is_some() {
                    self.need(Capability::Buffer);
                }
                // Not needed if another outcome is expected as well.
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
            Action::TaskDone { .. } | Action::JoinQueue { .. } => self.need(Capability::Joinable),
            Action::Hint { hint, .. } => self.need(match hint {
                Hint::Size => Capability::Size,
                Hint::IsEmpty => Capability::IsEmpty,
                Hint::IsFull => Capability::IsFull,
            }),
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
            Action::Join { wait, .. } => {
                self.wait(*wait, Capability::TimedJoin, Capability::TimedJoin);
            }
            Action::Raw(_) => self.need(Capability::Raw),
            Action::Signal { .. } => self.need(Capability::Signals),
            _ => {}
        }
    }

    /// Adds the kinds of the values of a put. Bytes and plain text need no encoding of values.
    fn values(&mut self, source: &Source, codec: Codec) {
        if codec != Codec::Tagged {
            return;
        }
        match source {
            Source::Count { size: Some(_), .. } => {}
            Source::Count { size: None, .. } => self.need(Capability::PlainValues),
            Source::Items(values) => {
                for value in values {
                    if let Value::Literal(item) = value {
                        self.kinds_of(item);
                    }
                }
            }
        }
    }

    fn kinds_of(&mut self, item: &Item) {
        const EXACT: u64 = 1 << 53;
        match item {
            Item::Bytes(_) | Item::Payload { .. } => {}
            Item::Int(number) if number.unsigned_abs() > EXACT => {
                self.need(Capability::LargeIntegers);
            }
            Item::BigInt(_) => self.need(Capability::LargeIntegers),
            Item::Text(text) if text.contains('\0') => self.need(Capability::TextWithNul),
            Item::None | Item::Bool(_) | Item::Int(_) | Item::Text(_) => {
                self.need(Capability::PlainValues);
            }
            Item::Float(_) => self.need(Capability::Floats),
            Item::List(items) => {
                self.need(Capability::NestedValues);
                items.iter().for_each(|item| self.kinds_of(item));
            }
            Item::Map(items) => {
                self.need(Capability::NestedValues);
                items.values().for_each(|item| self.kinds_of(item));
            }
            Item::Unsendable | Item::Undecodable => self.need(Capability::Encoding),
        }
    }

    /// Adds the form of an operation that waits like this.
    fn wait(&mut self, wait: Wait, try_form: Capability, timed_form: Capability) {
        match wait {
            Wait::Deadline => {}
            Wait::Never => self.need(try_form),
            Wait::For(_) => self.need(timed_form),
        }
    }
}

/// Returns the lengths in bytes of the messages of a put, as far as they are known.
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
