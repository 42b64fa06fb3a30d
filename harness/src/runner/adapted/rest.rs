//! Whether anything moves in a run that an adapter has under way.

use super::Run;
use crate::history::KernelView;
use crate::history::rest::{LATENESS, Standing, is_rest};
use crate::os::clock;
use crate::os::supervisor::{self, is_busy};
use crate::plan::ProcessIndex;

impl Run<'_> {
    /// The processes that live, with their numbers.
    fn living(&self) -> impl Iterator<Item = (ProcessIndex, u32)> {
        let processes = 0..self.plan.processes.len();
        processes.filter_map(|process| Some((process, self.account.living(process)?)))
    }

    /// What the processes that live are doing, as the operating system sees it.
    pub(super) fn look(&self) -> Vec<KernelView> {
        let living: Vec<(ProcessIndex, u32)> = self.living().collect();
        supervisor::kernel::views(&living)
    }

    /// Whether something will move by itself: an operation whose time isn't up, or a process that
    /// only waits for a processor, be it the adapter's. While some are to come to life, it may also be
    /// one that brings them to it, as a fork server does.
    pub(super) fn will_move(&self) -> bool {
        let now = clock::now();
        // A sweep's pause isn't over before it shows that others are held up by it.
        let grace = if self.sweep.is_stopped() { LATENESS } else { 0 };
        let has_time = |process| {
            let mut pending = self.account.pending(process);
            pending.any(|operation| self.outlook.has_time(operation, now, grace))
        };
        let mut moving = self
            .living()
            .filter(|(process, _)| !self.peers.stops.is_stopped(*process));
        is_busy(self.process.pid())
            || moving.any(|(process, pid)| has_time(process) || is_busy(pid))
            || (self.is_one_to_come() && self.process.group().is_busy())
    }

    /// Whether a process is being started that hasn't said yet that it lives.
    fn is_one_to_come(&self) -> bool {
        let mut processes = 0..self.plan.processes.len();
        processes.any(|process| self.account.is_coming(process))
    }

    /// Whether nothing more is expected to happen.
    pub(super) fn is_at_rest(&self) -> bool {
        if self.is_one_to_come() {
            return false;
        }
        // Those that nobody has started yet don't move by themselves.
        is_rest(self.living().flat_map(|(process, _)| {
            let is_stopped = self.peers.stops.is_stopped(process);
            let pending = self.account.pending(process);
            let standing = move |operation| {
                Standing::of(operation, self.outlook.may_stay(operation), is_stopped)
            };
            let mut standings: Vec<Standing> = pending.map(standing).collect();
            if standings.is_empty() {
                standings.push(match is_stopped {
                    true => Standing::Stays,
                    false => Standing::IsToMove,
                });
            }
            standings
        }))
    }
}
