//! The judge of single operations agrees with the judge of whole histories.

use proptest::prelude::*;

use super::*;
use crate::linearizable::generate::{Hazard, Recipe, generate};
use crate::linearizable::spoil::{Spoiling, spoil};
use crate::linearizable::{Empty, History, Judgement, Verdict, judge};

fn fifo(empty: Option<Empty>) -> Claims {
    Claims {
        order: Order::Fifo,
        capacity: None,
        empty,
    }
}

fn watch(history: &History, claims: &Claims) -> OnlineJudgement {
    let mut operations = history.operations.clone();
    operations.sort_by_key(|operation| operation.start);
    let mut watch = OnlineJudge::of(claims).unwrap();
    for (number, operation) in (0..).zip(operations) {
        watch.see(number, operation).unwrap();
    }
    watch.finish()
}

fn patterns(judgement: &Judgement) -> Vec<Pattern> {
    let violations = judgement.violations.iter();
    let mut patterns: Vec<Pattern> = violations.map(|violation| violation.pattern).collect();
    patterns.sort();
    patterns.dedup();
    patterns
}

/// Any operation with small stamps, so that equal ones are frequent.
fn call(kind: Kind, item: u32, outcome: Outcome) -> impl Strategy<Value = Operation> {
    (0_u64..12, 0_u64..6, 0_u32..3).prop_map(move |(start, length, peer)| Operation {
        start,
        end: match outcome {
            Outcome::Pending => NEVER,
            _ => start + length,
        },
        item,
        peer,
        kind,
        outcome,
    })
}

fn item(item: u32) -> impl Strategy<Value = Vec<Operation>> {
    let put = prop_oneof![
        12 => Just(Outcome::Ok),
        1 => Just(Outcome::Full),
        1 => Just(Outcome::Pending),
        1 => Just(Outcome::Error { definite: true }),
        1 => Just(Outcome::Error { definite: false }),
    ];
    let put = put.prop_flat_map(move |outcome| call(Kind::Put, item, outcome));
    let puts = prop_oneof![
        1 => Just(Vec::new()),
        15 => put.prop_map(|put| vec![put]),
    ];
    let gets = prop_oneof![4 => 0_usize..2, 1 => Just(2)];
    let gets = gets
        .prop_flat_map(move |gets| prop::collection::vec(call(Kind::Get, item, Outcome::Ok), gets));
    (puts, gets).prop_map(|(puts, gets)| [puts, gets].concat())
}

fn history() -> impl Strategy<Value = History> {
    let items = (1_u32..6).prop_flat_map(|items| (0..items).map(item).collect::<Vec<_>>());
    let none = Operation::NO_ITEM;
    let empties = prop_oneof![
        call(Kind::Get, none, Outcome::Empty),
        call(Kind::Get, none, Outcome::Timeout),
    ];
    let empties = prop::collection::vec(empties, 0..3);
    let ends = prop_oneof![
        2 => Just(0_usize..1),
        1 => Just(1..3),
    ];
    let ends = ends.prop_flat_map(move |ends| {
        let closes = prop::collection::vec(call(Kind::Close, none, Outcome::Ok), 0..4);
        let late = |mut end: Operation| {
            (end.start, end.end) = (end.start + 6, end.end + 6);
            end
        };
        let ends = prop::collection::vec(call(Kind::Get, none, Outcome::End).prop_map(late), ends);
        (closes, ends).prop_map(|(closes, ends)| [closes, ends].concat())
    });
    (items, empties, ends).prop_map(|(items, empties, ends)| History {
        items: items.len() as u32,
        operations: [items.concat(), empties, ends].concat(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]
    #[test]
    fn the_verdict_is_that_on_the_whole_history(
        history in history(),
        order in prop_oneof![
            2 => Just(Order::Fifo),
            1 => Just(Order::PerProducer),
            1 => Just(Order::Unordered),
        ],
        empty in prop_oneof![Just(None), Just(Some(Empty::Strict)), Just(Some(Empty::Timeout))],
    ) {
        let claims = Claims { order, ..fifo(empty) };
        let watched = watch(&history, &claims).judgement;
        let whole = judge(&history, &claims);
        prop_assert_eq!(watched.verdict, whole.verdict);
        let (found, all) = (patterns(&watched), patterns(&whole));
        // If gets and puts don't match, the other judge stops there.
        if all.iter().all(|pattern| matches!(pattern, Pattern::Order | Pattern::Empty)) {
            prop_assert_eq!(found, all);
        }
    }
}

fn generated(faults: &[Hazard], seed: u64) -> History {
    generate(&Recipe {
        operations: 2_000,
        peers: 8,
        overlap: 1.0,
        capacity: None,
        faults: faults.to_vec(),
        seed,
    })
}

#[test]
fn large_histories_get_the_right_verdict() {
    for seed in 0..20 {
        let mut history = generated(&[Hazard::Tries, Hazard::Timeouts], seed);
        let watched = watch(&history, &fifo(Some(Empty::Strict)));
        assert_eq!(watched.judgement.verdict, Verdict::Pass, "{watched:?}");
        for wrong in [
            Spoiling::Order,
            Spoiling::Repeat,
            Spoiling::Fresh,
            Spoiling::Lost,
            Spoiling::Empty,
        ] {
            let mut history = history.clone();
            assert!(spoil(&mut history, wrong, seed));
            let watched = watch(&history, &fifo(Some(Empty::Strict)));
            assert_eq!(watched.judgement.verdict, Verdict::Fail, "{wrong:?}");
        }
        assert!(spoil(&mut history, Spoiling::Order, seed));
        let watched = watch(&history, &fifo(None));
        assert!(!watched.judgement.violations.is_empty());
        for order in &watched.judgement.violations {
            assert_eq!(
                order.operations.len(),
                4,
                "the overtaken item was got in the end"
            );
        }
    }
}

#[test]
fn items_that_left_are_forgotten() {
    let history = generated(&[], 0);
    let mut operations = history.operations.clone();
    operations.sort_by_key(|operation| operation.start);
    let mut watch = OnlineJudge::of(&fifo(None)).unwrap();
    for operation in operations {
        watch.see(0, operation).unwrap();
    }
    assert!(watch.items.room() < 200, "{}", watch.items.room());
}

#[test]
fn an_open_or_late_operation_is_rejected_and_changes_nothing() {
    let ok = Operation {
        start: 5,
        end: 6,
        item: 0,
        peer: 0,
        kind: Kind::Put,
        outcome: Outcome::Ok,
    };
    let mut watch = OnlineJudge::of(&fifo(None)).unwrap();
    watch.see(0, ok).unwrap();
    for (operation, error) in [
        (
            Operation {
                start: 4,
                item: 1,
                ..ok
            },
            OnlineError::OutOfOrder,
        ),
        (
            Operation {
                end: NEVER,
                outcome: Outcome::Pending,
                kind: Kind::Get,
                ..ok
            },
            OnlineError::Open,
        ),
        (
            Operation {
                outcome: Outcome::Error { definite: false },
                kind: Kind::Get,
                ..ok
            },
            OnlineError::Open,
        ),
        (
            Operation {
                item: Operation::NO_ITEM,
                ..ok
            },
            OnlineError::Malformed,
        ),
    ] {
        assert_eq!(watch.see(1, operation), Err(error));
    }
    assert_eq!(watch.finish().judgement.verdict, Verdict::Pass);
}
