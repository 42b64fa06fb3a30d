//! What a backend may use while the harness opens a channel.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::peers::PeerProcesses;
use crate::backend::{Host, Key, Parcel};

/// The harness as the opener of a channel.
pub(super) struct HarnessHost<'a, 'session> {
    pub(super) backend: Key,
    pub(super) folder: PathBuf,
    pub(super) seed: u64,
    pub(super) processes: &'a mut PeerProcesses<'session>,
}

impl Host for HarnessHost<'_, '_> {
    fn folder(&self) -> &Path {
        // It exists only if a backend asks for it. A backend that can't use it reports its own error.
        let _ = fs::create_dir(&self.folder);
        &self.folder
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn start_helper(&mut self, parcel: Parcel) -> io::Result<()> {
        self.processes.start_helper(&self.backend, parcel)
    }
}
