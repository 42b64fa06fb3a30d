//! The machine-wide monotonic clock.
