//! When a run has to be ended: past its deadline, stalled, or at rest.

use std::time::{Duration, Instant};

use crate::history::Ending;

/// How long nothing may move before a run at rest is ended: every operation in it may stay pending
/// for ever, or waits for one that may. Ending such a run too early can hide a fault, but never makes
/// a library fail, so this is short.
const QUIET: Duration = Duration::from_millis(300);

/// The deadline of a run, and how long nothing in it has moved.
#[derive(Debug)]
pub(in crate::runner) struct Pace {
    deadline: Instant,
    stall: Duration,
    /// The `stall` once all processes have started.
    stall_started: Duration,
    quiet: Duration,
    /// When something moved last.
    moved: Instant,
    /// When the last look was.
    looked: Instant,
}

impl Pace {
    /// A run begins that may take `deadline`. It stalls if nothing moves for `starting`, and after
    /// [`Pace::all_started`] for `started`.
    pub(in crate::runner) fn new(
        deadline: Duration,
        starting: Duration,
        started: Duration,
    ) -> Pace {
        let now = Instant::now();
        Pace {
            deadline: now + deadline,
            stall: starting,
            stall_started: started,
            quiet: QUIET.min(starting),
            moved: now,
            looked: now,
        }
    }

    /// All processes have started.
    pub(super) fn all_started(&mut self) {
        self.stall = self.stall_started;
        self.quiet = QUIET.min(self.stall);
    }

    /// When the next look is due.
    pub(super) fn next(&self) -> Instant {
        self.looked + self.quiet / 3
    }

    /// Returns whether a look is due.
    pub(super) fn is_due(&self) -> bool {
        Instant::now() >= self.next()
    }

    /// Something moves now.
    pub(super) fn moves(&mut self) {
        self.moved = Instant::now();
    }

    /// Notes a look, which showed whether something has moved since the last one, or will.
    pub(super) fn look(&mut self, moves: bool) {
        self.looked = Instant::now();
        if moves {
            self.moved = self.looked;
        }
    }

    /// Returns whether nothing has moved for a while.
    pub(super) fn is_quiet(&self) -> bool {
        self.still() >= self.quiet
    }

    /// Returns how the run ends, if it has to. A run at rest needs only be quiet.
    pub(super) fn ending(&self, is_at_rest: impl FnOnce() -> bool) -> Option<Ending> {
        if self.looked >= self.deadline {
            Some(Ending::DeadlinePassed)
        } else if self.still() >= self.stall || self.is_quiet() && is_at_rest() {
            Some(Ending::Stalled)
        } else {
            None
        }
    }

    /// Returns whether the run ends even if something still moves.
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
    fn a_run_stalls_after_another_time_once_all_processes_have_started() {
        let long = Duration::from_secs(600);
        let mut pace = Pace::new(long, long, Duration::ZERO);
        pace.look(false);
        assert_eq!(pace.ending(|| false), None);
        pace.all_started();
        assert_eq!(pace.ending(|| false), Some(Ending::Stalled));
    }
}
