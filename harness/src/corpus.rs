//! The files of a root folder: cases, clauses, goldens and divergences.
//!
//! In: the path of a root folder, and patterns. Out: checked cases, the clause catalogue, goldens,
//! reviewed divergences, the trials to run, and every file with mistakes. It runs nothing and
//! judges nothing. It writes no file.
//!
//! A program that finds no root folder has the files of this package as they were built, and adds the
//! cases of the current folder.
//!
//! A [`RootFolder`] knows the paths. A [`CaseFolder`] is a root folder together with its clause
//! catalogue, and reads the files.

mod case_file;
mod case_folder;
mod embedded;
mod error;
mod root_folder;
mod selection;

pub use case_file::CaseFile;
pub use case_folder::CaseFolder;
pub(crate) use case_folder::{CaseFolderError, Divergences, tested_clauses};
pub(crate) use error::RejectedFile;
#[cfg(feature = "cli")]
pub(crate) use error::{FileError, text as file_text};
pub use root_folder::{ROOT_VARIABLE, RootFolder};
pub(crate) use selection::similar_names;
pub use selection::{TrialFilter, can_run, trials};

#[cfg(test)]
mod tests;
