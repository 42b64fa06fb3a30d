//! What can be wrong with a corpus or a file of it.

use std::io;
use std::path::PathBuf;

use crate::case::Diagnostics;

/// Why there is no corpus.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// A folder can't be listed.
    #[error("can't list the cases in {}: {error}", path.display())]
    Unlistable {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// No case file was found.
    #[error("no case found in {}: a case is `cases/<area>/<name>.toml`", path.display())]
    Empty {
        /// Where.
        path: PathBuf,
    },
}

/// One case file that can't be run.
#[derive(Debug)]
pub struct FaultyFile {
    /// Where it was read from, as reports name it.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a file.
#[derive(Debug)]
pub enum Fault {
    /// It can't be read.
    Unreadable(io::Error),
    /// It isn't UTF-8.
    NotText {
        /// How many bytes stand before the first that isn't.
        valid: usize,
    },
    /// Its name can't be a case's, and why.
    BadName(String),
    /// Its text is wrong.
    Wrong {
        /// All of it, for carets.
        text: String,
        /// In these ways.
        diagnostics: Diagnostics,
    },
}

impl FaultyFile {
    /// As a person reads it.
    pub fn render(&self, coloured: bool) -> String {
        let path = self.path.display().to_string();
        match &self.fault {
            Fault::Unreadable(error) => format!("error: can't read {path}: {error}\n"),
            Fault::NotText { valid } => {
                format!("error: {path} is no UTF-8 text: byte {valid} is wrong\n")
            }
            Fault::BadName(why) => format!("error: {path}: {why}\n"),
            Fault::Wrong { text, diagnostics } => diagnostics.render(&path, text, coloured),
        }
    }
}
