//! Makes histories of a correct queue impossible, to test that a judge detects it.

use fastrand::Rng;

use super::history::{History, Kind, Operation, Outcome};

/// A way to make a history impossible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Spoiling {
    /// Two items are got in each other's place, although the put of one returned before the put of the
    /// other began.
    Order,
    /// An item is got a second time, instead of another.
    Repeat,
    /// An item is got that was never put.
    Fresh,
    /// The put of an item that is got returns a definite error.
    Resurrected,
    /// An item isn't got, although later ones are.
    Lost,
    /// A get reports "empty" while the queue holds an item.
    Empty,
    /// A get reports the end of the stream, and more items follow.
    EarlyEnd,
    /// A put reports "full" while the queue is empty.
    Full,
}

impl Spoiling {
    /// Every way.
    pub(crate) const ALL: [Spoiling; 8] = [
        Spoiling::Order,
        Spoiling::Repeat,
        Spoiling::Fresh,
        Spoiling::Resurrected,
        Spoiling::Lost,
        Spoiling::Empty,
        Spoiling::EarlyEnd,
        Spoiling::Full,
    ];

    /// Returns its name on the command line.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Spoiling::Order => "order",
            Spoiling::Repeat => "repeat",
            Spoiling::Fresh => "fresh",
            Spoiling::Resurrected => "resurrected",
            Spoiling::Lost => "lost",
            Spoiling::Empty => "empty",
            Spoiling::EarlyEnd => "early-end",
            Spoiling::Full => "full",
        }
    }
}

/// Makes one random change of this kind. Returns whether the history had a place for it.
pub(crate) fn spoil(history: &mut History, wrong: Spoiling, seed: u64) -> bool {
    let mut rng = Rng::with_seed(seed);
    let passages = passages(history, &mut rng);
    match wrong {
        Spoiling::Order => swap(history, &passages),
        Spoiling::Repeat => repeat(history, &passages),
        Spoiling::Fresh => fresh(history, &passages),
        Spoiling::Resurrected => resurrect(history, &passages),
        Spoiling::Lost => lose(history, &passages),
        Spoiling::Empty => deny(history, &passages),
        Spoiling::EarlyEnd => end(history, &passages),
        Spoiling::Full => refuse(history),
    }
}

/// The operations that put and got one item, by index.
#[derive(Clone, Copy)]
struct Passage {
    put: usize,
    get: usize,
}

/// Returns all items that were put and got, in the order in which their puts started, rotated by a
/// random number.
fn passages(history: &History, rng: &mut Rng) -> Vec<Passage> {
    let mut puts = vec![None; history.items as usize];
    for (index, operation) in history.operations.iter().enumerate() {
        if operation.kind == Kind::Put && operation.outcome == Outcome::Ok {
            puts[operation.item as usize] = Some(index);
        }
    }
    let gets = history.operations.iter().enumerate();
    let gets = gets.filter(|(_, operation)| is_got(operation));
    let mut passages: Vec<Passage> = gets
        .filter_map(|(get, operation)| {
            let put = puts[operation.item as usize]?;
            Some(Passage { put, get })
        })
        .collect();
    passages.sort_by_key(|passage| history.operations[passage.put].start);
    if !passages.is_empty() {
        let chosen = rng.usize(0..passages.len());
        passages.rotate_left(chosen);
    }
    passages
}

fn is_got(operation: &Operation) -> bool {
    operation.kind == Kind::Get && operation.outcome == Outcome::Ok
}

/// Whether a get may have taken an item without returning it.
fn is_open(operation: &Operation) -> bool {
    operation.kind == Kind::Get && operation.outcome.is_open()
}

/// The number of later items that are considered for a swap.
const NEAR: usize = 64;

fn swap(history: &mut History, passages: &[Passage]) -> bool {
    let operations = &mut history.operations;
    for (place, one) in passages.iter().enumerate() {
        let (put, get) = (operations[one.put], operations[one.get]);
        let other = passages.iter().skip(place + 1).take(NEAR).find(|other| {
            let (later_put, later_get) = (operations[other.put], operations[other.get]);
            put.end < later_put.start && get.end < later_get.start && later_put.start <= get.end
        });
        if let Some(other) = other {
            operations[one.get].item = operations[other.get].item;
            operations[other.get].item = get.item;
            return true;
        }
    }
    false
}

fn repeat(history: &mut History, passages: &[Passage]) -> bool {
    let [one, other, ..] = passages else {
        return false;
    };
    history.operations[other.get].item = history.operations[one.get].item;
    true
}

fn fresh(history: &mut History, passages: &[Passage]) -> bool {
    let Some(one) = passages.first() else {
        return false;
    };
    history.operations[one.get].item = history.items;
    history.items += 1;
    true
}

fn resurrect(history: &mut History, passages: &[Passage]) -> bool {
    let Some(one) = passages.first() else {
        return false;
    };
    history.operations[one.put].outcome = Outcome::Error { definite: true };
    true
}

fn lose(history: &mut History, passages: &[Passage]) -> bool {
    let operations = &mut history.operations;
    // A peer that was killed may have taken the item.
    if operations.iter().any(is_open) {
        return false;
    }
    let last = passages
        .iter()
        .map(|passage| operations[passage.put].start)
        .max();
    let lost = passages
        .iter()
        .find(|passage| Some(operations[passage.put].end) < last);
    let Some(lost) = lost else {
        return false;
    };
    operations.remove(lost.get);
    true
}

fn deny(history: &mut History, passages: &[Passage]) -> bool {
    let operations = &mut history.operations;
    let open = operations.iter().filter(|operation| is_open(operation));
    let first = open.map(|operation| operation.start).min();
    let denied = passages.iter().find(|passage| {
        let (put, get) = (operations[passage.put], operations[passage.get]);
        put.end < get.start && first.is_none_or(|first| get.end < first)
    });
    let Some(denied) = denied else {
        return false;
    };
    let get = &mut operations[denied.get];
    get.item = Operation::NO_ITEM;
    get.outcome = Outcome::Empty;
    true
}

fn end(history: &mut History, passages: &[Passage]) -> bool {
    let operations = &mut history.operations;
    let last = passages
        .iter()
        .map(|passage| operations[passage.put].start)
        .max();
    let ended = passages
        .iter()
        .find(|passage| Some(operations[passage.get].end) < last);
    let Some(ended) = ended else {
        return false;
    };
    let get = &mut operations[ended.get];
    get.item = Operation::NO_ITEM;
    get.outcome = Outcome::End;
    true
}

/// Adds a put before all other operations, when the queue must be empty.
fn refuse(history: &mut History) -> bool {
    let first = history.operations.iter().map(|operation| operation.start);
    if first.min().is_none_or(|first| first == 0) {
        return false;
    }
    history.operations.push(Operation {
        start: 0,
        end: 0,
        item: history.items,
        peer: 0,
        kind: Kind::Put,
        outcome: Outcome::Full,
    });
    history.items += 1;
    true
}

#[cfg(test)]
mod tests {
    use super::super::generate::{Hazard, Recipe, generate};
    use super::super::{Claims, Empty, Order, Verdict, judge};
    use super::*;

    /// Consequences of the change may be found as well.
    #[test]
    fn the_judge_finds_every_change() {
        for wrong in Spoiling::ALL {
            let mut changed = 0;
            for seed in 0..60 {
                let faults = Hazard::ALL.into_iter().enumerate();
                let faults = faults.filter(|(bit, _)| seed >> bit & 1 == 1);
                let capacity = Some(3);
                let mut history = generate(&Recipe {
                    operations: 400,
                    peers: 8,
                    overlap: 0.5,
                    capacity,
                    faults: faults.map(|(_, fault)| fault).collect(),
                    seed,
                });
                if !spoil(&mut history, wrong, seed) {
                    continue;
                }
                changed += 1;
                let claims = Claims {
                    order: Order::Fifo,
                    capacity,
                    empty: Some(Empty::Strict),
                };
                let judgement = judge(&history, &claims);
                assert_eq!(judgement.verdict, Verdict::Fail, "{wrong:?}, seed {seed}");
                let patterns: Vec<&str> = judgement
                    .violations
                    .iter()
                    .map(|violation| violation.pattern.word())
                    .collect();
                let word = match wrong {
                    Spoiling::Lost => "order",
                    other => other.word(),
                };
                assert!(
                    patterns.contains(&word),
                    "{wrong:?}, seed {seed}: {patterns:?}"
                );
            }
            assert!(changed >= 20, "{wrong:?} only in {changed} of 60 histories");
        }
    }

    #[test]
    fn an_empty_history_has_no_place_for_a_change() {
        for wrong in Spoiling::ALL {
            assert!(!spoil(&mut History::default(), wrong, 0), "{wrong:?}");
        }
    }
}
