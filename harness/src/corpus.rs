//! The case files of one root folder, read from disk.

use std::io;
use std::path::{Path, PathBuf};

use crate::case::{Case, ClauseStatus, Diagnostics};
use crate::permutation::Permutation;

/// The environment variable that names the root.
pub const ROOT_VARIABLE: &str = "IPC_CONFORMANCE_ROOT";

/// A root folder with `cases/` and `golden/` in it, and the case files found there.
#[derive(Clone, Debug)]
pub struct Corpus {
    root: PathBuf,
    files: Vec<PathBuf>,
}

/// One case file that is as it should be.
#[derive(Clone, Debug)]
pub struct CaseFile {
    /// The case's name, as in `seed/queue`.
    pub name: String,
    /// Where it was read from, as reports name it.
    pub path: PathBuf,
    /// All of it, for carets.
    pub text: String,
    /// What it says.
    pub case: Case,
    /// Its permutations, in order.
    pub permutations: Vec<Permutation>,
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
    /// It isn't UTF-8, from this byte on.
    NotText {
        /// How many bytes before the first wrong one.
        valid: usize,
    },
    /// Its name can't be a case's.
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
        let _ = coloured;
        String::new()
    }
}

/// Why there is no corpus.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// A folder can't be listed.
    #[error("can't list {}: {error}", path.display())]
    Unlistable {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// No case file was found.
    #[error("no case found in {}", path.display())]
    Empty {
        /// Where.
        path: PathBuf,
    },
}

impl Corpus {
    /// The corpus in `root`; without one, in the folder that [`ROOT_VARIABLE`] names, else in the
    /// nearest folder above the current one that has `cases/clauses.toml`, else in this package's.
    pub fn find(root: Option<&Path>) -> Result<Corpus, CorpusError> {
        let root = root.unwrap_or(Path::new(".")).to_owned();
        Ok(Corpus {
            root,
            files: Vec::new(),
        })
    }

    /// The root folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The clause catalogue.
    pub fn catalogue(&self) -> PathBuf {
        self.root.join("cases/clauses.toml")
    }

    /// The case files, in the order of their names.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The golden of the case with this name: `golden/<area>/<case>.snap`.
    pub fn golden(&self, name: &str) -> PathBuf {
        self.root.join("golden").join(format!("{name}.snap"))
    }

    /// Reads every case file, in the order of their names.
    pub fn load(
        &self,
        clauses: &dyn Fn(&str) -> ClauseStatus,
    ) -> Vec<Result<CaseFile, FaultyFile>> {
        self.files
            .iter()
            .map(|path| self.read(path, clauses))
            .collect()
    }

    /// Reads one case file, inside the root or not.
    pub fn read(
        &self,
        path: &Path,
        clauses: &dyn Fn(&str) -> ClauseStatus,
    ) -> Result<CaseFile, FaultyFile> {
        let _ = clauses;
        Err(FaultyFile {
            path: path.to_owned(),
            fault: Fault::BadName(String::new()),
        })
    }
}
