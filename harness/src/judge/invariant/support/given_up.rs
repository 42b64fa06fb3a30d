//! Which receives of a lane gave up, and whether one of them can have taken an item with it.

use crate::backend::Outcome;
use crate::history::pairing::{Entry, Traffic};
use crate::judge::invariant::support::evidence::Evidence;

/// The clause about calls that give up. One invariant judges it for items, another for bytes.
pub(crate) const CANCEL: &str = "async.cancel-safe";

/// The starts of a lane's receives, by how they returned.
pub(crate) struct GivenUp {
    gave_up: Vec<u64>,
    received: Vec<u64>,
}

impl GivenUp {
    /// Returns none if no receive gave up.
    pub(crate) fn of(evidence: &Evidence<'_>, traffic: &Traffic) -> Option<GivenUp> {
        let given_up = traffic.misses.iter().filter(|get| gave_up(evidence, get));
        let gave_up: Vec<u64> = given_up.map(|get| get.start).collect();
        if gave_up.is_empty() {
            return None;
        }
        let mut received: Vec<u64> = traffic.gets.iter().map(|get| get.start).collect();
        received.sort_unstable();
        Some(GivenUp { gave_up, received })
    }

    /// Whether the last receive that started before this stamp gave up. It can only have taken what
    /// the next receive was to get.
    pub(crate) fn right_before(&self, start: u64) -> bool {
        let last = |starts: &[u64]| {
            let before = starts.partition_point(|one| *one < start);
            before.checked_sub(1).map(|at| starts[at])
        };
        last(&self.gave_up) > last(&self.received)
    }
}

/// Whether this call returned only because it was not to wait longer.
pub(crate) fn gave_up(evidence: &Evidence<'_>, call: &Entry) -> bool {
    matches!(
        evidence.operation(call.id()).outcome,
        Some(Outcome::Timeout | Outcome::Empty | Outcome::Full)
    )
}
