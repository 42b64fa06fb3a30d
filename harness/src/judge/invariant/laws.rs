//! Properties of all invariants: a correct channel breaks no clause, and a changed history breaks the
//! clause about that change.

use proptest::prelude::*;

use crate::backend::Outcome;
use crate::history::{History, Operation, OperationId, OperationKind};
use crate::plan::Content;
use crate::test_support::histories::HistoryBuilder;
use crate::test_support::model;

proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.max(500),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_correct_queue_breaks_no_clause(script in model::queues()) {
        let run = script.over_queue();
        prop_assert!(run.broken().is_empty(), "{:?}\n{}", run.broken(), run.summary());
    }

    #[test]
    fn a_correct_pipe_breaks_no_clause(script in model::pipes()) {
        let run = script.over_pipe();
        prop_assert!(run.broken().is_empty(), "{:?}\n{}", run.broken(), run.summary());
    }

    #[test]
    fn a_change_of_a_queue_breaks_its_clause(
        script in model::whole_queues(),
        change in change(),
    ) {
        let mut run = script.over_queue();
        prop_assume!(is_whole(&run));
        prop_assume!(change.apply(&mut run));
        let clause = match change.defect {
            Defect::Swap => "queue.order.fifo-per-producer",
            Defect::Drop | Defect::Double | Defect::Corrupt => "queue.mpmc.exactly-once",
        };
        prop_assert!(run.broken().contains(&clause.to_owned()), "{:?}", run.broken());
    }

    #[test]
    fn a_change_of_a_pipe_breaks_its_clause(
        script in model::whole_pipes(),
        change in change(),
    ) {
        let mut run = script.over_pipe();
        prop_assume!(is_whole(&run));
        prop_assume!(change.apply(&mut run));
        let clause = match change.defect {
            Defect::Swap => "pipe.order.single-writer",
            Defect::Drop | Defect::Double | Defect::Corrupt => "pipe.frame.boundaries-preserved",
        };
        prop_assert!(run.broken().contains(&clause.to_owned()), "{:?}", run.broken());
    }

    #[test]
    fn a_corrupt_item_breaks_the_clause_about_its_kind_of_value(script in model::whole_queues(), at: prop::sample::Index) {
        let mut run = script.over_queue();
        prop_assume!(is_whole(&run));
        prop_assume!(GetChange { defect: Defect::Corrupt, at }.apply(&mut run));
        prop_assert!(run.broken().contains(&"value.int".to_owned()));
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Defect {
    Drop,
    Double,
    Swap,
    Corrupt,
}

/// A defect of one get.
#[derive(Clone, Copy, Debug)]
struct GetChange {
    defect: Defect,
    at: prop::sample::Index,
}

fn change() -> impl Strategy<Value = GetChange> {
    let defect = prop_oneof![
        Just(Defect::Drop),
        Just(Defect::Double),
        Just(Defect::Swap),
        Just(Defect::Corrupt),
    ];
    (defect, any::<prop::sample::Index>()).prop_map(|(defect, at)| GetChange { defect, at })
}

/// Whether one producer put the first of these items after the second.
fn is_after(history: &History, put: OperationId, other: OperationId) -> bool {
    put.index > other.index && history.are_in_turn(put, other)
}

/// Whether every item was received.
fn is_whole(run: &HistoryBuilder) -> bool {
    let operations = || run.history.operations().map(|(_, op)| op);
    let done = |kind| {
        operations()
            .filter(|op| op.kind == kind && op.outcome == Some(Outcome::Ok))
            .count()
    };
    let puts = done(OperationKind::Put);
    puts == done(OperationKind::Get) && operations().all(|op| !op.is_pending())
}

impl GetChange {
    /// Applies it. Returns false if there is no get at which it shows.
    fn apply(self, run: &mut HistoryBuilder) -> bool {
        let producer_of = |content: Option<Content>| {
            let puts = run.history.operations();
            let mut puts = puts.filter(|(_, op)| op.kind == OperationKind::Put);
            puts.find(|(_, op)| op.content == content).map(|(id, _)| id)
        };
        let is_got = |op: &Operation| op.kind == OperationKind::Get && op.content.is_some();
        let gets: Vec<_> = run
            .history
            .operations()
            .filter(|(_, op)| is_got(op))
            .map(|(id, op)| (id, producer_of(op.content).expect("it was put")))
            .collect();
        let wrong: Vec<_> = match self.defect {
            // Only an item that a later one of its producer overtook is known to be lost and not late.
            Defect::Drop => {
                let followed = |put: OperationId| {
                    gets.iter()
                        .any(|(_, other)| is_after(&run.history, *other, put))
                };
                gets.iter()
                    .filter(|(_, put)| followed(*put))
                    .map(|(id, _)| (*id, *id))
                    .collect()
            }
            Defect::Double | Defect::Corrupt => gets.iter().map(|(id, _)| (*id, *id)).collect(),
            Defect::Swap => gets
                .iter()
                .flat_map(|first| gets.iter().map(move |second| (first, second)))
                .filter(|((a, put_a), (b, put_b))| {
                    let (first, second) = (run.history.operation(*a), run.history.operation(*b));
                    run.history.are_in_turn(*put_a, *put_b) && first.precedes(second)
                })
                .map(|((a, _), (b, _))| (*a, *b))
                .collect(),
        };
        if wrong.is_empty() {
            return false;
        }
        let (a, b) = wrong[self.at.index(wrong.len())];
        let processes = &mut run.history.processes;
        match self.defect {
            Defect::Drop => {
                processes[a.process].operations.remove(a.index);
            }
            Defect::Double => {
                let again = processes[a.process].operations[a.index];
                processes[a.process].operations.insert(a.index, again);
            }
            Defect::Corrupt => {
                let other = Content::of(b"no process put this");
                processes[a.process].operations[a.index].content = Some(other);
            }
            Defect::Swap => {
                let first = processes[a.process].operations[a.index].content;
                let second = processes[b.process].operations[b.index].content;
                processes[a.process].operations[a.index].content = second;
                processes[b.process].operations[b.index].content = first;
            }
        }
        true
    }
}
