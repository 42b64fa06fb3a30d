//! When the end of a stream arrives, and what delays it.

pub(super) mod arrival;
pub(super) mod copies;
pub(super) mod half_close;
