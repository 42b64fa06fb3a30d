//! In which order to show operations: one that follows from what they are, wherever it can.
//!
//! Operations of different processes overlap differently in every run. A page that showed them by
//! the clock would look different each time, so they are shown in the judge's order, each thread's
//! in its own, and a put before the get of its item; only what contradicts itself is left to the
//! clock.

use super::select::put_behind;
use crate::history::OperationId;
use crate::judge::invariant::Evidence;

type Edge = (OperationId, OperationId);

/// The same operations, in the order to show them.
pub(super) fn sort(
    evidence: &Evidence<'_>,
    witness: &[OperationId],
    mut shown: Vec<OperationId>,
) -> Vec<OperationId> {
    // By thread, for which of two threads began first differs from run to run.
    shown.sort_by_key(|id| (id.process, evidence.history.operation(*id).thread, id.index));
    let own: Vec<Edge> = (shown.iter().enumerate())
        .flat_map(|(place, first)| shown[place + 1..].iter().map(|second| (*first, *second)))
        .filter(|(first, second)| evidence.history.are_in_turn(*first, *second))
        .collect();
    let listed = witness.iter().filter(|id| shown.contains(id));
    let listed: Vec<OperationId> = listed.copied().collect();
    let judged: Vec<Edge> = listed.windows(2).map(|pair| (pair[0], pair[1])).collect();
    let carried: Vec<Edge> = shown
        .iter()
        .filter_map(|get| Some((put_behind(evidence, *get)?, *get)))
        .filter(|(put, _)| shown.contains(put))
        .collect();
    let attempts = [
        [&own[..], &judged, &carried].concat(),
        [&own[..], &carried].concat(),
    ];
    attempts
        .iter()
        .find_map(|edges| linear(&shown, edges))
        .unwrap_or_else(|| by_clock(evidence, shown))
}

/// The first order that has every edge point forwards; `None` where they form a circle.
fn linear(shown: &[OperationId], edges: &[Edge]) -> Option<Vec<OperationId>> {
    let mut rest = shown.to_vec();
    let mut sorted = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let free = |id: &OperationId| {
            !edges
                .iter()
                .any(|(before, after)| after == id && rest.contains(before))
        };
        let next = rest.iter().position(free)?;
        sorted.push(rest.remove(next));
    }
    Some(sorted)
}

fn by_clock(evidence: &Evidence<'_>, mut shown: Vec<OperationId>) -> Vec<OperationId> {
    shown.sort_by_key(|id| evidence.history.operation(*id).start);
    shown
}
