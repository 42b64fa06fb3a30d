//! What a backend is offered where the supervisor opens a channel.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::processes::Processes;
use crate::backend::{Host, Key, Parcel};

/// The supervisor as the opener of a channel.
pub(super) struct SupervisorHost<'a, 'session> {
    pub(super) backend: Key,
    pub(super) folder: PathBuf,
    pub(super) seed: u64,
    pub(super) processes: &'a mut Processes<'session>,
}

impl Host for SupervisorHost<'_, '_> {
    fn folder(&self) -> &Path {
        // Made only where somebody wants it; whoever can't use it finds out himself.
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
