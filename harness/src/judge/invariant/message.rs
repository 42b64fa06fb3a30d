//! What arrives: whole, unchanged, and in which order.

pub(super) mod boundary;
pub(super) mod direction;
pub(super) mod order;
pub(super) mod snapshot;
pub(super) mod stream;
pub(super) mod values;
