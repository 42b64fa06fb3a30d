//! The paths of a root folder, which has `cases/` and `golden/` in it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use super::case_file::CaseFile;
use super::error::{RejectedFile, RootFolderError};
use crate::case::ClauseStatus;

/// The environment variable with the path of the root folder.
pub const ROOT_VARIABLE: &str = "IPC_CONFORMANCE_ROOT";

/// The clause catalogue, relative to the root folder. A folder with this file is a root folder.
pub(super) const CATALOGUE: &str = "cases/clauses.toml";

/// The folder of divergences, relative to the root folder.
pub(super) const DIVERGENCES: &str = "golden/divergences";

/// A root folder, and the paths of its case files.
#[derive(Clone, Debug)]
pub struct RootFolder {
    root: PathBuf,
    files: Vec<PathBuf>,
    /// Whether this is the folder of this package, because no other was found.
    is_of_package: bool,
}

impl RootFolder {
    /// Finds the root folder: `root` if it is given, else the folder in [`ROOT_VARIABLE`], else the
    /// nearest folder with a clause catalogue, from the current folder upwards, else the folder of
    /// this package.
    ///
    /// # Errors
    /// Returns an error if a folder can't be listed, or if there is no case file.
    pub fn find(root: Option<&Path>) -> Result<RootFolder, RootFolderError> {
        let (root, is_of_package) = match root.map(Path::to_owned).or_else(root_from_here) {
            Some(root) => (root, false),
            None => (PathBuf::from(env!("CARGO_MANIFEST_DIR")), true),
        };
        let mut files = Vec::new();
        list(&root.join("cases"), &mut files)?;
        let catalogue = root.join(CATALOGUE);
        files.retain(|file| *file != catalogue);
        if files.is_empty() {
            return Err(RootFolderError::Empty {
                path: root.join("cases"),
            });
        }
        // By name and not by path, so that the order is the same on every system.
        files.sort_by_cached_key(|file| name_in(&root, file));
        Ok(RootFolder {
            root,
            files,
            is_of_package,
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

    /// Returns the case files, sorted by the names of their cases.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Returns the path of a case's golden: `golden/<area>/<case>.snap`.
    pub fn golden(&self, name: &str) -> PathBuf {
        self.root.join("golden").join(format!("{name}.snap"))
    }

    /// Returns the root folders whose divergences count, each with whether all their backends must
    /// exist in this program. Another crate that runs the cases of this package has divergences in
    /// its own folder, and lacks some backends that the divergences of this package are about.
    pub fn divergences(&self) -> Vec<(PathBuf, bool)> {
        let mut roots = vec![(self.root.clone(), !self.is_of_package)];
        if self.is_of_package {
            let of_other = above_here(DIVERGENCES, Path::is_dir);
            roots.extend(of_other.map(|root| (root, true)));
        }
        roots
    }

    /// Returns where this program keeps a file of divergences: the path, and the path that reports
    /// show.
    pub fn divergences_of(&self, name: &str) -> (PathBuf, String) {
        let roots = self.divergences().into_iter();
        let mut own = roots.filter_map(|(root, has_all)| has_all.then_some(root));
        let root = own.next().or_else(|| env::current_dir().ok());
        let folder = root.unwrap_or_default().join(DIVERGENCES);
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
        CaseFile::read(name_in(&self.root, file), path, file, clauses)
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
