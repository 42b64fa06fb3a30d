//! The earliest moment at which something in a run can happen.

use std::time::Duration;

use crate::plan::StepId;

/// The earliest moment, counted from the start of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Clock {
    /// The moment.
    pub(super) at: Duration,
    /// The longest wait that led to it, and the step of that wait.
    pub(super) longest: Option<(Duration, StepId)>,
    /// Whether the run may already be at rest, so that nothing after it is certain.
    pub(super) is_open: bool,
}

impl Clock {
    /// Returns the moment at which both have happened.
    pub(super) fn and(self, other: Clock) -> Clock {
        let is_open = self.is_open || other.is_open;
        let later = if other.at > self.at { other } else { self };
        Clock { is_open, ..later }
    }

    /// Adds a wait of this step, if it certainly happens.
    pub(super) fn wait(&mut self, time: Duration, step: StepId) {
        if self.is_open || time.is_zero() {
            return;
        }
        self.at = self.at.saturating_add(time);
        if self.longest.is_none_or(|(longest, _)| longest < time) {
            self.longest = Some((time, step));
        }
    }
}
