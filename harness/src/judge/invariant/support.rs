//! What several invariants use: evidence, counts, words, and the replayed plan.

pub(super) mod evidence;
pub(super) mod occupancy;
pub(super) mod replay;
pub(super) mod tally;
pub(super) mod words;
