//! The order in which a page shows operations.
//!
//! Operations of different processes overlap differently in every run, and a page in the order of
//! time would look different in every run. So the order follows from the operations wherever
//! possible: the invariant's order, each thread's own order, and a put before the get of its item.
//! Only operations for which these contradict each other are in the order of time.

use super::select::put_of;
use crate::history::OperationId;
use crate::judge::invariant::Evidence;

type Edge = (OperationId, OperationId);

/// Sorts operations into the order in which a page shows them.
pub(super) fn sort(
    evidence: &Evidence<'_>,
    witness: &[OperationId],
    mut shown: Vec<OperationId>,
) -> Vec<OperationId> {
    // By thread, because which of two threads began first differs from run to run.
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
        .filter_map(|get| Some((put_of(evidence, *get)?, *get)))
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

/// Returns the first order in which every edge points forwards; `None` if edges form a circle.
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
