//! The adapter processes of a session that have no run, and how the runs of each adapter went.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::adapter::protocol::RunNumber;
use crate::adapter::{Adapter, AdapterProcess, PATIENCE};
use crate::os::supervisor::ProcessGroup;

/// How many runs in a row may fail before the harness gives an adapter up.
pub(super) const CHANCES: u32 = 3;

/// All adapters of a session, by their commands.
#[derive(Debug, Default)]
pub(in crate::runner) struct Adapters(Mutex<BTreeMap<String, AdapterPool>>);

/// The processes of one adapter that have no run, and how its runs went.
#[derive(Debug, Default)]
pub(super) struct AdapterPool {
    pub(super) idle: Vec<IdleAdapter>,
    pub(super) runs: RunNumber,
    /// How many runs have failed since the last one that didn't.
    pub(super) failures: u32,
    /// Why the last one failed.
    last: String,
}

/// An adapter process without a run.
#[derive(Debug)]
pub(super) struct IdleAdapter {
    pub(super) process: AdapterProcess,
    /// The processes that earlier runs left behind.
    pub(super) left: Vec<u32>,
}

impl Adapters {
    /// Calls `action` with the pool of an adapter.
    pub(super) fn of<T>(&self, adapter: &Adapter, action: impl FnOnce(&mut AdapterPool) -> T) -> T {
        action(self.all().entry(adapter.to_string()).or_default())
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, AdapterPool>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks all idle adapters to exit, and kills those that don't. Returns their groups.
    pub(in crate::runner) fn end(&self) -> Vec<ProcessGroup> {
        let pools = std::mem::take(&mut *self.all());
        let mut idle: Vec<IdleAdapter> = pools.into_values().flat_map(|pool| pool.idle).collect();
        // All of them exit at once; then the harness waits for each.
        idle.iter_mut().for_each(|idle| idle.process.tell_to_stop());
        let end = |mut idle: IdleAdapter| {
            let _ = idle.process.exit_within(PATIENCE);
            idle.process.kill();
            idle.process.group().clone()
        };
        idle.into_iter().map(end).collect()
    }
}

impl AdapterPool {
    /// Returns why the last run failed, if too many in a row have.
    pub(super) fn given_up(&self) -> Option<String> {
        (self.failures >= CHANCES).then(|| self.last.clone())
    }

    /// A run failed.
    pub(super) fn fail(&mut self, why: &str) {
        self.failures += 1;
        // The other lines are its standard error, which the failed run has shown already.
        self.last = why.lines().next().unwrap_or_default().to_owned();
    }
}
