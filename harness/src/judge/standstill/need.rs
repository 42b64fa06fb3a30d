//! What an operation that hadn't returned needs in order to return.

use super::process_state::ProcessState;
use crate::backend::{Capability, Kind, Wait};
use crate::history::fate::Fates;
use crate::history::holders::Holder;
use crate::history::pairing::{Entry, Traffic};
use crate::history::tasks::Tasks;
use crate::history::{Operation, OperationId, OperationKind};
use crate::judge::invariant::Evidence;
use crate::plan::{Action, End, Event, GivenEnd, Lane, ProcessIndex, Step};

/// What an operation needs in order to return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Nothing more: it could return.
    Nothing(ReturnReason),
    /// That any of these processes does this.
    Any(Vec<ProcessIndex>, AwaitedAction),
    /// That all of these processes do this.
    All(Vec<ProcessIndex>, AwaitedAction),
    /// Time, or something that no other process does.
    Alone,
}

/// Why an operation could return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReturnReason {
    /// The item of this put was never received, nor were this many others.
    Item(OperationId, usize),
    /// This many written bytes were never read.
    Bytes(u64),
    /// The channel has room: at most this many items are in it.
    Room(u64),
    /// This put hasn't returned.
    Sending(OperationId),
    /// The process of this put was killed within its message.
    BrokenOff(OperationId),
    /// No process holds this end any more.
    NotHeld(End),
    /// Its time limit has passed.
    Time,
    /// The processes that it waits for have exited.
    Exited,
    /// Every item of the queue is marked as done.
    AllDone,
}

/// What an operation waits for other processes to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AwaitedAction {
    /// To put, or to send.
    Put(Kind),
    /// To get, or to receive.
    Get(Kind),
    /// To mark an item as done.
    TaskDone,
    Exit,
    /// To reach the barrier of this name.
    Barrier(String),
    /// To reach a step, or to finish it.
    Step,
}

impl AwaitedAction {
    /// Returns the action as in `for producer to put`.
    pub(crate) fn words(&self) -> String {
        match self {
            AwaitedAction::Put(kind) => format!("to {}", OperationKind::Put.word(*kind)),
            AwaitedAction::Get(kind) => format!("to {}", OperationKind::Get.word(*kind)),
            AwaitedAction::TaskDone => "to mark an item as done".to_owned(),
            AwaitedAction::Exit => "to exit".to_owned(),
            AwaitedAction::Barrier(barrier) => format!("to reach {barrier}"),
            AwaitedAction::Step => "to reach that step".to_owned(),
        }
    }
}

impl Need {
    /// Returns what this operation, which hasn't returned, needs.
    pub(crate) fn of(evidence: &Evidence<'_>, id: OperationId) -> Need {
        let operation = evidence.operation(id);
        let step = evidence.step(operation.step);
        match (operation.kind, operation.end) {
            (OperationKind::Get | OperationKind::Poll, Some(end)) => getting(evidence, id, end),
            (OperationKind::Put, Some(end)) => putting(evidence, id, end),
            (OperationKind::JoinQueue, Some(end)) => joining(evidence, id, end),
            (OperationKind::Exit | OperationKind::Close | OperationKind::HalfClose, _) => {
                leaving(evidence, id)
            }
            _ => step.map_or(Need::Alone, |step| synchronising(evidence, id, step)),
        }
    }
}

/// A receiver needs an item, or that no process can send any more.
fn getting(evidence: &Evidence<'_>, id: OperationId, end: End) -> Need {
    let lane = end.receives_from();
    let carried = carried(evidence, lane);
    if let Some(ready) = carried.and_then(|(traffic, fates)| available(evidence, traffic, fates)) {
        return Need::Nothing(ready);
    }
    let under_way = |process: &ProcessIndex| {
        let puts = carried.map_or(&[][..], |(traffic, _)| &traffic.puts);
        puts.iter()
            .any(|put| put.process() == *process && is_pending(evidence, put))
    };
    let sending = holding(evidence, id, lane.sending(), |given| given.puts);
    let (stopped, alive): (Vec<_>, Vec<_>) = sending
        .iter()
        .partition(|process| ProcessState::of(evidence, **process) == ProcessState::Stopped);
    let halfway: Vec<ProcessIndex> = stopped.iter().copied().filter(under_way).collect();
    let kind = kind(evidence, end);
    if !halfway.is_empty() {
        return Need::Any(halfway, AwaitedAction::Put(kind));
    }
    if time_has_passed(evidence, id) {
        return Need::Nothing(ReturnReason::Time);
    }
    let ends = kind != Kind::Queue || evidence.capabilities.has(Capability::EndOnClose);
    if ends && sending.is_empty() {
        return Need::Nothing(ReturnReason::NotHeld(lane.sending()));
    }
    Need::Any(
        or_former(
            evidence,
            id,
            [alive, stopped].concat(),
            lane.sending(),
            true,
        ),
        AwaitedAction::Put(kind),
    )
}

/// What a get could receive, now or from a put that hasn't returned.
fn available(evidence: &Evidence<'_>, traffic: &Traffic, fates: &Fates) -> Option<ReturnReason> {
    let length = |entries: &[Entry]| -> u64 {
        let done = entries.iter().filter(|entry| entry.certain);
        done.map(|entry| entry.content.length()).sum()
    };
    let left = length(&traffic.puts).saturating_sub(length(&traffic.gets));
    if traffic.kind == Kind::Stream && left > 0 {
        return Some(ReturnReason::Bytes(left));
    }
    // What is missing may be in another consumer's buffer.
    let shared = traffic.kind != Kind::Queue || evidence.shares_items(traffic.lane);
    let first = fates.missing.iter().min_by_key(|put| put.start);
    if let Some(first) = first.filter(|_| shared) {
        return Some(ReturnReason::Item(first.id(), fates.missing.len() - 1));
    }
    let pending = || traffic.puts.iter().filter(|put| is_pending(evidence, put));
    let state = |put: &Entry| ProcessState::of(evidence, put.process());
    let killed = pending().find(|put| state(put) == ProcessState::Killed);
    if let Some(put) = killed {
        return Some(ReturnReason::BrokenOff(put.id()));
    }
    // If another thread uses the same end, this one may not have begun to send.
    let is_sending =
        |put: &&Entry| state(put) == ProcessState::Alive && sibling(evidence, put.id()).is_none();
    pending()
        .find(is_sending)
        .map(|put| ReturnReason::Sending(put.id()))
}

/// Returns the operation on the same end that another thread of the same process is in.
pub(crate) fn sibling(evidence: &Evidence<'_>, id: OperationId) -> Option<OperationId> {
    let end = evidence.operation(id).end?;
    let operations = &evidence.history.processes[id.process].operations;
    let is_it = |operation: &Operation| operation.is_pending() && operation.end == Some(end);
    let mut others = operations.iter().enumerate();
    let index = others
        .find(|(index, operation)| *index != id.index && is_it(operation))?
        .0;
    Some(OperationId { index, ..id })
}

/// A sender needs room, or that no process can receive any more.
fn putting(evidence: &Evidence<'_>, id: OperationId, end: End) -> Need {
    let lane = end.sends_on();
    let kind = kind(evidence, end);
    if let Some((traffic, _)) = carried(evidence, lane)
        && let Some(capacity) = evidence.permutation.plan.channels[end.channel].capacity
    {
        // Its own item isn't in the channel.
        let most = (traffic.puts.len() - 1).saturating_sub(traffic.gets.len()) as u64;
        if most < capacity {
            return Need::Nothing(ReturnReason::Room(most));
        }
    }
    if time_has_passed(evidence, id) {
        return Need::Nothing(ReturnReason::Time);
    }
    let receiving = holding(evidence, id, lane.receiver(), |given| given.gets);
    if kind != Kind::Queue && receiving.is_empty() {
        return Need::Nothing(ReturnReason::NotHeld(lane.receiver()));
    }
    Need::Any(
        or_former(evidence, id, receiving, lane.receiver(), false),
        AwaitedAction::Get(kind),
    )
}

/// A join needs that other processes mark items as done.
fn joining(evidence: &Evidence<'_>, id: OperationId, end: End) -> Need {
    if Tasks::of(evidence.history, end).are_all_done(evidence.ended()) {
        return Need::Nothing(ReturnReason::AllDone);
    }
    let consumers = holding(evidence, id, end, |given| given.gets);
    Need::Any(
        or_former(evidence, id, consumers, end, false),
        AwaitedAction::TaskDone,
    )
}

/// A process that exits or closes waits for the processes that it started, and until its items are
/// received.
fn leaving(evidence: &Evidence<'_>, id: OperationId) -> Need {
    let me = id.process;
    let plan = &evidence.permutation.plan;
    let is_exit = evidence.operation(id).kind == OperationKind::Exit;
    let children = (0..plan.processes.len()).filter(|process| {
        is_exit
            && plan.processes[*process].starter == Some(me)
            && !ProcessState::of(evidence, *process).is_gone()
    });
    let children: Vec<ProcessIndex> = children.collect();
    if !children.is_empty() {
        return Need::All(children, AwaitedAction::Exit);
    }
    let mut lanes = evidence.lanes();
    let left = lanes.find(|(_, fates)| fates.missing.iter().any(|put| put.process() == me));
    match left {
        Some((traffic, _)) => {
            let receiver = traffic.lane.receiver();
            let receiving = holding(evidence, id, receiver, |given| given.gets);
            let receiving = or_former(evidence, id, receiving, receiver, false);
            Need::Any(receiving, AwaitedAction::Get(traffic.kind))
        }
        None => Need::Alone,
    }
}

/// A join, a kill, an await or a barrier needs all its processes.
fn synchronising(evidence: &Evidence<'_>, id: OperationId, step: &Step) -> Need {
    let is_gone = |process: &ProcessIndex| ProcessState::of(evidence, *process).is_gone();
    let exits = |processes: &[ProcessIndex]| {
        let living = processes
            .iter()
            .copied()
            .filter(|process| !is_gone(process));
        match living.collect::<Vec<_>>() {
            living if living.is_empty() => Need::Nothing(ReturnReason::Exited),
            living => Need::All(living, AwaitedAction::Exit),
        }
    };
    match &step.action {
        Action::Join { .. } if time_has_passed(evidence, id) => Need::Nothing(ReturnReason::Time),
        Action::Join { processes, .. } | Action::Kill { processes, .. } => exits(processes),
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
                Need::All(owners, AwaitedAction::Step)
            }
        },
        Action::Barrier { name } => {
            let is_it = |step: &Step| matches!(&step.action, Action::Barrier { name: other } if other == name);
            let has_arrived = |process: ProcessIndex| {
                let operations = evidence.history.processes[process].operations.iter();
                let mut waiting = operations.filter(|operation| operation.is_pending());
                waiting.any(|operation| evidence.step(operation.step).is_some_and(is_it))
            };
            let plan = evidence.permutation.plan.steps();
            let of_it = plan
                .filter(|(_, step)| is_it(step))
                .map(|(process, _)| process);
            let mut missing: Vec<ProcessIndex> = of_it
                .filter(|process| *process != id.process && !has_arrived(*process))
                .collect();
            missing.dedup();
            Need::All(missing, AwaitedAction::Barrier(name.clone()))
        }
        _ => Need::Alone,
    }
}

/// The processes that still hold an end or a copy of it; of a queue, only those that use it this way.
/// The waiting process counts only if no other does.
fn holding(
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
        .filter(|process| !ProcessState::of(evidence, *process).is_gone())
        .collect();
    hold.sort_unstable();
    hold.dedup();
    if is_queue || hold.iter().any(|process| *process != id.process) {
        hold.retain(|process| *process != id.process || has_other_threads(evidence, id));
    }
    hold
}

/// The processes that hold the end; if there are none, those that used it this way and are gone.
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

/// Whether its time limit passed before the harness ended the run.
fn time_has_passed(evidence: &Evidence<'_>, id: OperationId) -> bool {
    let operation = evidence.operation(id);
    let time = match evidence.wait(operation) {
        None | Some(Wait::Deadline) => return false,
        Some(Wait::Never) => 0,
        Some(Wait::For(time)) => u64::try_from(time.as_nanos()).unwrap_or(u64::MAX),
    };
    operation.start.saturating_add(time) < evidence.ended()
}
