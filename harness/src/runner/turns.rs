//! How many runs of a session take place at once.
//!
//! If a run lacks something that other runs may have taken, such as descriptors or processes, it is
//! run again with fewer others beside it, at last alone. Only a run that lacks it alone stays without
//! a result. The number rises again while nothing is lacking.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The turns of all runs of a session.
#[derive(Debug)]
pub(super) struct Turns {
    state: Mutex<TurnState>,
    freed: Condvar,
    /// How many runs may take place at once at most.
    limit: usize,
}

#[derive(Debug)]
struct TurnState {
    /// How many runs may take place at once now.
    most: usize,
    running: usize,
    /// How often `most` was lowered.
    lowered: u64,
    /// How many runs in a row lacked nothing.
    calm: usize,
}

/// The right to run. Drop lets another run begin.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    turns: &'a Turns,
    /// As in the state when the turn began.
    most: usize,
    lowered: u64,
}

impl Turns {
    /// At most `limit` runs take place at once.
    pub(super) fn new(limit: usize) -> Turns {
        let limit = limit.max(1);
        Turns {
            state: Mutex::new(TurnState {
                most: limit,
                running: 0,
                lowered: 0,
                calm: 0,
            }),
            freed: Condvar::new(),
            limit,
        }
    }

    /// Returns how many runs may take place at once at most.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Returns how often runs lacked something that others may have taken.
    pub(super) fn lowered(&self) -> u64 {
        self.state().lowered
    }

    /// Waits until one more run may begin.
    pub(super) fn begin(&self) -> Turn<'_> {
        let is_full = |state: &mut TurnState| state.running >= state.most;
        let waited = self.freed.wait_while(self.state(), is_full);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        state.running += 1;
        Turn {
            turns: self,
            most: state.most,
            lowered: state.lowered,
        }
    }

    fn state(&self) -> MutexGuard<'_, TurnState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn<'_> {
    /// The run lacked nothing.
    pub(super) fn lacked_nothing(self) {
        let mut state = self.turns.state();
        state.calm += 1;
        if state.calm > state.most && state.most < self.turns.limit {
            state.most += 1;
            state.calm = 0;
        }
    }

    /// The run lacked something. Returns whether other runs may have taken it; then fewer take place
    /// from now on.
    pub(super) fn lacked(self) -> bool {
        if self.most == 1 {
            return false;
        }
        let mut state = self.turns.state();
        state.calm = 0;
        // Runs of the same time lack the same, and count once.
        if state.lowered == self.lowered {
            state.most = (state.most.min(state.running) / 2).max(1);
            state.lowered += 1;
        }
        true
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.turns.state().running -= 1;
        self.turns.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn most(turns: &Turns) -> usize {
        turns.state().most
    }

    #[test]
    fn runs_that_lack_something_at_the_same_time_halve_the_number_once() {
        let turns = Turns::new(8);
        let running: Vec<Turn<'_>> = (0..8).map(|_| turns.begin()).collect();
        for turn in running {
            assert!(turn.lacked());
        }
        assert_eq!((most(&turns), turns.lowered()), (4, 1));
    }

    #[test]
    fn the_number_is_halved_from_the_runs_that_took_place() {
        let turns = Turns::new(usize::MAX);
        let (first, _second) = (turns.begin(), turns.begin());
        assert!(first.lacked());
        assert_eq!(most(&turns), 1);
    }

    #[test]
    fn a_run_that_lacks_something_alone_is_not_run_again() {
        let turns = Turns::new(8);
        assert!(turns.begin().lacked());
        assert_eq!(most(&turns), 1);
        assert!(!turns.begin().lacked());
    }

    #[test]
    fn the_number_rises_to_its_limit_while_nothing_is_lacking() {
        let turns = Turns::new(3);
        assert!(turns.begin().lacked());
        (0..100).for_each(|_| turns.begin().lacked_nothing());
        assert_eq!(most(&turns), 3);
    }
}
