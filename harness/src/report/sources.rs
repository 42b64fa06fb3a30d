//! The texts that reports quote.

use std::collections::BTreeMap;

use super::again::Again;
use crate::clause::Catalogue;
use crate::corpus::{CaseFile, CaseFolder};

/// Texts that reports quote and that events only name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    /// The case files, by the names of their cases.
    pub cases: BTreeMap<String, CaseText>,
    /// The clauses.
    pub catalogue: Catalogue,
    /// The files of divergences, by the paths that reports show.
    pub divergences: BTreeMap<String, String>,
    /// How to run a trial again.
    pub again: Again,
}

impl Sources {
    /// Returns the texts of these cases and the clauses of their folder, without divergences.
    pub(crate) fn of(folder: &CaseFolder, cases: &[CaseFile]) -> Sources {
        let text = |case: &CaseFile| CaseText {
            path: case.path.display().to_string(),
            text: case.text.clone(),
        };
        Sources {
            cases: cases
                .iter()
                .map(|case| (case.name.clone(), text(case)))
                .collect(),
            catalogue: Catalogue::clone(&folder.catalogue),
            divergences: BTreeMap::new(),
            again: Again::default(),
        }
    }
}

/// The text of one case file.
#[derive(Clone, Debug)]
pub(crate) struct CaseText {
    /// The path that reports show.
    pub path: String,
    /// The whole file.
    pub text: String,
}
