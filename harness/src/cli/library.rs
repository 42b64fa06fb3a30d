//! Everything that commands read: the cases, the clauses and the goldens.

use std::collections::BTreeMap;
use std::fs;
use std::io::{IsTerminal, stderr};
use std::path::Path;
use std::sync::Arc;

use super::{Problem, tell};
use crate::case::ClauseStatus;
use crate::clause::catalogue::Catalogue;
use crate::corpus::{CaseFile, Corpus, CorpusError, FaultyFile};
use crate::exit_code::ExitCode;
use crate::golden::{self, Golden};
use crate::report::{CaseText, Sources};
use crate::{invariant, select};

/// A root folder, and the promises that its cases are about.
#[derive(Debug)]
pub(super) struct Library {
    pub(super) corpus: Corpus,
    pub(super) catalogue: Arc<Catalogue>,
    ids: Vec<String>,
}

impl Library {
    pub(super) fn open(root: Option<&Path>) -> Result<Library, Problem> {
        let corpus = Corpus::find(root).map_err(|error| {
            let code = match error {
                CorpusError::Empty { .. } => ExitCode::NothingToRun,
                CorpusError::Unlistable { .. } => ExitCode::Usage,
            };
            Problem::new(code, error)
        })?;
        let path = corpus.catalogue();
        let wrong = |error: &dyn std::fmt::Display| {
            Problem::new(ExitCode::Usage, format_args!("{}: {error}", path.display()))
        };
        let text = fs::read_to_string(&path).map_err(|error| wrong(&error))?;
        let catalogue = Catalogue::parse(&text).map_err(|error| wrong(&error))?;
        let ids = catalogue.iter().map(|clause| clause.id.to_string());
        Ok(Library {
            ids: ids.collect(),
            corpus,
            catalogue: Arc::new(catalogue),
        })
    }

    /// What is known of a clause that a case lists.
    pub(super) fn status(&self, clause: &str) -> ClauseStatus {
        if self.catalogue.get(&clause.into()).is_none() {
            let alike = select::alike(clause, &self.ids);
            let nearest = alike.first().map(|id| (*id).to_owned());
            ClauseStatus::Unknown { nearest }
        } else if invariant::covers(clause) {
            ClauseStatus::Judged
        } else {
            ClauseStatus::Unjudged
        }
    }

    /// Every case that is as it should be, and how many aren't: those are told of on standard
    /// error.
    pub(super) fn cases(&self) -> (Vec<CaseFile>, usize) {
        sorted_out(self.corpus.load(&|clause| self.status(clause)))
    }

    /// The goldens of these cases, by the cases' names.
    pub(super) fn goldens(
        &self,
        cases: &[CaseFile],
    ) -> Result<BTreeMap<String, Arc<Golden>>, Problem> {
        let mut goldens = BTreeMap::new();
        for case in cases {
            let golden = golden::file::read(&self.corpus.golden(&case.name))
                .map_err(|error| Problem::new(ExitCode::Usage, error))?;
            if let Some(golden) = golden {
                goldens.insert(case.name.clone(), Arc::new(golden));
            }
        }
        Ok(goldens)
    }

    /// What reports quote.
    pub(super) fn sources(&self, cases: &[CaseFile]) -> Sources {
        let text = |case: &CaseFile| CaseText {
            path: case.path.display().to_string(),
            text: case.text.clone(),
        };
        Sources {
            cases: cases
                .iter()
                .map(|case| (case.name.clone(), text(case)))
                .collect(),
            catalogue: Catalogue::clone(&self.catalogue),
        }
    }
}

/// Tells of the faulty ones.
pub(super) fn sorted_out(files: Vec<Result<CaseFile, FaultyFile>>) -> (Vec<CaseFile>, usize) {
    let mut faulty = 0;
    let mut cases = Vec::new();
    for file in files {
        match file {
            Ok(case) => cases.push(case),
            Err(fault) => {
                faulty += 1;
                tell(&(fault.render(stderr().is_terminal()) + "\n"));
            }
        }
    }
    (cases, faulty)
}
