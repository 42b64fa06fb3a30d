//! What a backend may use while the harness opens a channel.

use std::cell::OnceCell;
use std::io;
use std::path::{Path, PathBuf};

use super::peers::PeerProcesses;
use crate::backend::{Host, Key, Parcel};
use crate::os::folder::make;
use crate::os::shortage::Shortage;
use crate::runner::failure::RunFailure;

/// The harness as the opener of a channel.
pub(super) struct HarnessHost<'a, 'session> {
    pub(super) backend: Key,
    pub(super) folder: PathBuf,
    pub(super) seed: u64,
    pub(super) processes: &'a mut PeerProcesses<'session>,
    /// Why the folder can't be made, if a backend asked for it and it can't.
    pub(super) made: OnceCell<Option<io::Error>>,
}

impl HarnessHost<'_, '_> {
    /// Returns why the backend couldn't use its folder, which isn't the backend's doing.
    pub(super) fn check_folder(&self) -> Result<(), RunFailure> {
        let Some(Some(error)) = self.made.get() else {
            return Ok(());
        };
        let what = format!("the folder {} can't be made", self.folder.display());
        Err(RunFailure::Machine(match Shortage::of_error(error) {
            Some(shortage) => shortage.sentence(format_args!("{what}: {error}")),
            None => format!("{what}: {error}; set TMPDIR to a folder that can be written to"),
        }))
    }
}

impl Host for HarnessHost<'_, '_> {
    fn folder(&self) -> &Path {
        // It exists only if a backend asks for it.
        let _ = self.made.get_or_init(|| make(&self.folder).err());
        &self.folder
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn start_helper(&mut self, parcel: Parcel) -> io::Result<()> {
        self.processes.start_helper(&self.backend, parcel)
    }
}
