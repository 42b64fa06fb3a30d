//! Errors of root folders and of files in them.

use std::io;
use std::path::{Path, PathBuf};

use crate::case::Diagnostics;
use crate::os::text_file::{self, LARGEST};
use crate::printable::{line, short};

/// The reason why a root folder can't be used.
#[derive(Debug, thiserror::Error)]
pub enum RootFolderError {
    /// A folder can't be listed.
    #[error("can't list the cases in {}: {error}", path.display())]
    Unlistable {
        /// The folder.
        path: PathBuf,
        /// The reason.
        error: io::Error,
    },
    /// No case file was found.
    #[error("no case found in {}: a case file is `cases/<area>/<name>.toml`", path.display())]
    Empty {
        /// The folder without cases.
        path: PathBuf,
    },
}

/// A case file, golden or divergence file with mistakes.
#[derive(Debug)]
pub struct RejectedFile {
    /// The path that reports show.
    pub path: PathBuf,
    /// The mistakes.
    pub error: FileError,
}

/// The mistakes in a file.
#[derive(Debug)]
pub enum FileError {
    /// It can't be read.
    Unreadable(io::Error),
    /// It isn't UTF-8.
    NotText {
        /// The number of valid bytes at its start.
        valid: usize,
    },
    /// Its name can't be the name of a case, for this reason.
    BadName(String),
    /// Its text is wrong.
    Wrong {
        /// The whole file.
        text: String,
        /// Its mistakes.
        diagnostics: Diagnostics,
    },
}

/// Reads a file's text.
pub(crate) fn text(path: &Path) -> Result<String, FileError> {
    let bytes = text_file::read(path, LARGEST).map_err(FileError::Unreadable)?;
    String::from_utf8(bytes).map_err(|error| FileError::NotText {
        valid: error.utf8_error().valid_up_to(),
    })
}

impl RejectedFile {
    /// Returns the mistakes as text.
    pub fn render(&self, coloured: bool) -> String {
        let path = self.path.display().to_string();
        let path = line(&path);
        match &self.error {
            FileError::Unreadable(error) => {
                format!("error: can't read {path}: {}\n", line(&error.to_string()))
            }
            FileError::NotText { valid } => {
                format!("error: {path} isn't UTF-8: byte {valid} is invalid\n")
            }
            FileError::BadName(why) => format!("error: {path}: {}\n", short(why)),
            FileError::Wrong { text, diagnostics } => diagnostics.render(&path, text, coloured),
        }
    }
}
