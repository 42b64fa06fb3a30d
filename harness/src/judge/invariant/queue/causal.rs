//! What is put in the knowledge that something else was put comes out behind it.
//!
//! Only knowledge that the case itself passes on counts: a process that has waited for another's
//! step, or for its exit. That one put was merely earlier than another promises nothing here.

use std::collections::BTreeMap;

use super::delivery::stops;
use crate::backend::{Capability, Kind, Outcome};
use crate::history::pairing::{Entry, Group, Traffic};
use crate::history::{Operation, OperationId};
use crate::judge::Finding;
use crate::judge::invariant::support::tally::{Tally, seen};
use crate::judge::invariant::{Evidence, Invariant};
use crate::plan::{Action, Event, ProcessIndex, StepId};

const CAUSAL: &str = "queue.order.causal";
const SENTINEL: &str = "queue.sentinel.after-producers";

pub(in crate::judge::invariant) const INVARIANT: Invariant = Invariant {
    name: "causal",
    about: "what a process puts after it has learned of another's put comes out behind that one",
    clauses: &[CAUSAL, SENTINEL],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    if !evidence.capabilities.has(Capability::Causal) {
        for clause in INVARIANT.clauses {
            tally.untried(clause, "the backend doesn't promise it");
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

/// An item that was put once and got once.
struct Moved {
    put: Entry,
    get: Entry,
}

fn order(evidence: &Evidence<'_>, tally: &mut Tally<'_>, knowledge: &Knowledge, traffic: &Traffic) {
    let sentinels = stops(evidence, traffic.lane.receiver());
    let single = Traffic::are_in_turn(&traffic.gets);
    let overtook = |behind: &Entry, before: &Entry| {
        if single {
            behind.id().index < before.id().index
        } else {
            behind.returned < before.start
        }
    };
    // The earliest get of equal items for what stands behind, the latest for what stands before:
    // of each item only what surely happened to it.
    let once: Vec<Moved> = traffic.groups().filter_map(moved).collect();
    for later in traffic.groups() {
        let (Some(put), Some(get)) = (first_put(&later), first_get(&later)) else {
            continue;
        };
        if !knowledge.learned.contains_key(&put.process()) {
            continue;
        }
        let clause = if sentinels.contains(&later.content) {
            SENTINEL
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
                    let who = evidence.process(put.process());
                    seen(
                        [earlier.put.id(), put.id(), get.id(), earlier.get.id()],
                        format!("{a} before {b}, which {who} put knowing of it"),
                        format!("{b} before {a}"),
                    )
                });
            } else {
                tally.upheld(clause, 1);
            }
        }
    }
}

fn moved(group: Group<'_>) -> Option<Moved> {
    match (group.puts, group.gets) {
        ([put], [get]) => Some(Moved {
            put: *put,
            get: *get,
        }),
        _ => None,
    }
}

/// The put that knew least.
fn first_put(group: &Group<'_>) -> Option<Entry> {
    group.puts.iter().min_by_key(|put| put.start).copied()
}

fn first_get(group: &Group<'_>) -> Option<Entry> {
    group.gets.iter().min_by_key(|get| get.returned).copied()
}

/// Who knew when of which of the others' operations.
struct Knowledge {
    /// By process: from which of its operations on it knew of another process's operations, up to
    /// which.
    learned: BTreeMap<ProcessIndex, Vec<(usize, ProcessIndex, usize)>>,
}

impl Knowledge {
    fn of(evidence: &Evidence<'_>) -> Knowledge {
        let mut learned: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let history = evidence.history;
        let all_of = |process: ProcessIndex| history.processes[process].operations.len();
        for (id, operation) in history.operations() {
            let known = known_by(evidence, operation);
            let facts = known.into_iter().filter_map(|fact| match fact {
                Fact::Exited(process) => Some((id.index, process, all_of(process))),
                Fact::Done(step) => {
                    let (process, last) = last_of(evidence, step)?;
                    Some((id.index, process, last + 1))
                }
            });
            for fact in facts {
                learned.entry(id.process).or_default().push(fact);
            }
        }
        Knowledge { learned }
    }

    /// Whether who did `later` knew then of `earlier`.
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

enum Fact {
    Done(StepId),
    Exited(ProcessIndex),
}

/// What a process knows once this operation has returned.
fn known_by(evidence: &Evidence<'_>, operation: &Operation) -> Vec<Fact> {
    let step = evidence.step(operation.step);
    match (step.map(|step| &step.action), operation.outcome) {
        (Some(Action::Await { event }), Some(Outcome::Ok)) => match event {
            Event::Done(steps) => steps.iter().copied().map(Fact::Done).collect(),
            Event::Exited(processes) => processes.iter().copied().map(Fact::Exited).collect(),
            Event::Started(_) | Event::Blocked(_) => Vec::new(),
        },
        (Some(Action::Join { processes }), Some(Outcome::Ok)) if processes.len() == 1 => {
            processes.iter().copied().map(Fact::Exited).collect()
        }
        _ => Vec::new(),
    }
}

/// The last operation of this step.
fn last_of(evidence: &Evidence<'_>, step: StepId) -> Option<(ProcessIndex, usize)> {
    let of_step = evidence.history.operations();
    let of_step = of_step.filter(|(_, operation)| operation.step == step);
    of_step.map(|(id, _)| (id.process, id.index)).last()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Item;
    use crate::test_support::histories::{Expect, Run, queue};
    use rstest::rstest;

    fn declared() -> Run {
        queue().declares(Capability::Causal)
    }

    /// One puts 1; another waits for that and then puts 2.
    fn known(run: Run) -> Run {
        let run = run.process("p").put(1).ok(0, 1).process("o");
        run.await_done("p").ok(1, 2).put(2).ok(3, 4).process("c")
    }

    /// The same, without waiting.
    fn later() -> Run {
        let run = declared().process("p").put(1).ok(0, 1);
        run.process("o").put(2).ok(3, 4).process("c")
    }

    #[rstest]
    #[case::in_order(known(declared()).get(1).ok(5, 6).get(2).ok(7, 8), Expect::Upheld(1))]
    #[case::overtaken(known(declared()).get(2).ok(5, 6).get(1).ok(7, 8), Expect::Broken(1))]
    #[case::not_promised(known(queue()).get(2).ok(5, 6).get(1).ok(7, 8), Expect::Untried)]
    #[case::merely_later(later().get(2).ok(5, 6).get(1).ok(7, 8), Expect::Untried)]
    #[case::got_at_once_by_two(
        known(declared()).get(2).ok(5, 6).process("d").get(1).ok(5, 7), Expect::Upheld(1)
    )]
    #[case::overtaken_at_another_consumer(
        known(declared()).get(2).ok(5, 6).process("d").get(1).ok(7, 8), Expect::Broken(1)
    )]
    fn judges_order(#[case] run: Run, #[case] expect: Expect) {
        run.check(&INVARIANT, CAUSAL, expect);
    }

    #[rstest]
    #[case::behind_the_items(true, Expect::Upheld(1))]
    #[case::before_one(false, Expect::Broken(1))]
    fn judges_the_end_marker(#[case] in_order: bool, #[case] expect: Expect) {
        let run = declared().process("p").put(1).ok(0, 1).process("closer");
        let run = run.await_exited("p").ok(1, 2).put(Item::None).ok(3, 4);
        let run = run.process("c");
        let run = if in_order {
            run.get(1).ok(5, 6).get_until(Item::None).ok(7, 8)
        } else {
            run.get_until(Item::None).ok(5, 6).get(1).ok(7, 8)
        };
        run.check(&INVARIANT, SENTINEL, expect);
    }
}
