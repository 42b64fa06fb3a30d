//! Large histories: those of a true queue are never accused, and both judges agree on others.

use fastrand::Rng;
use ipc_conformance::internals::{Hazard, Recipe, generate};
use ipc_conformance::linearizable::{
    Claims, Empty, History, Kind, Numbers, Order, Outcome, Verdict, judge,
};
use rstest::rstest;

use super::as_it_comes;

fn recipe(rng: &mut Rng, operations: u32) -> Recipe {
    let faults = Hazard::ALL.into_iter();
    Recipe {
        operations,
        peers: rng.u32(1..=9),
        overlap: rng.f64(),
        capacity: [None, Some(1), Some(2), Some(7)][rng.usize(..4)],
        faults: faults.filter(|_| rng.u32(..3) == 0).collect(),
        seed: rng.u64(..),
    }
}

fn claims(order: Order, capacity: Option<u64>, faults: &[Hazard]) -> Claims {
    // Whoever runs out of time here would have had to wait.
    let timeouts = faults.contains(&Hazard::Timeouts);
    Claims {
        order,
        capacity,
        empty: Some(if timeouts {
            Empty::Timeout
        } else {
            Empty::Strict
        }),
    }
}

#[rstest]
#[case(Order::Fifo)]
#[case(Order::PerProducer)]
#[case(Order::Unordered)]
fn a_true_queue_is_never_accused(#[case] order: Order) {
    let mut rng = Rng::with_seed(3);
    for _ in 0..200 {
        let recipe = recipe(&mut rng, 500);
        let history = generate(&recipe);
        for capacity in [None, recipe.capacity] {
            let judgement = judge(&history, &claims(order, capacity, &recipe.faults));
            let told = judgement.violations.iter();
            let told: Vec<String> = told.map(|one| one.sentence(&history, &Numbers)).collect();
            assert_eq!(judgement.verdict, Verdict::Pass, "{recipe:?}\n{told:#?}");
        }
    }
}

#[test]
fn what_is_judged_as_it_comes_is_judged_the_same_as_a_whole() {
    let mut rng = Rng::with_seed(4);
    let mut seen = [0, 0];
    for _ in 0..400 {
        let recipe = recipe(&mut rng, 300);
        let mut history = generate(&recipe);
        swap_neighbours(&mut rng, &mut history);
        let claims = claims(Order::Fifo, None, &recipe.faults);
        let whole = judge(&history, &claims).verdict;
        if let Some(verdict) = as_it_comes(&history, &claims) {
            assert_eq!(verdict, whole, "{recipe:?}");
            seen[usize::from(whole == Verdict::Fail)] += 1;
        }
    }
    assert!(seen.iter().all(|count| *count > 50), "{seen:?}");
}

/// Lets two gets, of which the second started a little later, return each other's items.
fn swap_neighbours(rng: &mut Rng, history: &mut History) {
    let gets = (0..history.operations.len()).filter(|n| {
        let operation = &history.operations[*n];
        operation.kind == Kind::Get && operation.outcome == Outcome::Ok
    });
    let gets: Vec<usize> = gets.collect();
    if gets.len() < 9 {
        return;
    }
    let first = rng.usize(..gets.len() - 8);
    let (one, other) = (gets[first], gets[first + rng.usize(1..8)]);
    let item = history.operations[one].item;
    history.operations[one].item = history.operations[other].item;
    history.operations[other].item = item;
}
