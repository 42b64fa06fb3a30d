//! The adapter processes of a session that have no run, and how the runs of each adapter went.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::adapter::protocol::{RunNumber, VERSION};
use crate::adapter::{Adapter, AdapterProcess, PATIENCE};
use crate::os::supervisor::ProcessGroup;

/// How many runs in a row may fail before the harness gives an adapter up.
pub(super) const CHANCES: u32 = 3;

/// All adapters of a session, by their commands.
#[derive(Debug, Default)]
pub(in crate::runner) struct Adapters(Mutex<BTreeMap<String, AdapterPool>>);

/// The processes of one adapter that have no run, and how its runs went.
#[derive(Debug)]
pub(super) struct AdapterPool {
    /// The version of the protocol that it speaks.
    pub(super) version: &'static str,
    pub(super) idle: Vec<IdleAdapter>,
    pub(super) runs: RunNumber,
    /// How many runs have failed since the last one that didn't.
    pub(super) failures: u32,
    /// Why the last one failed.
    last: String,
    /// What the last one ran.
    last_permutation: String,
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

impl Default for AdapterPool {
    fn default() -> AdapterPool {
        AdapterPool {
            version: VERSION,
            idle: Vec::new(),
            runs: 0,
            failures: 0,
            last: String::new(),
            last_permutation: String::new(),
        }
    }
}

impl AdapterPool {
    /// Returns why the last run failed, if too many in a row have.
    pub(super) fn given_up(&self) -> Option<String> {
        (self.failures >= CHANCES).then(|| self.last.clone())
    }

    /// A run of this permutation failed. Runs of the same permutation in a row count once: on another
    /// backend of the adapter they are the same bug.
    pub(super) fn fail(&mut self, permutation: &str, why: &str) {
        if self.failures == 0 || self.last_permutation != permutation {
            self.failures += 1;
            permutation.clone_into(&mut self.last_permutation);
        }
        // The other lines are its standard error, which the failed run has shown already.
        self.last = why.lines().next().unwrap_or_default().to_owned();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::three_permutations(&["a[1]", "a[2]", "b"], true)]
    #[case::one_on_three_backends(&["a[1]", "a[1]", "a[1]"], false)]
    #[case::two_on_three_backends(&["a[1]", "a[1]", "a[1]", "b", "b", "b"], false)]
    #[case::three_on_several_backends(&["a[1]", "a[1]", "a[2]", "b", "b"], true)]
    fn an_adapter_is_given_up_after_different_permutations(
        #[case] failed: &[&str],
        #[case] expected: bool,
    ) {
        let mut pool = AdapterPool::default();
        failed.iter().for_each(|one| pool.fail(one, "it exited"));
        assert_eq!(pool.given_up().is_some(), expected);
    }
}
