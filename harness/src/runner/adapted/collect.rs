//! After a run on an adapter: what every process did and saw, and what was left behind.

use super::Run;
use crate::history::{Ending, History, Residue};
use crate::runner::collect::exit_of;

impl Run<'_> {
    /// What every process did, as far as the adapter told, and what the harness saw of it.
    pub(super) fn history(
        mut self,
        ending: Ending,
        ended: Option<u64>,
        residue: Vec<Residue>,
    ) -> History {
        let mut lived = vec![false; self.plan.processes.len()];
        self.account
            .pids()
            .for_each(|(process, _)| lived[process] = true);
        let mut processes = self.account.processes(ended);
        for (number, process) in processes.iter_mut().enumerate() {
            process.exit = exit_of(
                process.exit,
                lived[number],
                self.peers.killed[number],
                &process.operations,
                ending,
            );
        }
        if let Some(first) = processes.first_mut() {
            first.stderr.extend(self.process.complaints());
        }
        History {
            processes,
            ending,
            ended,
            stops: self.peers.stops.take(),
            kernel: self.kernel,
            residue,
        }
    }
}
