//! Promises about waiting: when a call returns, and what its waiting may not change.

pub(super) mod abandoned;
pub(super) mod concurrent;
pub(super) mod giving_up;
pub(super) mod interruption;
pub(super) mod poll;
pub(super) mod poll_several;
pub(super) mod progress;
pub(super) mod prompt_end;
pub(super) mod timing;
