//! What holds of queues: room, delivery, and one order for all.

pub(super) mod bound;
pub(super) mod causal;
pub(super) mod delivery;
pub(super) mod flush;
pub(super) mod one_queue;
