//! When a run has taken too long, or has come to a stand.

use std::time::{Duration, Instant};

use crate::history::Ending;

/// The deadline of a run, and when something in it moved last.
#[derive(Debug)]
pub(super) struct Pace {
    deadline: Instant,
    stall: Duration,
    moved: Instant,
    next: Instant,
}

impl Pace {
    /// A run begins, which may take so long, and stand still for so long.
    pub(super) fn new(deadline: Duration, stall: Duration) -> Pace {
        let now = Instant::now();
        Pace {
            deadline: now + deadline,
            stall,
            moved: now,
            next: now + stall / 8,
        }
    }

    /// When to look next whether something moves.
    pub(super) fn next(&self) -> Instant {
        self.next
    }

    /// Something moved just now.
    pub(super) fn moved(&mut self) {
        self.moved = Instant::now();
    }

    /// Looks, if it is time to, whether something will move by itself; how the run ends, if it has to.
    pub(super) fn look(&mut self, will_move: impl FnOnce() -> bool) -> Option<Ending> {
        let now = Instant::now();
        if now < self.next {
            return None;
        }
        self.next = now + self.stall / 8;
        if will_move() {
            self.moved = now;
        }
        if now >= self.deadline {
            Some(Ending::DeadlinePassed)
        } else if now >= self.moved + self.stall {
            Some(Ending::Stalled)
        } else {
            None
        }
    }
}
