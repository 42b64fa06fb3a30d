//! When a run is over though processes of it live: too long, at a stand, or at rest.

use std::time::{Duration, Instant};

use super::QUIET;
use crate::history::Ending;

/// The deadline of a run, and for how long nothing in it has moved.
#[derive(Debug)]
pub(super) struct Pace {
    deadline: Instant,
    stall: Duration,
    quiet: Duration,
    /// When something moved last.
    moved: Instant,
    /// When it was looked at last.
    looked: Instant,
}

impl Pace {
    /// A run begins, which may take so long, and stand still for so long.
    pub(super) fn new(deadline: Duration, stall: Duration) -> Pace {
        let now = Instant::now();
        Pace {
            deadline: now + deadline,
            stall,
            quiet: QUIET.min(stall),
            moved: now,
            looked: now,
        }
    }

    /// From now on it may stand still for so long.
    pub(super) fn stalls_after(&mut self, stall: Duration) {
        self.stall = stall;
        self.quiet = QUIET.min(stall);
    }

    /// When to look next.
    pub(super) fn next(&self) -> Instant {
        self.looked + self.quiet / 3
    }

    /// Whether it is time to look.
    pub(super) fn is_due(&self) -> bool {
        Instant::now() >= self.next()
    }

    /// Something moves now, or soon.
    pub(super) fn moves(&mut self) {
        self.moved = Instant::now();
    }

    /// It is looked at now, and something has moved since the last time, or will; or nothing does.
    pub(super) fn look(&mut self, moves: bool) {
        self.looked = Instant::now();
        if moves {
            self.moved = self.looked;
        }
    }

    /// Whether nothing has moved for a while.
    pub(super) fn is_quiet(&self) -> bool {
        self.still() >= self.quiet
    }

    /// How the run ends, if it has to. A run at rest ends early.
    pub(super) fn ending(&self, is_at_rest: impl FnOnce() -> bool) -> Option<Ending> {
        if self.looked >= self.deadline {
            Some(Ending::DeadlinePassed)
        } else if self.still() >= self.stall || self.is_quiet() && is_at_rest() {
            Some(Ending::Stalled)
        } else {
            None
        }
    }

    /// Whether it ends whatever moves yet.
    pub(super) fn is_over(&self) -> bool {
        self.looked >= self.deadline || self.still() >= self.stall
    }

    fn still(&self) -> Duration {
        self.looked.saturating_duration_since(self.moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_may_stand_still_for_as_long_as_was_said_last() {
        let long = Duration::from_secs(600);
        let mut pace = Pace::new(long, long);
        pace.look(false);
        assert_eq!(pace.ending(|| false), None);
        pace.stalls_after(Duration::ZERO);
        assert_eq!(pace.ending(|| false), Some(Ending::Stalled));
    }
}
