//! A queue at rest says how many items it holds, and whether it is empty or full.

use crate::backend::{Capability, Kind, Outcome};
use crate::history::pairing::{Entry, Traffic};
use crate::history::{Operation, OperationKind};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::witness;

const SIZE: &str = "queue.obs.qsize";
const EMPTY_FULL: &str = "queue.obs.empty-full";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "hints",
    about: "a queue that no process uses says how many items it holds, and whether it is empty or full",
    clauses: &[SIZE, EMPTY_FULL],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    for (id, operation) in evidence.history.operations() {
        use OperationKind::{IsEmpty, IsFull, Size};
        let (Size | IsEmpty | IsFull, Some(end)) = (operation.kind, operation.end) else {
            continue;
        };
        let traffic = evidence.lanes().find(|(traffic, _)| {
            traffic.kind == Kind::Queue && traffic.lane == end.receives_from()
        });
        let Some(held) = held(traffic.map(|(traffic, _)| traffic), operation) else {
            continue;
        };
        let capacity = evidence.permutation.plan.channels[end.channel].capacity;
        let Some((clause, right, expected)) = answer(evidence, operation, held, capacity) else {
            continue;
        };
        if right {
            tally.upheld(clause, 1);
        } else {
            tally.broken(clause, || {
                let size = operation.size().map(|size| size.to_string());
                witness([id], expected, size.unwrap_or("the opposite".to_owned()))
            });
        }
    }
    tally.findings()
}

/// Returns the clause about this answer of a queue that holds so many items, whether the answer is right, and
/// the right one; `None` if it needn't be right.
fn answer(
    evidence: &Evidence<'_>,
    operation: &Operation,
    held: u64,
    capacity: Option<u64>,
) -> Option<(&'static str, bool, String)> {
    let is_full = capacity.is_some_and(|capacity| held >= capacity);
    match (operation.kind, operation.outcome?) {
        (OperationKind::Size, Outcome::Ok) => {
            Some((SIZE, operation.size() == Some(held), held.to_string()))
        }
        (OperationKind::IsEmpty, outcome @ (Outcome::Ok | Outcome::Empty)) => {
            let says = outcome == Outcome::Empty;
            // An item may be on its way.
            let is_exact = evidence.capabilities.has(Capability::StrictEmpty)
                || evidence.capabilities.has(Capability::Linearizable);
            let right = if held == 0 { "empty" } else { "not empty" };
            (held == 0 || is_exact).then(|| (EMPTY_FULL, says == (held == 0), right.to_owned()))
        }
        (OperationKind::IsFull, outcome @ (Outcome::Ok | Outcome::Full)) => {
            let says = outcome == Outcome::Full;
            let right = if is_full { "full" } else { "not full" };
            Some((EMPTY_FULL, says == is_full, right.to_owned()))
        }
        _ => None,
    }
}

/// Returns how many items the queue certainly holds; `None` if a put or a get may change that meanwhile, or an
/// earlier one had no certain effect.
fn held(traffic: Option<&Traffic>, operation: &Operation) -> Option<u64> {
    let Some(traffic) = traffic else {
        return Some(0);
    };
    let until = operation.returned?;
    let before = |entry: &&Entry| entry.start <= until;
    let done = |entry: &Entry| entry.certain && entry.returned < operation.start;
    let puts = || traffic.puts.iter().filter(before);
    let gets = || traffic.gets.iter().filter(before);
    let vain = [&traffic.takers, &traffic.refused].into_iter().flatten();
    let is_calm = puts().chain(gets()).all(done)
        && !vain
            .filter(before)
            .any(|one| one.returned >= operation.start);
    let held = (puts().count() as u64).checked_sub(gets().count() as u64);
    held.filter(|_| is_calm)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Hint;
    use crate::test_support::histories::{Expect, HistoryBuilder, queue};
    use rstest::rstest;

    /// Two items are put until 3 and one of them is received until 5, and the consumer asks from 10 to 11.
    fn asked(ask: impl FnOnce(HistoryBuilder) -> HistoryBuilder) -> HistoryBuilder {
        let run = queue().process("p").put(1).ok(0, 1).put(2).ok(2, 3);
        ask(run.process("c").get(1).ok(4, 5))
    }

    fn empty(ask: impl FnOnce(HistoryBuilder) -> HistoryBuilder) -> HistoryBuilder {
        asked(|run| ask(run.get(2).ok(6, 7)))
    }

    #[rstest]
    #[case::the_size(asked(|run| run.size(1).ok(10, 11)), SIZE, Expect::Upheld(1))]
    #[case::another_size(asked(|run| run.size(2).ok(10, 11)), SIZE, Expect::Broken(1))]
    #[case::during_a_put(
        asked(|run| run.size(2).ok(10, 11)).process("p").put(3).ok(9, 12), SIZE, Expect::Untried
    )]
    #[case::before_a_put(
        asked(|run| run.size(1).ok(10, 11)).process("p").put(3).ok(12, 13), SIZE, Expect::Upheld(1)
    )]
    #[case::empty(
        empty(|run| run.hint(Hint::IsEmpty).gives(Outcome::Empty, 10, 11)), EMPTY_FULL, Expect::Upheld(1)
    )]
    #[case::empty_and_says_otherwise(
        empty(|run| run.hint(Hint::IsEmpty).ok(10, 11)), EMPTY_FULL, Expect::Broken(1)
    )]
    #[case::not_empty(
        asked(|run| run.hint(Hint::IsEmpty).ok(10, 11)).declares(Capability::StrictEmpty),
        EMPTY_FULL,
        Expect::Upheld(1)
    )]
    #[case::an_item_may_be_on_its_way(
        asked(|run| run.hint(Hint::IsEmpty).gives(Outcome::Empty, 10, 11)).declares_nothing(),
        EMPTY_FULL,
        Expect::Untried
    )]
    #[case::full(
        asked(|run| run.capacity(1).hint(Hint::IsFull).gives(Outcome::Full, 10, 11)),
        EMPTY_FULL,
        Expect::Upheld(1)
    )]
    #[case::full_and_says_otherwise(
        asked(|run| run.capacity(1).hint(Hint::IsFull).ok(10, 11)), EMPTY_FULL, Expect::Broken(1)
    )]
    #[case::not_full(
        asked(|run| run.capacity(2).hint(Hint::IsFull).ok(10, 11)), EMPTY_FULL, Expect::Upheld(1)
    )]
    fn judges(#[case] run: HistoryBuilder, #[case] clause: &str, #[case] expect: Expect) {
        run.check(&INVARIANT, clause, expect);
    }
}
