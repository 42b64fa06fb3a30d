//! What an operation that is under way needs in order to return.

use crate::backend::{Capability, End, GivenEnd, Kind, Lane, Wait};
use crate::history::fate::Fates;
use crate::history::holders::Holder;
use crate::history::pairing::{Entry, Traffic};
use crate::history::{Exit, Operation, OperationId, OperationKind};
use crate::judge::invariant::Evidence;
use crate::plan::{Action, Event, NO_STEP, ProcessIndex, Step};

/// What it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing more: it could return.
    Nothing(Ready),
    /// That any of these processes does this.
    Any(Vec<ProcessIndex>, Deed),
    /// That all of these do.
    All(Vec<ProcessIndex>, Deed),
    /// Time, or nothing that others do.
    Alone,
}

/// Why an operation could return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ready {
    /// What this put brought was never got, and so many more.
    Item(OperationId, usize),
    /// So many bytes that were written were never read.
    Bytes(u64),
    /// There is room: so many items can be in the channel at most.
    Room(u64),
    /// Somebody is sending to it right now.
    Sending(OperationId),
    /// Who was sending to it was killed within the message.
    BrokenOff(OperationId),
    /// Nobody holds this end any more.
    Left(End),
    /// Its time is up.
    Time,
    /// Whom it waits for has exited.
    Exited,
}

/// What somebody is waited for to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// To put, or to send.
    Put(Kind),
    /// To get, or to receive.
    Get(Kind),
    Exit,
    /// To come to the barrier of this name.
    Come(String),
    /// To come to a step, or to be done with it.
    Step,
}

impl Deed {
    /// As in `for producer to put`.
    pub(super) fn words(&self) -> String {
        match self {
            Deed::Put(kind) => format!("to {}", OperationKind::Put.word(*kind)),
            Deed::Get(kind) => format!("to {}", OperationKind::Get.word(*kind)),
            Deed::Exit => "to exit".to_owned(),
            Deed::Come(barrier) => format!("to come to {barrier}"),
            Deed::Step => "to come so far".to_owned(),
        }
    }
}

/// How a process stood when the harness ended the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Alive,
    Stopped,
    Killed,
    Exited,
    NeverStarted,
}

impl State {
    pub(super) fn of(evidence: &Evidence<'_>, process: ProcessIndex) -> State {
        let history = &evidence.history.processes[process];
        let leaves = |op: &Operation| op.step == NO_STEP && op.is_pending();
        match history.exit {
            None => State::NeverStarted,
            Some(Exit::Killed) => State::Killed,
            Some(Exit::Ended) if evidence.is_stopped(process) => State::Stopped,
            Some(Exit::Ended) => State::Alive,
            // It went by itself once the harness had ended others.
            Some(_) if history.operations.last().is_some_and(leaves) => State::Alive,
            Some(_) => State::Exited,
        }
    }

    /// Whether it will do nothing any more.
    pub(super) fn is_gone(self) -> bool {
        matches!(self, State::Killed | State::Exited | State::NeverStarted)
    }

    /// As the end of a sentence; empty of one that lives.
    pub(super) fn words(self) -> &'static str {
        match self {
            State::Alive => "",
            State::Stopped => "is stopped",
            State::Killed => "was killed",
            State::Exited => "has exited",
            State::NeverStarted => "was never started",
        }
    }
}

impl Need {
    /// Of this operation, which is under way.
    pub(super) fn of(evidence: &Evidence<'_>, id: OperationId) -> Need {
        let operation = evidence.operation(id);
        let step = evidence.step(operation.step);
        match (operation.kind, operation.end) {
            (OperationKind::Get | OperationKind::Poll, Some(end)) => getting(evidence, id, end),
            (OperationKind::Put, Some(end)) => putting(evidence, id, end),
            (OperationKind::Exit | OperationKind::Close | OperationKind::HalfClose, _) => {
                leaving(evidence, id)
            }
            _ => step.map_or(Need::Alone, |step| others(evidence, id, step)),
        }
    }
}

/// Whoever receives needs an item, or that nobody can send any more.
fn getting(evidence: &Evidence<'_>, id: OperationId, end: End) -> Need {
    let lane = end.receives_from();
    let carried = carried(evidence, lane);
    if let Some(ready) = carried.and_then(|(traffic, fates)| something(evidence, traffic, fates)) {
        return Need::Nothing(ready);
    }
    let under_way = |process: &ProcessIndex| {
        let puts = carried.map_or(&[][..], |(traffic, _)| &traffic.puts);
        puts.iter()
            .any(|put| put.process() == *process && is_pending(evidence, put))
    };
    let sending = end_of_all(evidence, id, lane.sending(), |given| given.puts);
    let (stopped, alive): (Vec<_>, Vec<_>) = sending
        .iter()
        .partition(|process| State::of(evidence, **process) == State::Stopped);
    let halfway: Vec<ProcessIndex> = stopped.iter().copied().filter(under_way).collect();
    let kind = kind(evidence, end);
    if !halfway.is_empty() {
        return Need::Any(halfway, Deed::Put(kind));
    }
    if time_is_up(evidence, id) {
        return Need::Nothing(Ready::Time);
    }
    let ends = kind != Kind::Queue || evidence.capabilities.has(Capability::EndOnClose);
    if ends && sending.is_empty() {
        return Need::Nothing(Ready::Left(lane.sending()));
    }
    Need::Any(
        or_former(
            evidence,
            id,
            [alive, stopped].concat(),
            lane.sending(),
            true,
        ),
        Deed::Put(kind),
    )
}

/// What is there for a get, or on its way.
fn something(evidence: &Evidence<'_>, traffic: &Traffic, fates: &Fates) -> Option<Ready> {
    let length = |entries: &[Entry]| -> u64 {
        let done = entries.iter().filter(|entry| entry.certain);
        done.map(|entry| entry.content.length()).sum()
    };
    let left = length(&traffic.puts).saturating_sub(length(&traffic.gets));
    if traffic.kind == Kind::Stream && left > 0 {
        return Some(Ready::Bytes(left));
    }
    let first = fates.missing.iter().min_by_key(|put| put.start);
    if let Some(first) = first {
        return Some(Ready::Item(first.id(), fates.missing.len() - 1));
    }
    let pending = || traffic.puts.iter().filter(|put| is_pending(evidence, put));
    let state = |put: &Entry| State::of(evidence, put.process());
    let killed = pending().find(|put| state(put) == State::Killed);
    if let Some(put) = killed {
        return Some(Ready::BrokenOff(put.id()));
    }
    // One whose end another thread of its process uses may not have begun to send.
    let is_sending =
        |put: &&Entry| state(put) == State::Alive && sibling(evidence, put.id()).is_none();
    pending()
        .find(is_sending)
        .map(|put| Ready::Sending(put.id()))
}

/// What another thread of the same process is in on the same end.
pub(super) fn sibling(evidence: &Evidence<'_>, id: OperationId) -> Option<OperationId> {
    let end = evidence.operation(id).end?;
    let operations = &evidence.history.processes[id.process].operations;
    let is_it = |operation: &Operation| operation.is_pending() && operation.end == Some(end);
    let mut others = operations.iter().enumerate();
    let index = others
        .find(|(index, operation)| *index != id.index && is_it(operation))?
        .0;
    Some(OperationId { index, ..id })
}

/// Whoever sends needs room, or that nobody can receive any more.
fn putting(evidence: &Evidence<'_>, id: OperationId, end: End) -> Need {
    let lane = end.sends_on();
    let kind = kind(evidence, end);
    if let Some((traffic, _)) = carried(evidence, lane)
        && let Some(capacity) = evidence.permutation.plan.channels[end.channel].capacity
    {
        // Its own item is none of them.
        let most = (traffic.puts.len() - 1).saturating_sub(traffic.gets.len()) as u64;
        if most < capacity {
            return Need::Nothing(Ready::Room(most));
        }
    }
    if time_is_up(evidence, id) {
        return Need::Nothing(Ready::Time);
    }
    let receiving = end_of_all(evidence, id, lane.receiver(), |given| given.gets);
    if kind != Kind::Queue && receiving.is_empty() {
        return Need::Nothing(Ready::Left(lane.receiver()));
    }
    Need::Any(
        or_former(evidence, id, receiving, lane.receiver(), false),
        Deed::Get(kind),
    )
}

/// Whoever leaves waits for those that it started, and for what it has put to be got.
fn leaving(evidence: &Evidence<'_>, id: OperationId) -> Need {
    let me = id.process;
    let plan = &evidence.permutation.plan;
    let is_exit = evidence.operation(id).kind == OperationKind::Exit;
    let children = (0..plan.processes.len()).filter(|process| {
        is_exit
            && plan.processes[*process].starter == Some(me)
            && !State::of(evidence, *process).is_gone()
    });
    let children: Vec<ProcessIndex> = children.collect();
    if !children.is_empty() {
        return Need::All(children, Deed::Exit);
    }
    let mut lanes = evidence.lanes();
    let left = lanes.find(|(_, fates)| fates.missing.iter().any(|put| put.process() == me));
    match left {
        Some((traffic, _)) => {
            let receiver = traffic.lane.receiver();
            let receiving = end_of_all(evidence, id, receiver, |given| given.gets);
            let receiving = or_former(evidence, id, receiving, receiver, false);
            Need::Any(receiving, Deed::Get(traffic.kind))
        }
        None => Need::Alone,
    }
}

/// Whoever waits for other processes needs them all.
fn others(evidence: &Evidence<'_>, id: OperationId, step: &Step) -> Need {
    let is_gone = |process: &ProcessIndex| State::of(evidence, *process).is_gone();
    let exits = |processes: &[ProcessIndex]| {
        let living = processes
            .iter()
            .copied()
            .filter(|process| !is_gone(process));
        match living.collect::<Vec<_>>() {
            living if living.is_empty() => Need::Nothing(Ready::Exited),
            living => Need::All(living, Deed::Exit),
        }
    };
    match &step.action {
        Action::Join { processes } | Action::Kill { processes } => exits(processes),
        Action::Await { event } => match event {
            Event::Exited(processes) => exits(processes),
            Event::Started(steps) | Event::Blocked(steps) | Event::Done(steps) => {
                let plan = evidence.permutation.plan.steps();
                let owners = plan.filter(|(_, step)| steps.contains(&step.id));
                let mut owners: Vec<ProcessIndex> = owners.map(|(process, _)| process).collect();
                owners.dedup();
                if owners.iter().any(|process| !is_gone(process)) {
                    owners.retain(|process| !is_gone(process));
                }
                Need::All(owners, Deed::Step)
            }
        },
        Action::Barrier { name } => {
            let is_it = |step: &Step| matches!(&step.action, Action::Barrier { name: other } if other == name);
            let has_come = |process: ProcessIndex| {
                let operations = evidence.history.processes[process].operations.iter();
                let mut waiting = operations.filter(|operation| operation.is_pending());
                waiting.any(|operation| evidence.step(operation.step).is_some_and(is_it))
            };
            let plan = evidence.permutation.plan.steps();
            let of_it = plan
                .filter(|(_, step)| is_it(step))
                .map(|(process, _)| process);
            let mut missing: Vec<ProcessIndex> = of_it
                .filter(|process| *process != id.process && !has_come(*process))
                .collect();
            missing.dedup();
            Need::All(missing, Deed::Come(name.clone()))
        }
        _ => Need::Alone,
    }
}

/// The processes that still hold an end, or a copy of it, and of a queue those that use it so; the
/// one that waits only where nobody else does.
fn end_of_all(
    evidence: &Evidence<'_>,
    id: OperationId,
    end: End,
    uses: impl Fn(&GivenEnd) -> bool,
) -> Vec<ProcessIndex> {
    let processes = &evidence.permutation.plan.processes;
    let is_queue = kind(evidence, end) == Kind::Queue;
    let concerns = |holder: &&Holder| {
        let mut ends = processes[holder.process].ends.iter();
        !is_queue || ends.any(|given| given.end == end && uses(given))
    };
    let holders = evidence.holders().of_end(end).iter().filter(concerns);
    let hold = holders
        .filter(|holder| !holder.released)
        .map(|holder| holder.process);
    let mut hold: Vec<ProcessIndex> = hold
        .filter(|process| !State::of(evidence, *process).is_gone())
        .collect();
    hold.sort_unstable();
    hold.dedup();
    if is_queue || hold.iter().any(|process| *process != id.process) {
        hold.retain(|process| *process != id.process || has_other_threads(evidence, id));
    }
    hold
}

/// Those, or where there is nobody, those that used the end so and are gone.
fn or_former(
    evidence: &Evidence<'_>,
    id: OperationId,
    holding: Vec<ProcessIndex>,
    end: End,
    puts: bool,
) -> Vec<ProcessIndex> {
    if !holding.is_empty() {
        return holding;
    }
    let uses = |given: &GivenEnd| given.end == end && if puts { given.puts } else { given.gets };
    let processes = evidence.permutation.plan.processes.iter().enumerate();
    let former =
        processes.filter(|(process, plan)| *process != id.process && plan.ends.iter().any(uses));
    former.map(|(process, _)| process).collect()
}

fn has_other_threads(evidence: &Evidence<'_>, id: OperationId) -> bool {
    let own = evidence.operation(id).thread;
    let operations = evidence.history.processes[id.process].operations.iter();
    let mut pending = operations.filter(|operation| operation.is_pending());
    pending.any(|operation| operation.thread != own)
}

fn carried<'a>(evidence: &'a Evidence<'_>, lane: Lane) -> Option<(&'a Traffic, &'a Fates)> {
    evidence.lanes().find(|(traffic, _)| traffic.lane == lane)
}

fn is_pending(evidence: &Evidence<'_>, entry: &Entry) -> bool {
    evidence.operation(entry.id()).is_pending()
}

fn kind(evidence: &Evidence<'_>, end: End) -> Kind {
    evidence.permutation.plan.channels[end.channel].kind
}

/// Whether it was to return by itself before the run was ended.
fn time_is_up(evidence: &Evidence<'_>, id: OperationId) -> bool {
    let operation = evidence.operation(id);
    let time = match evidence.wait(operation) {
        None | Some(Wait::Deadline) => return false,
        Some(Wait::Never) => 0,
        Some(Wait::For(time)) => u64::try_from(time.as_nanos()).unwrap_or(u64::MAX),
    };
    operation.start.saturating_add(time) < evidence.ended()
}
