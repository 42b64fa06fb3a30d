//! Promises of queues: capacity, delivery, and the order across producers.

pub(super) mod bound;
pub(super) mod causal;
pub(super) mod delivery;
pub(super) mod flush;
pub(super) mod hints;
pub(super) mod tasks;
pub(super) mod total_order;
