//! Large histories: those of a correct queue pass, and both judges agree on all others.

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
    // A get of this recipe times out only while the queue is empty.
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
fn histories_of_a_correct_queue_always_pass(#[case] order: Order) {
    let mut rng = Rng::with_seed(3);
    for _ in 0..200 {
        let recipe = recipe(&mut rng, 500);
        let history = generate(&recipe);
        for capacity in [None, recipe.capacity] {
            let judgement = judge(&history, &claims(order, capacity, &recipe.faults));
            let sentences = judgement.violations.iter();
            let sentences: Vec<String> = sentences
                .map(|one| one.sentence(&history, &Numbers))
                .collect();
            assert_eq!(
                judgement.verdict,
                Verdict::Pass,
                "{recipe:?}\n{sentences:#?}"
            );
        }
    }
}

#[test]
fn the_online_judge_agrees_with_the_judge_of_whole_histories() {
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

/// Swaps the items of two gets of which the second started shortly after the first.
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
