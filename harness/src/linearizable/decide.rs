//! Decides whether a history is possible, by the cheapest method that is exact.

use super::claims::{Claims, Order};
use super::completion::Completion;
use super::history::History;
use super::judgement::Judgement;
use super::search::{self, SearchResult};
use super::violation::{Found, Pattern};
use super::{capacity, empty, end, order};

/// The most steps of a search. A longer one is given up, and the verdict is
/// [`Unknown`](super::Verdict::Unknown).
pub const MOST_STEPS: u64 = 2_000_000;

/// Judges a history by what the queue claims.
///
/// The verdict is exact and takes O(n log n) for n operations, with two exceptions that can need a
/// search: a queue with a capacity, and killed consumers of a queue that claims only the order of each
/// producer. A search is given up after [`MOST_STEPS`] steps.
pub fn judge(history: &History, claims: &Claims) -> Judgement {
    let capacity = claims.capacity.map(|capacity| capacity.max(1));
    let claims = &Claims {
        capacity,
        ..*claims
    };
    let mut found = Found::default();
    let mut completion = Completion::of(history, claims, &mut found);
    if !found.is_empty() {
        return Judgement::of(found);
    }
    end::check(history, &mut completion, &mut found);
    let by_put_end = completion.by_put_end();
    order::check(history, &completion, claims.order, &by_put_end, &mut found);
    let mut undecided = capacity.is_some();
    let mut empty = Found::default();
    empty::check(&completion, &by_put_end, &mut empty);
    if claims.order == Order::PerProducer && completion.has_choice() && !empty.is_empty() {
        // Another choice of what the killed consumers took might leave the queue empty in time.
        undecided = true;
    } else {
        found.append(empty);
    }
    drop(by_put_end);
    if let Some(capacity) = capacity
        && found.is_empty()
    {
        capacity::reject(&completion, claims.order, capacity, &mut found);
        undecided = !capacity::accepts(&completion, capacity);
    }
    if found.is_empty() && undecided {
        match search::search(history, &completion, claims, MOST_STEPS) {
            SearchResult::Possible => {}
            SearchResult::Impossible(operation) => found.add(Pattern::Together, [operation]),
            SearchResult::GivenUp => found.add(Pattern::GivenUp, []),
        }
    }
    Judgement::of(found)
}
