//! The report of a hang: which operations waited, for which processes, and why they never returned.
//!
//! Each operation that hadn't returned needs something: an item, room, or that another process takes
//! a step or exits. The history shows whether that was there already, which is a lost wake-up, and
//! otherwise which processes could have brought it. If those wait in a circle it is a deadlock; if
//! they are gone, a dead peer.

use super::names::Names;
use crate::history::{Ending, KernelView, OperationId};
use crate::judge::invariant::Evidence;
use crate::judge::standstill::{Need, Standstill};
use crate::judge::{Hang, HangCause, PendingOperation, WaitFor, wording};

mod cause;

/// Returns the report, or `None` for a run that completed. `origin` is when its first operation
/// started.
pub(super) fn report(
    evidence: &Evidence<'_>,
    names: &mut Names<'_>,
    origin: u64,
) -> Option<WaitFor> {
    let ending = evidence.history.ending;
    if ending == Ending::Completed {
        return None;
    }
    let standstill = Standstill::of(evidence);
    let causes = match ending {
        Ending::DeadlinePassed => vec![HangCause {
            hang: Hang::Unexplained,
            what: "the deadline passed while the run still made progress".to_owned(),
            operations: Vec::new(),
        }],
        Ending::TooSlow => vec![HangCause {
            hang: Hang::Unexplained,
            what: "the machine was too slow for the run to end in time".to_owned(),
            operations: Vec::new(),
        }],
        Ending::Stalled | Ending::Completed => cause::causes(&standstill, names),
    };
    let waiters = 0..standstill.waiters.len();
    let waits = waiters.map(|waiter| waiting(&standstill, names, origin, waiter));
    Some(WaitFor {
        causes,
        waits: waits.collect(),
    })
}

fn waiting(
    standstill: &Standstill<'_>,
    names: &mut Names<'_>,
    origin: u64,
    waiter: usize,
) -> PendingOperation {
    let id = standstill.waiters[waiter];
    let evidence = standstill.evidence;
    let operation = evidence.operation(id);
    let kernel = kernel(standstill, id);
    let ended = evidence.history.ended.unwrap_or(operation.start);
    PendingOperation {
        process: names.thread(id),
        operation: id,
        text: names.operation(id),
        place: number(evidence, id),
        since: operation.start - origin,
        lasted: ended.saturating_sub(operation.start),
        awaited: match &standstill.needs[waiter] {
            Need::Any(processes, _) | Need::All(processes, _) => processes.clone(),
            Need::Nothing(_) | Need::Alone => Vec::new(),
        },
        whom: standstill.awaited(waiter, |id| names.thread(id)),
        seen: kernel.iter().map(|view| in_words(evidence, view)).collect(),
        kernel,
    }
}

/// The operation's number, from 1, among those of its thread.
fn number(evidence: &Evidence<'_>, id: OperationId) -> usize {
    let operations = &evidence.history.processes[id.process].operations;
    let thread = operations[id.index].thread;
    let own = operations[..=id.index].iter();
    own.filter(|operation| operation.thread == thread).count()
}

/// What the operating system reported about the operation's thread. The first waiting operation of a
/// process also has the library's own threads.
fn kernel(standstill: &Standstill<'_>, id: OperationId) -> Vec<KernelView> {
    let thread = standstill.evidence.operation(id).thread;
    let mut waiters = standstill.waiters.iter();
    let is_first = waiters.find(|waiter| waiter.process == id.process) == Some(&id);
    let views = standstill.evidence.history.kernel.iter();
    let of_it = views.filter(|view| {
        let is_own = view.thread == Some(thread);
        view.process == id.process && (is_own || is_first && view.thread.is_none())
    });
    of_it.cloned().collect()
}

/// What the operating system reported, with the processes that have the other ends.
fn in_words(evidence: &Evidence<'_>, view: &KernelView) -> String {
    let mut words = match view.thread {
        Some(_) => view.to_string(),
        None => format!("its thread {}: {view}", view.name),
    };
    for descriptor in &view.on {
        let Some(facing) = &descriptor.facing else {
            continue;
        };
        words += &match &facing[..] {
            [] => "; no process of the case has its other end".to_owned(),
            facing => {
                let processes = wording::groups(evidence, facing);
                let have = if facing.len() == 1 { "has" } else { "have" };
                format!("; {processes} {have} its other end")
            }
        };
    }
    words
}

#[cfg(test)]
mod tests;
