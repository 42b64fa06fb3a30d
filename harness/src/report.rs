//! What people and programs read: made of events, and of what those quote.

use std::collections::BTreeMap;

use crate::clause::catalogue::Catalogue;
use crate::corpus::CaseFile;
use crate::corpus::case_folder::CaseFolder;

pub mod comparison;
mod diverging;
pub mod json;
pub mod judged;
pub mod junit;
pub mod matrix;
pub mod merged;
pub mod page;
mod progress;
pub mod proof;
pub mod sequence;
mod style;
pub mod text;
mod wait_for;

/// What reports quote that events only name.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The case files, by the case's name.
    pub cases: BTreeMap<String, CaseText>,
    /// The clauses.
    pub catalogue: Catalogue,
    /// The files of divergences, by the path that reports name.
    pub divergences: BTreeMap<String, String>,
}

impl Sources {
    /// The texts of these cases and the clauses of their folder; no divergences yet.
    pub fn of(folder: &CaseFolder, cases: &[CaseFile]) -> Sources {
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
        }
    }
}

/// One case file.
#[derive(Clone, Debug)]
pub struct CaseText {
    /// Where it was read from, as reports name it.
    pub path: String,
    /// All of it.
    pub text: String,
}

/// So many of these, as in `1 trial` and `2 trials`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
