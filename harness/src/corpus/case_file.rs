//! One case file: reading, checking and expanding it.

use std::path::PathBuf;
use std::sync::Arc;

use super::error::{FileError, RejectedFile};
use crate::case::expand::{self, Expansion};
use crate::case::{self, Case, ClauseStatus, Diagnostics, Property, name};
use crate::plan::Permutation;

/// A case file without mistakes.
#[derive(Clone, Debug)]
pub struct CaseFile {
    /// The name of the case, such as `seed/queue`.
    pub name: String,
    /// The path that reports show, relative to the root folder if the file is in it.
    pub path: PathBuf,
    /// The whole file, for reports that mark a part of it.
    pub text: String,
    /// The checked case.
    pub case: Arc<Case>,
    /// Its permutations, in order. Those of a property have the simplest values.
    pub permutations: Vec<Permutation>,
    /// For a property, one for each permutation; else empty.
    pub properties: Vec<Arc<Property>>,
}

impl CaseFile {
    /// Whether the file is in the root folder's `cases/`.
    pub fn is_in_cases(&self) -> bool {
        self.path.starts_with("cases")
    }

    /// Checks and expands the text of a case that isn't in a file.
    ///
    /// # Errors
    /// Returns everything that is wrong with the text.
    pub(crate) fn generated(
        name: String,
        text: &str,
        clauses: &dyn Fn(&str) -> ClauseStatus,
    ) -> Result<CaseFile, Diagnostics> {
        let (case, expansion) = examine(&name, text, clauses)?;
        Ok(CaseFile {
            path: PathBuf::from(format!("{name}.toml")),
            name,
            text: text.to_owned(),
            case,
            permutations: expansion.permutations,
            properties: expansion.properties,
        })
    }

    /// Checks the text of a file. `path` is the path that reports show.
    ///
    /// # Errors
    /// Returns everything that is wrong with the file: its syntax, its meaning, and mistakes that
    /// only a permutation shows.
    pub(super) fn of(
        name: String,
        path: PathBuf,
        text: Result<String, FileError>,
        clauses: &dyn Fn(&str) -> ClauseStatus,
    ) -> Result<CaseFile, RejectedFile> {
        match text.and_then(|text| checked(&name, text, clauses)) {
            Ok((text, case, expansion)) => Ok(CaseFile {
                name,
                path,
                text,
                case,
                permutations: expansion.permutations,
                properties: expansion.properties,
            }),
            Err(error) => Err(RejectedFile { path, error }),
        }
    }
}

fn checked(
    name: &str,
    text: String,
    clauses: &dyn Fn(&str) -> ClauseStatus,
) -> Result<(String, Arc<Case>, Expansion), FileError> {
    if let Some(why) = name::invalid(name) {
        return Err(FileError::BadName(why));
    }
    match examine(name, &text, clauses) {
        Ok((case, expansion)) => Ok((text, case, expansion)),
        Err(diagnostics) => Err(FileError::Wrong { text, diagnostics }),
    }
}

/// Parses, checks and expands the text of a case.
///
/// # Errors
/// Returns all mistakes at once.
pub(super) fn examine(
    name: &str,
    text: &str,
    clauses: &dyn Fn(&str) -> ClauseStatus,
) -> Result<(Arc<Case>, Expansion), Diagnostics> {
    let case = Arc::new(case::parse(text)?);
    let mut wrong = case::check(&case, clauses).err().unwrap_or_default();
    match expand::expand(name, &case) {
        Ok(expansion) if wrong.is_empty() => Ok((case, expansion)),
        Ok(_) => Err(wrong),
        Err(more) => {
            wrong.extend(more);
            Err(wrong)
        }
    }
}
