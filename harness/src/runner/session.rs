//! What all runs of a harness process share: a guard, a folder, and idle adapters.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use super::adapted::Adapters;
use super::interrupt;
use crate::backend::Handle;
use crate::os::folder::Folder;
use crate::os::guard::Guard;
use crate::os::supervisor::{ProcessGroup, Program};

/// Why the harness can't run anything.
#[derive(Debug, thiserror::Error)]
#[error("the harness can't start: {what}")]
pub struct SessionError {
    what: &'static str,
    #[source]
    source: io::Error,
}

/// The guard, the folder and the idle adapters of a harness process. Drop ends and removes them.
#[derive(Debug)]
pub struct Session {
    pub(super) adapters: Adapters,
    // Declared, and so dropped, before the guard: the folder must be gone when the guard looks for it.
    folder: Folder,
    guard: Guard,
    runs: AtomicU64,
}

impl Session {
    /// Makes the folder, removes those of dead harness processes, and starts the guard.
    ///
    /// # Errors
    /// The folder can't be made, or the guard can't be started.
    pub fn start(program: &Program) -> Result<Session, SessionError> {
        let folder = Folder::create().map_err(|source| SessionError {
            what: "its folder can't be made",
            source,
        })?;
        let guard = Guard::start(program, folder.path()).map_err(|source| SessionError {
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

    /// Returns the path of a folder for a new run. The folder doesn't exist yet.
    pub(super) fn run_folder(&self) -> PathBuf {
        self.folder
            .path()
            .join(self.runs.fetch_add(1, Ordering::Relaxed).to_string())
    }

    /// Registers a group that is to be killed when the harness dies or is interrupted.
    pub(super) fn register(&self, group: &ProcessGroup) -> io::Result<()> {
        self.guard.register(group)?;
        interrupt::add(group);
        Ok(())
    }

    /// Registers a helper that is to be killed if it doesn't exit after the harness died. Returns a
    /// handle that the helper must hold as long as it lives.
    pub(super) fn register_helper(&self, group: &ProcessGroup) -> io::Result<Handle> {
        self.guard.register_helper(group)
    }

    /// Forgets a helper of which no process is left.
    pub(super) fn forget_helper(&self, group: &ProcessGroup) {
        // Without a guard there is nothing to forget.
        let _ = self.guard.forget_helper(group);
    }

    /// Forgets a group of which no process is left.
    pub(super) fn forget(&self, group: &ProcessGroup) {
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
