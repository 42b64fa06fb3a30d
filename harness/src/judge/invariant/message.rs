//! Promises of messages and bytes: they arrive whole, unchanged, in order and at the right end.

pub(super) mod boundary;
pub(super) mod buffer;
pub(super) mod direction;
pub(super) mod encoding;
pub(super) mod order;
pub(super) mod readiness;
pub(super) mod snapshot;
pub(super) mod stream;
pub(super) mod values;
