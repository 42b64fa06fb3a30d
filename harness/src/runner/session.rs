//! What all runs of a harness process share: its guard and its folder.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use super::adapters::Adapters;
use super::{RunError, interrupt};
use crate::backend::Handle;
use crate::os::folder::Folder;
use crate::os::guard::Guard;
use crate::os::supervisor::{Group, Program};

/// The guard and the folder of this process; both go with it.
#[derive(Debug)]
pub struct Session {
    pub(super) adapters: Adapters,
    // Dropped in this order: the folder must be gone before the guard looks for it.
    folder: Folder,
    guard: Guard,
    runs: AtomicU64,
}

impl Session {
    /// Makes the folder, removes what dead harness processes left, and starts the guard.
    ///
    /// # Errors
    /// Where either can't be done.
    pub fn start(program: &Program) -> Result<Session, RunError> {
        let folder = Folder::create().map_err(|source| RunError {
            what: "its folder can't be made",
            source,
        })?;
        let guard = Guard::start(program, folder.path()).map_err(|source| RunError {
            what: "its guard process can't be started",
            source,
        })?;
        Ok(Session {
            adapters: Adapters::default(),
            folder,
            guard,
            runs: AtomicU64::new(0),
        })
    }

    /// A path for a new run's own folder, which isn't made yet.
    pub(super) fn run_folder(&self) -> PathBuf {
        self.folder
            .path()
            .join(self.runs.fetch_add(1, Ordering::Relaxed).to_string())
    }

    /// From now on this group is killed when the harness dies or is interrupted.
    pub(super) fn register(&self, group: &Group) -> io::Result<()> {
        self.guard.register(group)?;
        interrupt::add(group);
        Ok(())
    }

    /// From now on this helper is killed when the harness dies and it doesn't go by itself then. What
    /// it must have as long as it lives.
    pub(super) fn register_helper(&self, group: &Group) -> io::Result<Handle> {
        self.guard.register_helper(group)
    }

    /// Nobody is left of this helper.
    pub(super) fn forget_helper(&self, group: &Group) {
        // Without a guard there is nothing to forget.
        let _ = self.guard.forget_helper(group);
    }

    /// Nobody is left of this group.
    pub(super) fn forget(&self, group: &Group) {
        interrupt::forget(group);
        // Without a guard there is nothing to forget.
        let _ = self.guard.forget(group);
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        for group in self.adapters.end() {
            self.forget(&group);
        }
    }
}
