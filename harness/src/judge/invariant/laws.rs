//! Laws: what a correct channel does is never accused; what is then changed always is, and by the
//! clause that it breaks.

use proptest::prelude::*;

use crate::backend::Outcome;
use crate::history::{History, Operation, OperationId, OperationKind};
use crate::plan::content::Content;
use crate::test_support::histories::Run;
use crate::test_support::model;

proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.max(500),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_correct_queue_is_never_accused(script in model::queues()) {
        let run = script.over_queue();
        prop_assert!(run.broken().is_empty(), "{:?}\n{}", run.broken(), run.summary());
    }

    #[test]
    fn a_correct_pipe_is_never_accused(script in model::pipes()) {
        let run = script.over_pipe();
        prop_assert!(run.broken().is_empty(), "{:?}\n{}", run.broken(), run.summary());
    }

    #[test]
    fn a_wrong_queue_is_accused_by_what_it_breaks(
        script in model::whole_queues(),
        change in change(),
    ) {
        let mut run = script.over_queue();
        prop_assume!(is_whole(&run));
        prop_assume!(change.apply(&mut run));
        let clause = match change.what {
            What::Swap => "queue.order.fifo-per-producer",
            What::Drop | What::Double | What::Corrupt => "queue.mpmc.exactly-once",
        };
        prop_assert!(run.broken().contains(&clause.to_owned()), "{:?}", run.broken());
    }

    #[test]
    fn a_wrong_pipe_is_accused_by_what_it_breaks(
        script in model::whole_pipes(),
        change in change(),
    ) {
        let mut run = script.over_pipe();
        prop_assume!(is_whole(&run));
        prop_assume!(change.apply(&mut run));
        let clause = match change.what {
            What::Swap => "pipe.order.single-writer",
            What::Drop | What::Double | What::Corrupt => "pipe.frame.boundaries-preserved",
        };
        prop_assert!(run.broken().contains(&clause.to_owned()), "{:?}", run.broken());
    }

    #[test]
    fn a_changed_item_is_named_by_its_kind(script in model::whole_queues(), at: prop::sample::Index) {
        let mut run = script.over_queue();
        prop_assume!(is_whole(&run));
        prop_assume!(Change { what: What::Corrupt, at }.apply(&mut run));
        prop_assert!(run.broken().contains(&"value.int".to_owned()));
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    Drop,
    Double,
    Swap,
    Corrupt,
}

/// What goes wrong with one of the gets.
#[derive(Clone, Copy, Debug)]
struct Change {
    what: What,
    at: prop::sample::Index,
}

fn change() -> impl Strategy<Value = Change> {
    let what = prop_oneof![
        Just(What::Drop),
        Just(What::Double),
        Just(What::Swap),
        Just(What::Corrupt),
    ];
    (what, any::<prop::sample::Index>()).prop_map(|(what, at)| Change { what, at })
}

/// Whether one producer put the first of these items behind the second.
fn is_behind(history: &History, put: OperationId, other: OperationId) -> bool {
    put.index > other.index && history.are_in_turn(put, other)
}

/// Whether everything that was put was got.
fn is_whole(run: &Run) -> bool {
    let operations = || run.history.operations().map(|(_, op)| op);
    let done = |kind| {
        operations()
            .filter(|op| op.kind == kind && op.outcome == Some(Outcome::Ok))
            .count()
    };
    let puts = done(OperationKind::Put);
    puts == done(OperationKind::Get) && operations().all(|op| !op.is_pending())
}

impl Change {
    /// Makes it; whether there was a get where it shows.
    fn apply(self, run: &mut Run) -> bool {
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
        let wrong: Vec<_> = match self.what {
            // Only an item that others of its producer follow is known to be lost, and not late.
            What::Drop => {
                let followed = |put: OperationId| {
                    gets.iter()
                        .any(|(_, other)| is_behind(&run.history, *other, put))
                };
                gets.iter()
                    .filter(|(_, put)| followed(*put))
                    .map(|(id, _)| (*id, *id))
                    .collect()
            }
            What::Double | What::Corrupt => gets.iter().map(|(id, _)| (*id, *id)).collect(),
            What::Swap => gets
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
        match self.what {
            What::Drop => {
                processes[a.process].operations.remove(a.index);
            }
            What::Double => {
                let again = processes[a.process].operations[a.index];
                processes[a.process].operations.insert(a.index, again);
            }
            What::Corrupt => {
                let other = Content::of(b"nobody put this");
                processes[a.process].operations[a.index].content = Some(other);
            }
            What::Swap => {
                let first = processes[a.process].operations[a.index].content;
                let second = processes[b.process].operations[b.index].content;
                processes[a.process].operations[a.index].content = second;
                processes[b.process].operations[b.index].content = first;
            }
        }
        true
    }
}
