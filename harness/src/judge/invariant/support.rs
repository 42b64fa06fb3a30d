//! What several invariants share: the evidence, the counts, and the making of witnesses.

pub(super) mod definition;
pub(super) mod end_markers;
pub(super) mod evidence;
pub(super) mod given_up;
mod labels;
pub(super) mod misdelivery;
pub(super) mod occupancy;
pub(super) mod replay;
pub(super) mod tally;
pub(super) mod witness;
