//! A root folder with its clause catalogue: reads cases, goldens and divergences.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::case::ClauseStatus;
use crate::clause::{Catalogue, ClauseId};
use crate::corpus::case_file::CaseFile;
use crate::corpus::error::{RejectedFile, RootFolderError};
use crate::corpus::root_folder::RootFolder;
use crate::corpus::similar_names;
use crate::event::ExitCode;
use crate::judge::golden::{self, Golden};
use crate::judge::invariant;
use crate::os::text_file;

mod divergences;

pub(crate) use divergences::Divergences;

/// A root folder and its clause catalogue.
#[derive(Debug)]
pub struct CaseFolder {
    /// The paths of the folder.
    pub root_folder: RootFolder,
    /// The clauses.
    pub catalogue: Arc<Catalogue>,
    ids: Vec<String>,
}

/// The reason why a case folder can't be used.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct CaseFolderError {
    /// The exit code of the program.
    pub code: ExitCode,
    /// The message.
    pub what: String,
}

impl CaseFolderError {
    fn new(code: ExitCode, what: impl std::fmt::Display) -> CaseFolderError {
        CaseFolderError {
            code,
            what: what.to_string(),
        }
    }
}

impl CaseFolder {
    /// Opens this folder, or the one that [`RootFolder::find`] finds.
    ///
    /// # Errors
    /// Returns an error if there are no cases, or if the clause catalogue can't be read.
    pub fn open(root: Option<&Path>) -> Result<CaseFolder, CaseFolderError> {
        let root_folder = RootFolder::find(root).map_err(|error| {
            let code = match error {
                RootFolderError::Empty { .. } => ExitCode::NothingToRun,
                RootFolderError::Unlistable { .. } => ExitCode::Usage,
            };
            CaseFolderError::new(code, error)
        })?;
        let path = root_folder.catalogue();
        let wrong = |error: &dyn std::fmt::Display| {
            CaseFolderError::new(ExitCode::Usage, format_args!("{}: {error}", path.display()))
        };
        let text = match root_folder.embedded(&path) {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(text_file::read_text(&path).map_err(|error| wrong(&error))?),
        };
        let catalogue = Catalogue::parse(&text).map_err(|error| wrong(&error))?;
        let ids = catalogue.iter().map(|clause| clause.id.to_string());
        Ok(CaseFolder {
            ids: ids.collect(),
            root_folder,
            catalogue: Arc::new(catalogue),
        })
    }

    /// Returns whether the catalogue has this clause, and whether an invariant covers it.
    pub fn status(&self, clause: &str) -> ClauseStatus {
        if self.catalogue.get(&clause.into()).is_none() {
            let similar = similar_names(clause, &self.ids);
            let nearest = similar.first().map(|id| (*id).to_owned());
            ClauseStatus::Unknown { nearest }
        } else if invariant::covers(clause) {
            ClauseStatus::Judged
        } else {
            ClauseStatus::Unjudged
        }
    }

    /// Reads all cases. Returns those without mistakes, and the files with mistakes.
    pub fn cases(&self) -> (Vec<CaseFile>, Vec<RejectedFile>) {
        separated(self.root_folder.load(&|clause| self.status(clause)))
    }

    /// Reads only these files, which may be outside the folder.
    pub fn files(&self, files: &[PathBuf]) -> (Vec<CaseFile>, Vec<RejectedFile>) {
        let read = |file: &PathBuf| self.root_folder.read(file, &|clause| self.status(clause));
        separated(files.iter().map(read).collect())
    }

    /// Reads the goldens of these cases. The keys are the names of the cases.
    ///
    /// # Errors
    /// Returns an error if a golden can't be read.
    pub fn goldens(
        &self,
        cases: &[CaseFile],
    ) -> Result<BTreeMap<String, Arc<Golden>>, CaseFolderError> {
        let mut goldens = BTreeMap::new();
        for case in cases.iter().filter(|case| case.is_in_cases()) {
            let path = self.root_folder.golden(&case.name);
            let golden = match self.root_folder.embedded(&path) {
                Some(text) => golden::file::parse(&path, text).map(Some),
                None => golden::file::read(&path),
            };
            let golden = golden.map_err(|error| CaseFolderError::new(ExitCode::Usage, error))?;
            if let Some(golden) = golden {
                goldens.insert(case.name.clone(), Arc::new(golden));
            }
        }
        Ok(goldens)
    }
}

/// Returns the clauses that these cases list, each with the names of its cases.
pub(crate) fn tested_clauses(cases: &[CaseFile]) -> BTreeMap<&ClauseId, Vec<&str>> {
    let mut tested: BTreeMap<&ClauseId, Vec<&str>> = BTreeMap::new();
    for case in cases {
        for clause in &case.case.clauses {
            tested.entry(&clause.value).or_default().push(&case.name);
        }
    }
    tested
}

/// Separates files without mistakes from those with mistakes.
fn separated(files: Vec<Result<CaseFile, RejectedFile>>) -> (Vec<CaseFile>, Vec<RejectedFile>) {
    let mut good = Vec::new();
    let mut rejected = Vec::new();
    for file in files {
        match file {
            Ok(case) => good.push(case),
            Err(file) => rejected.push(file),
        }
    }
    (good, rejected)
}
