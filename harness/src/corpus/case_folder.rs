//! The folder that a run reads: its cases, clauses and goldens.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::case::ClauseStatus;
use crate::clause::catalogue::Catalogue;
use crate::corpus::{CaseFile, Corpus, CorpusError, FaultyFile, selection};
use crate::event::exit_code::ExitCode;
use crate::judge::golden::{self, Golden};
use crate::judge::invariant;

mod divergences;

pub use divergences::Divergences;

/// A root folder, and the promises that its cases are about.
#[derive(Debug)]
pub struct CaseFolder {
    /// The folder's case files.
    pub corpus: Corpus,
    /// What its clauses say.
    pub catalogue: Arc<Catalogue>,
    ids: Vec<String>,
}

/// Something that can't be read, and what to exit with.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct CaseFolderError {
    /// What to exit with.
    pub code: ExitCode,
    /// What is wrong, and where.
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
    /// Opens this folder, or the one that [`Corpus::find`] finds.
    ///
    /// # Errors
    /// Where there are no cases, or the catalogue of clauses can't be read.
    pub fn open(root: Option<&Path>) -> Result<CaseFolder, CaseFolderError> {
        let corpus = Corpus::find(root).map_err(|error| {
            let code = match error {
                CorpusError::Empty { .. } => ExitCode::NothingToRun,
                CorpusError::Unlistable { .. } => ExitCode::Usage,
            };
            CaseFolderError::new(code, error)
        })?;
        let path = corpus.catalogue();
        let wrong = |error: &dyn std::fmt::Display| {
            CaseFolderError::new(ExitCode::Usage, format_args!("{}: {error}", path.display()))
        };
        let text = fs::read_to_string(&path).map_err(|error| wrong(&error))?;
        let catalogue = Catalogue::parse(&text).map_err(|error| wrong(&error))?;
        let ids = catalogue.iter().map(|clause| clause.id.to_string());
        Ok(CaseFolder {
            ids: ids.collect(),
            corpus,
            catalogue: Arc::new(catalogue),
        })
    }

    /// What is known of a clause that a case lists.
    pub fn status(&self, clause: &str) -> ClauseStatus {
        if self.catalogue.get(&clause.into()).is_none() {
            let alike = selection::alike(clause, &self.ids);
            let nearest = alike.first().map(|id| (*id).to_owned());
            ClauseStatus::Unknown { nearest }
        } else if invariant::covers(clause) {
            ClauseStatus::Judged
        } else {
            ClauseStatus::Unjudged
        }
    }

    /// Every case that is as it should be, and every file that isn't.
    pub fn cases(&self) -> (Vec<CaseFile>, Vec<FaultyFile>) {
        sorted_out(self.corpus.load(&|clause| self.status(clause)))
    }

    /// The same of these files alone, which may stand anywhere.
    pub fn files(&self, files: &[PathBuf]) -> (Vec<CaseFile>, Vec<FaultyFile>) {
        let read = |file: &PathBuf| self.corpus.read(file, &|clause| self.status(clause));
        sorted_out(files.iter().map(read).collect())
    }

    /// The goldens of these cases, by the cases' names.
    ///
    /// # Errors
    /// Where one can't be read.
    pub fn goldens(
        &self,
        cases: &[CaseFile],
    ) -> Result<BTreeMap<String, Arc<Golden>>, CaseFolderError> {
        let mut goldens = BTreeMap::new();
        for case in cases.iter().filter(|case| case.is_in_corpus()) {
            let golden = golden::file::read(&self.corpus.golden(&case.name))
                .map_err(|error| CaseFolderError::new(ExitCode::Usage, error))?;
            if let Some(golden) = golden {
                goldens.insert(case.name.clone(), Arc::new(golden));
            }
        }
        Ok(goldens)
    }
}

/// Good files apart from faulty ones.
fn sorted_out(files: Vec<Result<CaseFile, FaultyFile>>) -> (Vec<CaseFile>, Vec<FaultyFile>) {
    let mut good = Vec::new();
    let mut faulty = Vec::new();
    for file in files {
        match file {
            Ok(case) => good.push(case),
            Err(fault) => faulty.push(fault),
        }
    }
    (good, faulty)
}
