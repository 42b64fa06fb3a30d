//! The paths of a root folder, which has `cases/` and `golden/` in it.

use std::env;
use std::fs;
use std::path::{MAIN_SEPARATOR_STR, Path, PathBuf};

use super::case_file::CaseFile;
use super::embedded;
use super::error::{self, RejectedFile, RootFolderError};
use crate::case::ClauseStatus;

/// The environment variable with the path of the root folder.
pub const ROOT_VARIABLE: &str = "IPC_CONFORMANCE_ROOT";

/// The clause catalogue, relative to the root folder. A folder with this file is a root folder.
pub(super) const CATALOGUE: &str = "cases/clauses.toml";

/// The folder of cases, relative to the root folder.
const CASES: &str = "cases";

/// The folder of divergences, relative to the root folder.
pub(super) const DIVERGENCES: &str = "golden/divergences";

/// A root folder, and the paths of its case files.
#[derive(Clone, Debug)]
pub struct RootFolder {
    root: PathBuf,
    files: Vec<PathBuf>,
    /// Whether this is the current folder, and the corpus of this package is in the program.
    is_embedded: bool,
}

impl RootFolder {
    /// Finds the root folder: `root` if it is given, else the folder in [`ROOT_VARIABLE`], else the
    /// nearest folder with a clause catalogue, from the current folder upwards. Without any, the files
    /// of this package are in the program, and the current folder may add cases.
    ///
    /// # Errors
    /// Returns an error if a folder can't be listed, or if there is no case file.
    pub fn find(root: Option<&Path>) -> Result<RootFolder, RootFolderError> {
        let mut files = Vec::new();
        let (root, is_embedded) = match root.map(Path::to_owned).or_else(root_from_here) {
            Some(root) => (root, false),
            None => (env::current_dir().unwrap_or_default(), true),
        };
        let cases = root.join(CASES);
        if !is_embedded || cases.is_dir() {
            list(&cases, &mut files)?;
        }
        if is_embedded {
            let embedded = embedded::below(CASES).map(|(path, _)| root.join(path));
            files.extend(embedded);
        }
        let catalogue = root.join(CATALOGUE);
        files.retain(|file| *file != catalogue);
        if files.is_empty() {
            return Err(RootFolderError::Empty { path: cases });
        }
        // By name and not by path, so that the order is the same on every system.
        files.sort_by_cached_key(|file| name_in(&root, file));
        files.dedup();
        Ok(RootFolder {
            root,
            files,
            is_embedded,
        })
    }

    /// Returns the path of the folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the path of the clause catalogue.
    pub fn catalogue(&self) -> PathBuf {
        self.root.join(CATALOGUE)
    }

    /// Returns the text of this file if the program has it, and the folder doesn't.
    pub(crate) fn embedded(&self, file: &Path) -> Option<&'static str> {
        if !self.is_embedded || file.is_file() {
            return None;
        }
        let path = file.strip_prefix(&self.root).ok()?;
        embedded::text(&path.to_str()?.replace(MAIN_SEPARATOR_STR, "/"))
    }

    /// Returns the divergences in the program, which are about backends of this package.
    pub(super) fn embedded_divergences(&self) -> Vec<(&'static str, &'static str)> {
        match self.is_embedded {
            true => embedded::below(DIVERGENCES).collect(),
            false => Vec::new(),
        }
    }

    /// Returns the case files, sorted by the names of their cases.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Returns the path of a case's golden: `golden/<area>/<case>.snap`.
    pub fn golden(&self, name: &str) -> PathBuf {
        self.root.join("golden").join(format!("{name}.snap"))
    }

    /// Returns the root folder whose divergences count, if there is one. All their backends must exist
    /// in this program.
    pub fn divergences(&self) -> Option<PathBuf> {
        match self.is_embedded {
            true => above_here(DIVERGENCES, Path::is_dir),
            false => Some(self.root.clone()),
        }
    }

    /// Returns where this program keeps a file of divergences: the path, and the path that reports
    /// show.
    pub fn divergences_of(&self, name: &str) -> (PathBuf, String) {
        let root = self.divergences().unwrap_or_else(|| self.root.clone());
        let folder = root.join(DIVERGENCES);
        (folder.join(name), format!("{DIVERGENCES}/{name}"))
    }

    /// Reads every case file, sorted by name.
    pub fn load(
        &self,
        clauses: &dyn Fn(&str) -> ClauseStatus,
    ) -> Vec<Result<CaseFile, RejectedFile>> {
        let files = self.files.iter();
        files.map(|file| self.read(file, clauses)).collect()
    }

    /// Reads one case file, which may be outside the root folder.
    ///
    /// # Errors
    /// Returns everything that is wrong with the file.
    pub fn read(
        &self,
        file: &Path,
        clauses: &dyn Fn(&str) -> ClauseStatus,
    ) -> Result<CaseFile, RejectedFile> {
        let path = file.strip_prefix(&self.root).unwrap_or(file).to_owned();
        let text = match self.embedded(file) {
            Some(text) => Ok(text.to_owned()),
            None => error::text(file),
        };
        CaseFile::of(name_in(&self.root, file), path, text, clauses)
    }
}

/// Finds the root folder by the environment variable, or from the current folder upwards.
fn root_from_here() -> Option<PathBuf> {
    let named = env::var_os(ROOT_VARIABLE).map(PathBuf::from);
    named.or_else(|| above_here(CATALOGUE, Path::is_file))
}

/// Returns the nearest folder that contains `part`, from the current folder upwards.
fn above_here(part: &str, is_it: fn(&Path) -> bool) -> Option<PathBuf> {
    let here = env::current_dir().unwrap_or_default();
    let mut above = here.ancestors();
    let found = above.find(|folder| is_it(&folder.join(part)))?;
    Some(found.to_owned())
}

/// Adds every `*.toml` file in this folder and its subfolders.
fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), RootFolderError> {
    let unlistable = |error| RootFolderError::Unlistable {
        path: folder.to_owned(),
        error,
    };
    for entry in fs::read_dir(folder).map_err(unlistable)? {
        let path = entry.map_err(unlistable)?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            files.push(path);
        }
    }
    Ok(())
}

/// Returns the name of the case in a file: its path in `cases/`, or for other files the names of
/// its folder and of the file.
pub(super) fn name_in(root: &Path, file: &Path) -> String {
    let stem = file.with_extension("");
    let parts = |path: &Path| -> Vec<String> {
        path.iter()
            .map(|part| part.to_string_lossy().into_owned())
            .collect()
    };
    match stem.strip_prefix(root.join("cases")) {
        Ok(inside) => parts(inside).join("/"),
        Err(_) => {
            let folder = stem.parent().and_then(Path::file_name);
            let area = folder.map_or("file".into(), |folder| folder.to_string_lossy());
            let file = stem.file_name().unwrap_or_default().to_string_lossy();
            format!("{}/{}", valid_part(&area), valid_part(&file))
        }
    }
}

/// Makes a part of a case's name from any file name.
fn valid_part(part: &str) -> String {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let part: String = part
        .chars()
        .map(|c| c.to_ascii_lowercase())
        .map(|c| if allowed(c) { c } else { '-' })
        .collect();
    if part.is_empty() {
        "file".to_owned()
    } else {
        part
    }
}
