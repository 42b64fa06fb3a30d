//! What the case itself expects of each step, and which promise a deviation breaks.

pub(super) mod charge;
pub(super) mod consequence;
pub(super) mod steps;
