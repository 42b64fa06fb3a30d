//! What all runs of a harness process share: a guard, a folder, and idle adapters.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use super::adapted::Adapters;
use super::failure::RunFailure;
use super::interrupt;
use super::turns::Turns;
use crate::backend::Handle;
use crate::os::folder::Folder;
use crate::os::guard::Guard;
use crate::os::mark::Mark;
use crate::os::shortage::{self, Shortage};
use crate::os::supervisor::{ProcessGroup, Program};

/// Why the harness can't run anything.
#[derive(Debug, thiserror::Error)]
#[error("the harness can't start: {what}: {source}")]
pub struct SessionError {
    what: &'static str,
    #[source]
    source: io::Error,
}

/// How many adapters start at once for each CPU. More would only make all of them slow.
const STARTS_FOR_EACH_CPU: usize = 4;

/// The guard, the folder and the idle adapters of a harness process. Drop ends and removes them.
#[derive(Debug)]
pub struct Session {
    pub(super) adapters: Adapters,
    pub(super) turns: Turns,
    /// The starts of adapters, each of which needs a processor for long.
    pub(super) starts: Turns,
    // Declared, and so dropped, before the guard: the folder must be gone when the guard looks for it.
    folder: Folder,
    guard: Guard,
    runs: AtomicU64,
    adapters_started: AtomicU64,
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
        let guard =
            Guard::start(program, folder.path(), folder.mark()).map_err(|error| SessionError {
                what: "its guard process can't be started",
                source: Shortage::explained(&error, error.to_string()),
            })?;
        interrupt::add_session(folder.mark());
        let cpus = thread::available_parallelism().map_or(1, usize::from);
        Ok(Session {
            adapters: Adapters::default(),
            turns: Turns::new(shortage::runs_at_once()),
            starts: Turns::new(STARTS_FOR_EACH_CPU * cpus),
            folder,
            guard,
            runs: AtomicU64::new(0),
            adapters_started: AtomicU64::new(0),
        })
    }

    /// Returns the path of a folder for a new run. The folder doesn't exist yet.
    pub(super) fn run_folder(&self) -> PathBuf {
        self.folder
            .path()
            .join(self.runs.fetch_add(1, Ordering::Relaxed).to_string())
    }

    /// Returns the failure of all runs once the folder is gone, because something else has removed it.
    pub(super) fn folder_is_gone(&self) -> Option<RunFailure> {
        let path = self.folder.path();
        match path.try_exists() {
            Ok(false) => Some(RunFailure::Machine(format!(
                "the harness's folder {} was removed during the run; set TMPDIR to a folder in which \
                 nothing is removed, and run again",
                path.display()
            ))),
            // If it can't be seen now, the runs that need it see that too.
            Ok(true) | Err(_) => None,
        }
    }

    /// Returns where the folders are, if they can't be in the usual folder for temporary files.
    pub(crate) fn temporary(&self) -> Option<&Path> {
        self.folder.temporary()
    }

    /// Returns the mark of a new adapter, and its folder for temporary files if that isn't the usual one.
    ///
    /// # Errors
    /// If the folder can't be made.
    pub(super) fn room_for_adapter(&self) -> io::Result<(Mark, Option<PathBuf>)> {
        let number = self.adapters_started.fetch_add(1, Ordering::Relaxed);
        let folder = self.folder.of_program(number)?;
        let folder = folder.or_else(|| self.temporary().map(Path::to_owned));
        Ok((self.mark().of_adapter(number), folder))
    }

    /// Returns the mark of this session's processes.
    pub(super) fn mark(&self) -> Mark {
        self.folder.mark()
    }

    /// Returns how many runs may take place at once at most, by the limits of this process.
    pub(crate) fn runs_at_once(&self) -> usize {
        self.turns.limit()
    }

    /// Returns whether runs had to be repeated because they lacked something that others used.
    pub(crate) fn has_lacked(&self) -> bool {
        self.turns.lowered() > 0
    }

    /// Ends the adapters that have no run. Returns whether there were any.
    pub(super) fn end_idle_adapters(&self) -> bool {
        let ended = self.adapters.end();
        ended.iter().for_each(|group| self.forget(group));
        !ended.is_empty()
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
        self.end_idle_adapters();
        // What peers started and left behind, in any group and session.
        self.mark().end();
        interrupt::forget_session(self.mark());
    }
}
