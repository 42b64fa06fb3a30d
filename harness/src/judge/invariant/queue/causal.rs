//! An item that a process puts after it has learned of another process's put is received after that
//! process's item.
//!
//! A process learns of another's put only through the case: it waits for the other's step or exit. That
//! one put was merely earlier than another counts for nothing.

use std::collections::BTreeMap;

use crate::backend::{Capability, Kind, Outcome};
use crate::history::pairing::{Entry, Group, Traffic};
use crate::history::{Operation, OperationId};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::end_markers::end_markers;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::witness;
use crate::judge::untried;
use crate::plan::{Action, Event, ProcessIndex, StepId};

const CAUSAL: &str = "queue.order.causal";
const END_MARKER: &str = "queue.sentinel.after-producers";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "causal",
    about: "an item put after its producer has learned of another put is received after that item",
    clauses: &[CAUSAL, END_MARKER],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    if !evidence.capabilities.has(Capability::Causal) {
        for clause in INVARIANT.clauses {
            tally.untried(clause, untried::not_declared(Capability::Causal));
        }
        return tally.findings();
    }
    let knowledge = Knowledge::of(evidence);
    let queues = evidence
        .lanes()
        .filter(|(traffic, _)| traffic.kind == Kind::Queue);
    for (traffic, _) in queues {
        order(evidence, &mut tally, &knowledge, traffic);
    }
    tally.findings()
}

/// An item that was put once and received once.
struct UniqueItem {
    put: Entry,
    get: Entry,
}

fn order(evidence: &Evidence<'_>, tally: &mut Tally<'_>, knowledge: &Knowledge, traffic: &Traffic) {
    let markers = end_markers(evidence, traffic.lane.receiver());
    let single = Traffic::are_in_turn(&traffic.gets);
    let overtook = |later: &Entry, earlier: &Entry| {
        if single {
            later.id().index < earlier.id().index
        } else {
            later.returned < earlier.start
        }
    };
    // Earlier items must be unique. Of equal later items, the first put and the first get accuse
    // least.
    let once: Vec<UniqueItem> = traffic.groups().filter_map(unique).collect();
    for later in traffic.groups() {
        let (Some(put), Some(get)) = (first_put(&later), first_get(&later)) else {
            continue;
        };
        if !knowledge.learned.contains_key(&put.process()) {
            continue;
        }
        let clause = if markers.contains(&later.content) {
            END_MARKER
        } else {
            CAUSAL
        };
        let known = once
            .iter()
            .filter(|earlier| knowledge.knew(put.id(), earlier.put.id()));
        for earlier in known {
            if overtook(&get, &earlier.get) {
                tally.broken(clause, || {
                    let (a, b) = (
                        evidence.item_of(earlier.put.id()),
                        evidence.item_of(put.id()),
                    );
                    let producer = evidence.process(put.process());
                    witness(
                        [earlier.put.id(), put.id(), get.id(), earlier.get.id()],
                        format!("{a} before {b}, which {producer} put after it had learned of {a}"),
                        format!("{b} before {a}"),
                    )
                });
            } else {
                tally.upheld(clause, 1);
            }
        }
    }
}

fn unique(group: Group<'_>) -> Option<UniqueItem> {
    match (group.puts, group.gets) {
        ([put], [get]) => Some(UniqueItem {
            put: *put,
            get: *get,
        }),
        _ => None,
    }
}

/// Returns the put whose process had learned least.
fn first_put(group: &Group<'_>) -> Option<Entry> {
    group.puts.iter().min_by_key(|put| put.start).copied()
}

fn first_get(group: &Group<'_>) -> Option<Entry> {
    group.gets.iter().min_by_key(|get| get.returned).copied()
}

/// Which operations of other processes each process had learned of, and when.
struct Knowledge {
    /// For each process: an operation of its own, another process, and how many of that process's
    /// operations it had learned of when its own returned.
    learned: BTreeMap<ProcessIndex, Vec<(usize, ProcessIndex, usize)>>,
}

impl Knowledge {
    fn of(evidence: &Evidence<'_>) -> Knowledge {
        let mut learned: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let history = evidence.history;
        let all_of = |process: ProcessIndex| history.processes[process].operations.len();
        for (id, operation) in history.operations() {
            let known = learned_by(evidence, operation);
            let facts = known.into_iter().filter_map(|learned| match learned {
                Learned::Exited(process) => Some((id.index, process, all_of(process))),
                Learned::Done(step) => {
                    let (process, last) = last_of(evidence, step)?;
                    Some((id.index, process, last + 1))
                }
            });
            for one in facts {
                learned.entry(id.process).or_default().push(one);
            }
        }
        Knowledge { learned }
    }

    /// Whether the process of `later` had learned of `earlier` before it started `later`.
    fn knew(&self, later: OperationId, earlier: OperationId) -> bool {
        let learned = self.learned.get(&later.process);
        learned
            .into_iter()
            .flatten()
            .any(|(from, process, before)| {
                *from < later.index && *process == earlier.process && earlier.index < *before
            })
    }
}

/// What a process learns by waiting.
enum Learned {
    Done(StepId),
    Exited(ProcessIndex),
}

/// Returns what the process learns when this operation returns.
fn learned_by(evidence: &Evidence<'_>, operation: &Operation) -> Vec<Learned> {
    let step = evidence.step(operation.step);
    match (step.map(|step| &step.action), operation.outcome) {
        (Some(Action::Await { event }), Some(Outcome::Ok)) => match event {
            Event::Done(steps) => steps.iter().copied().map(Learned::Done).collect(),
            Event::Exited(processes) => processes.iter().copied().map(Learned::Exited).collect(),
            Event::Started(_) | Event::Blocked(_) => Vec::new(),
        },
        (Some(Action::Join { processes, .. }), Some(Outcome::Ok)) if processes.len() == 1 => {
            processes.iter().copied().map(Learned::Exited).collect()
        }
        _ => Vec::new(),
    }
}

/// Returns the last operation of this step.
fn last_of(evidence: &Evidence<'_>, step: StepId) -> Option<(ProcessIndex, usize)> {
    let of_step = evidence.history.operations();
    let of_step = of_step.filter(|(_, operation)| operation.step == step);
    of_step.map(|(id, _)| (id.process, id.index)).last()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Item;
    use crate::test_support::histories::{Expect, HistoryBuilder, queue};
    use rstest::rstest;

    fn declared() -> HistoryBuilder {
        queue().declares(Capability::Causal)
    }

    /// A process puts 1; another waits for that and then puts 2.
    fn learned(run: HistoryBuilder) -> HistoryBuilder {
        let run = run.process("p").put(1).ok(0, 1).process("o");
        run.await_done("p").ok(1, 2).put(2).ok(3, 4).process("c")
    }

    /// The same, without waiting.
    fn later() -> HistoryBuilder {
        let run = declared().process("p").put(1).ok(0, 1);
        run.process("o").put(2).ok(3, 4).process("c")
    }

    #[rstest]
    #[case::in_order(learned(declared()).get(1).ok(5, 6).get(2).ok(7, 8), Expect::Upheld(1))]
    #[case::overtaken(learned(declared()).get(2).ok(5, 6).get(1).ok(7, 8), Expect::Broken(1))]
    #[case::not_declared(learned(queue()).get(2).ok(5, 6).get(1).ok(7, 8), Expect::Untried)]
    #[case::merely_later(later().get(2).ok(5, 6).get(1).ok(7, 8), Expect::Untried)]
    #[case::received_at_once_by_two(
        learned(declared()).get(2).ok(5, 6).process("d").get(1).ok(5, 7), Expect::Upheld(1)
    )]
    #[case::overtaken_at_another_consumer(
        learned(declared()).get(2).ok(5, 6).process("d").get(1).ok(7, 8), Expect::Broken(1)
    )]
    fn judges_order(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        run.check(&INVARIANT, CAUSAL, expect);
    }

    #[rstest]
    #[case::after_the_items(true, Expect::Upheld(1))]
    #[case::before_an_item(false, Expect::Broken(1))]
    fn judges_the_end_marker(#[case] in_order: bool, #[case] expect: Expect) {
        let run = declared().process("p").put(1).ok(0, 1).process("closer");
        let run = run.await_exited("p").ok(1, 2).put(Item::None).ok(3, 4);
        let run = run.process("c");
        let run = if in_order {
            run.get(1).ok(5, 6).get_until(Item::None).ok(7, 8)
        } else {
            run.get_until(Item::None).ok(5, 6).get(1).ok(7, 8)
        };
        run.check(&INVARIANT, END_MARKER, expect);
    }
}
