//! When a process that another one spawns is born: it executes its own program.
//!
//! Until then it holds a copy of each descriptor of the process that spawns it, so a close by that process
//! wouldn't show. The return of the spawning call isn't enough: Linux lets the caller continue before it
//! closes the descriptors that close on exec.

use crate::plan::ProcessIndex;
use crate::runner::run_loop::WaitingThread;

/// Which processes are born, and which threads wait for that.
#[derive(Debug)]
pub(super) struct Births(Vec<Birth>);

#[derive(Clone, Copy, Debug, Default)]
struct Birth {
    is_over: bool,
    awaited_by: Option<WaitingThread>,
}

impl Births {
    /// None yet, of this many processes.
    pub(super) fn none(processes: usize) -> Births {
        Births(vec![Birth::default(); processes])
    }

    /// The process has sent something, or it is gone. Returns the thread to reply to.
    pub(super) fn born(&mut self, process: ProcessIndex) -> Option<WaitingThread> {
        let birth = &mut self.0[process];
        birth.is_over = true;
        birth.awaited_by.take()
    }

    /// A thread waits until the process is born. Returns the thread to reply to, if it is born already.
    pub(super) fn wait(
        &mut self,
        process: ProcessIndex,
        by: WaitingThread,
    ) -> Option<WaitingThread> {
        let birth = &mut self.0[process];
        birth.awaited_by = Some(by);
        birth.awaited_by.take_if(|_| birth.is_over)
    }

    /// Whether a thread waits for the birth of the process.
    pub(super) fn is_under_way(&self, process: ProcessIndex) -> bool {
        self.0[process].awaited_by.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BY: WaitingThread = WaitingThread {
        process: 0,
        thread: 0,
    };

    /// Both send what they have to say over links of their own.
    #[test]
    fn a_spawning_process_goes_on_once_the_other_one_is_born() {
        let mut births = Births::none(3);
        assert_eq!(births.wait(1, BY), None);
        assert!(births.is_under_way(1));
        assert_eq!(births.born(1), Some(BY));
        assert_eq!(births.born(2), None);
        assert_eq!(births.wait(2, BY), Some(BY));
        assert!(!births.is_under_way(1) && !births.is_under_way(2));
        assert_eq!(births.born(1), None, "its exit is no second birth");
    }
}
