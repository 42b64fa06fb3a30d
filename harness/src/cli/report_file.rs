//! A file that a command writes.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::problem::Problem;
use crate::event::ExitCode;

/// A file to write to. Its errors name it.
pub(super) struct ReportFile {
    path: PathBuf,
    out: BufWriter<File>,
}

impl ReportFile {
    /// Creates the file.
    ///
    /// # Errors
    /// If it can't be created.
    pub(super) fn create(path: &Path) -> Result<ReportFile, Problem> {
        let file = File::create(path).map_err(|error| {
            let what = format!("can't write {}: {error}", path.display());
            Problem::new(ExitCode::Usage, what)
        })?;
        Ok(ReportFile {
            path: path.to_owned(),
            out: BufWriter::new(file),
        })
    }

    /// Writes by `action`.
    ///
    /// # Errors
    /// If the file can't be written, for example because the disk is full.
    pub(super) fn write(
        &mut self,
        action: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Problem> {
        action(&mut self.out).map_err(|error| {
            let what = format!("can't write {}: {error}", self.path.display());
            Problem::new(ExitCode::Harness, what)
        })
    }
}
