//! A file that a command writes.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::problem::Problem;
use crate::event::ExitCode;
use crate::report::json::is_compressed;

/// A file to write to, compressed by gzip if its name ends in `.gz`. Its errors name it.
pub(super) struct ReportFile {
    path: PathBuf,
    out: Output,
}

enum Output {
    Plain(BufWriter<File>),
    Compressed(GzEncoder<BufWriter<File>>),
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
        let out = BufWriter::new(file);
        Ok(ReportFile {
            path: path.to_owned(),
            out: match is_compressed(path) {
                true => Output::Compressed(GzEncoder::new(out, Compression::default())),
                false => Output::Plain(out),
            },
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
        let written = action(&mut self.out);
        written.map_err(|error| unwritten(&self.path, &error))
    }

    /// Writes what is still in memory, and ends the file.
    ///
    /// # Errors
    /// If the file can't be written.
    pub(super) fn finish(self) -> Result<(), Problem> {
        let ended = match self.out {
            Output::Plain(mut out) => out.flush(),
            Output::Compressed(out) => out.finish().and_then(|mut out| out.flush()),
        };
        ended.map_err(|error| unwritten(&self.path, &error))
    }
}

fn unwritten(path: &Path, error: &io::Error) -> Problem {
    let what = format!("can't write {}: {error}", path.display());
    Problem::new(ExitCode::Harness, what)
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Output::Plain(out) => out.write(bytes),
            Output::Compressed(out) => out.write(bytes),
        }
    }

    /// Flushes a plain file only: each flush of a compressed one would make it larger.
    fn flush(&mut self) -> io::Result<()> {
        match self {
            Output::Plain(out) => out.flush(),
            Output::Compressed(_) => Ok(()),
        }
    }
}
