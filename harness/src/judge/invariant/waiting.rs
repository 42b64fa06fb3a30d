//! When an operation returns: at once, in time, after an event, or never.

pub(super) mod concurrent;
pub(super) mod giving_up;
pub(super) mod poll;
pub(super) mod poll_several;
pub(super) mod progress;
pub(super) mod timing;
pub(super) mod wake;
pub(super) mod waking;
