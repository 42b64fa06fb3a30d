//! Which operations a page shows: the witness and operations next to it.

use crate::backend::Outcome;
use crate::history::pairing::{Entry, Traffic};
use crate::history::{Operation, OperationId, OperationKind};
use crate::judge::Witness;
use crate::judge::invariant::Evidence;

/// A page shows at most this many operations.
const MOST: usize = 8;
/// A page adds neighbours until it shows this many operations.
const WANTED: usize = 5;

/// Returns the witness, then the puts and gets of the same items, then neighbours.
pub(super) fn operations(evidence: &Evidence<'_>, witness: &Witness) -> Vec<OperationId> {
    let mut shown = ends(&witness.operations);
    for id in shown.clone() {
        let other = put_of(evidence, id)
            .or_else(|| get_of(evidence, id))
            .or_else(|| awaiting(evidence, id));
        add(&mut shown, other, MOST);
    }
    for neighbours in [same_thread, other_processes] {
        // A break shows in a received item, so neighbours of gets tell more than those of puts.
        let mut by_kind = shown.clone();
        by_kind.sort_by_key(|id| evidence.history.operation(*id).kind != OperationKind::Get);
        for id in by_kind {
            for other in neighbours(evidence, id) {
                add(&mut shown, Some(other), WANTED);
            }
        }
    }
    if let (true, Some(process)) = (shown.is_empty(), witness.process) {
        let count = evidence.history.processes[process].operations.len();
        let last = count.saturating_sub(WANTED)..count;
        shown.extend(last.map(|index| OperationId { process, index }));
    }
    shown
}

/// Returns these operations, and the puts and gets of their items.
pub(super) fn with_partners(
    evidence: &Evidence<'_>,
    operations: &[OperationId],
) -> Vec<OperationId> {
    let mut all = operations.to_vec();
    for id in operations {
        all.extend(put_of(evidence, *id).or_else(|| get_of(evidence, *id)));
    }
    all
}

/// The witness; of one that is too long to show, its first and last operations.
fn ends(witness: &[OperationId]) -> Vec<OperationId> {
    if witness.len() <= MOST {
        return witness.to_vec();
    }
    let half = MOST / 2;
    [&witness[..half], &witness[witness.len() - half..]].concat()
}

fn add(shown: &mut Vec<OperationId>, id: Option<OperationId>, most: usize) {
    let Some(id) = id else { return };
    if shown.len() < most && !shown.contains(&id) {
        shown.push(id);
    }
}

/// Returns the put of the item that this get returned. Among equal items, the k-th get belongs to the
/// k-th put, and gets beyond the last put belong to the last put.
pub(super) fn put_of(evidence: &Evidence<'_>, get: OperationId) -> Option<OperationId> {
    let (puts, place) = opposite(evidence, get, OperationKind::Get)?;
    let put = puts.get(place).or(puts.last())?;
    Some(put.id())
}

/// Returns the put of the item that this get should have returned, if the witness is such a pair.
pub(super) fn replaced(
    evidence: &Evidence<'_>,
    witness: &Witness,
    get: OperationId,
) -> Option<OperationId> {
    let &[put, got] = &witness.operations[..] else {
        return None;
    };
    let kind = |id| evidence.history.operation(id).kind;
    let is_ok = evidence.history.operation(got).outcome == Some(Outcome::Ok);
    let is_pair = kind(put) == OperationKind::Put && kind(got) == OperationKind::Get;
    (got == get && is_ok && is_pair).then_some(put)
}

/// Returns the get that returned this put's item.
fn get_of(evidence: &Evidence<'_>, put: OperationId) -> Option<OperationId> {
    let (gets, place) = opposite(evidence, put, OperationKind::Put)?;
    gets.get(place).map(Entry::id)
}

/// For a get that never returned, returns the first put of an item that was never received.
fn awaiting(evidence: &Evidence<'_>, get: OperationId) -> Option<OperationId> {
    let operation = evidence.history.operation(get);
    let lane = operation.end?.receives_from();
    if operation.kind != OperationKind::Get || !operation.is_pending() {
        return None;
    }
    let (_, fates) = evidence.lanes().find(|(t, _)| t.lane == lane)?;
    fates.missing.iter().map(Entry::id).min()
}

/// Returns the operations at the other side of the lane with the same content, and the index of this
/// operation among those with that content at its own side.
fn opposite<'a>(
    evidence: &'a Evidence<'_>,
    id: OperationId,
    kind: OperationKind,
) -> Option<(&'a [Entry], usize)> {
    let operation = evidence.history.operation(id);
    if operation.kind != kind {
        return None;
    }
    let content = operation.content?;
    let end = operation.end?;
    let (lane, is_put) = match kind {
        OperationKind::Put => (end.sends_on(), true),
        OperationKind::Get => (end.receives_from(), false),
        _ => return None,
    };
    let (traffic, _) = evidence.lanes().find(|(t, _)| t.lane == lane)?;
    let of_content = |entries: &'a [Entry]| {
        let first = entries.partition_point(|entry| entry.content < content);
        let count = entries[first..].partition_point(|entry| entry.content == content);
        &entries[first..first + count]
    };
    let Traffic { puts, gets, .. } = traffic;
    let (own, other) = if is_put {
        (&puts[..], &gets[..])
    } else {
        (&gets[..], &puts[..])
    };
    let place = of_content(own).iter().position(|entry| entry.id() == id)?;
    Some((of_content(other), place))
}

/// The operations of the same thread on the same channel just before and just after this one.
fn same_thread(evidence: &Evidence<'_>, id: OperationId) -> Vec<OperationId> {
    let own = &evidence.history.processes[id.process].operations;
    let like = |other: &Operation| {
        other.is_in_turn_with(&own[id.index]) && on_the_same_channel(evidence, id, other)
    };
    let before = own[..id.index].iter().rposition(like);
    let after = own[id.index + 1..].iter().position(like);
    let after = after.map(|place| id.index + 1 + place);
    let places = before.into_iter().chain(after);
    let process = id.process;
    places.map(|index| OperationId { process, index }).collect()
}

/// The last operation of each other process on the same channel.
fn other_processes(evidence: &Evidence<'_>, id: OperationId) -> Vec<OperationId> {
    let others = evidence.history.processes.iter().enumerate();
    others
        .filter(|(process, _)| *process != id.process)
        .filter_map(|(process, history)| {
            let like = |other: &Operation| on_the_same_channel(evidence, id, other);
            let index = history.operations.iter().rposition(like)?;
            Some(OperationId { process, index })
        })
        .collect()
}

fn on_the_same_channel(evidence: &Evidence<'_>, id: OperationId, other: &Operation) -> bool {
    match (evidence.history.operation(id).end, other.end) {
        (Some(this), Some(other)) => this.channel == other.channel,
        _ => false,
    }
}
