//! Which operations to show: the witness, and what stands next to it.

use crate::backend::Outcome;
use crate::history::pairing::{Entry, Traffic};
use crate::history::{Operation, OperationId, OperationKind};
use crate::judge::Witness;
use crate::judge::invariant::Evidence;

/// The most operations that a page shows.
const MOST: usize = 8;
/// As many as are wanted, if the history has any more to tell.
const WANTED: usize = 5;

/// The witness, then the other sides of its operations, then their neighbours.
pub(super) fn operations(evidence: &Evidence<'_>, witness: &Witness) -> Vec<OperationId> {
    let mut shown = ends(&witness.operations);
    for id in shown.clone() {
        let other = put_behind(evidence, id)
            .or_else(|| get_of(evidence, id))
            .or_else(|| awaiting(evidence, id));
        add(&mut shown, other, MOST);
    }
    for near in [beside, elsewhere] {
        // A break shows in what came, so what came beside it tells more than what was put beside it.
        let mut by_kind = shown.clone();
        by_kind.sort_by_key(|id| evidence.history.operation(*id).kind != OperationKind::Get);
        for id in by_kind {
            for other in near(evidence, id) {
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

/// The first and the last of a witness that is too long to show.
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

/// The put whose item this get returned. Of equal items the k-th put is the k-th get's; where there
/// are more gets than puts, the last put is all the rest's.
pub(super) fn put_behind(evidence: &Evidence<'_>, get: OperationId) -> Option<OperationId> {
    let (puts, place) = opposite(evidence, get, OperationKind::Get)?;
    let put = puts.get(place).or(puts.last())?;
    Some(put.id())
}

/// The put in whose item's place this get returned something else, if the witness says so.
pub(super) fn replaced(
    evidence: &Evidence<'_>,
    witness: &Witness,
    get: OperationId,
) -> Option<OperationId> {
    let &[put, got] = &witness.operations[..] else {
        return None;
    };
    let kind = |id| evidence.history.operation(id).kind;
    let came = evidence.history.operation(got).outcome == Some(Outcome::Ok);
    let carried = kind(put) == OperationKind::Put && kind(got) == OperationKind::Get;
    (got == get && came && carried).then_some(put)
}

/// The get that returned this put's item.
fn get_of(evidence: &Evidence<'_>, put: OperationId) -> Option<OperationId> {
    let (gets, place) = opposite(evidence, put, OperationKind::Put)?;
    gets.get(place).map(Entry::id)
}

/// The first put whose item nobody got, while this get never returned.
fn awaiting(evidence: &Evidence<'_>, get: OperationId) -> Option<OperationId> {
    let operation = evidence.history.operation(get);
    let lane = operation.end?.receives_from();
    if operation.kind != OperationKind::Get || !operation.is_pending() {
        return None;
    }
    let (_, fates) = evidence.lanes().find(|(t, _)| t.lane == lane)?;
    fates.missing.iter().map(Entry::id).min()
}

/// Everything at the other side of the lane with the same content, and this one's place among its
/// like.
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

/// What the same process, or thread of it, did to the same channel just before and just after.
fn beside(evidence: &Evidence<'_>, id: OperationId) -> Vec<OperationId> {
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

/// The last that each other process did to the same channel.
fn elsewhere(evidence: &Evidence<'_>, id: OperationId) -> Vec<OperationId> {
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
