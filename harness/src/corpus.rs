//! The case files of one root folder, read from disk.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::case::expand::{self, Expansion, Property};
use crate::case::{self, Case, ClauseStatus, name};
use crate::plan::Permutation;

pub mod case_folder;
mod fault;
pub mod selection;

pub use fault::{CorpusError, Fault, FaultyFile};

/// The environment variable that names the root.
pub const ROOT_VARIABLE: &str = "IPC_CONFORMANCE_ROOT";

/// What makes a folder a root, and is no case.
const CATALOGUE: &str = "cases/clauses.toml";

/// Where divergences are, below a root.
pub(crate) const DIVERGENCES: &str = "golden/divergences";

/// A root folder with `cases/` and `golden/` in it, and the case files found there.
#[derive(Clone, Debug)]
pub struct Corpus {
    root: PathBuf,
    files: Vec<PathBuf>,
    /// Whether the root is this package's own, for want of another.
    is_ours: bool,
}

/// One case file that is as it should be.
#[derive(Clone, Debug)]
pub struct CaseFile {
    /// The case's name, as in `seed/queue`.
    pub name: String,
    /// Where it was read from, as reports name it: from the root, where it is below that.
    pub path: PathBuf,
    /// All of it, for carets.
    pub text: String,
    /// What it says.
    pub case: Arc<Case>,
    /// Its permutations, in order; those of a property with the simplest values drawn.
    pub permutations: Vec<Permutation>,
    /// Where it is a property: one for each permutation.
    pub properties: Vec<Arc<Property>>,
}

impl CaseFile {
    /// Whether it stands among the cases of a root folder, and not somewhere else.
    pub fn is_in_corpus(&self) -> bool {
        self.path.starts_with("cases")
    }
}

impl Corpus {
    /// The corpus in `root`; without one, in the folder that [`ROOT_VARIABLE`] names, else in the
    /// nearest folder above the current one that has a clause catalogue, else in this package's.
    ///
    /// # Errors
    ///
    /// When a folder can't be listed, or when there is no case in any.
    pub fn find(root: Option<&Path>) -> Result<Corpus, CorpusError> {
        let (root, is_ours) = match root.map(Path::to_owned).or_else(root_from_here) {
            Some(root) => (root, false),
            None => (PathBuf::from(env!("CARGO_MANIFEST_DIR")), true),
        };
        let mut files = Vec::new();
        list(&root.join("cases"), &mut files)?;
        let catalogue = root.join(CATALOGUE);
        files.retain(|file| *file != catalogue);
        if files.is_empty() {
            return Err(CorpusError::Empty {
                path: root.join("cases"),
            });
        }
        // By name and not by path, so that the order is the same whatever separates folders.
        files.sort_by_cached_key(|file| name_in(&root, file));
        Ok(Corpus {
            root,
            files,
            is_ours,
        })
    }

    /// The root folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The clause catalogue.
    pub fn catalogue(&self) -> PathBuf {
        self.root.join(CATALOGUE)
    }

    /// The case files, in the order of their names.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The golden of the case with this name: `golden/<area>/<case>.snap`.
    pub fn golden(&self, name: &str) -> PathBuf {
        self.root.join("golden").join(format!("{name}.snap"))
    }

    /// The roots with divergences in `golden/divergences/`, each with whether it knows all backends
    /// of the program. A crate outside that runs this package's cases has its own backends'
    /// divergences above the current folder; this package's are of backends that it may not have.
    pub fn divergences(&self) -> Vec<(PathBuf, bool)> {
        let mut roots = vec![(self.root.clone(), !self.is_ours)];
        if self.is_ours {
            let theirs = above_here(DIVERGENCES, Path::is_dir);
            roots.extend(theirs.map(|root| (root, true)));
        }
        roots
    }

    /// Where the file with this name belongs whose divergences are the program's own, and what
    /// reports call it.
    pub fn divergences_of(&self, name: &str) -> (PathBuf, String) {
        let roots = self.divergences().into_iter();
        let mut own = roots.filter_map(|(root, knows_all)| knows_all.then_some(root));
        let root = own.next().or_else(|| env::current_dir().ok());
        let folder = root.unwrap_or_default().join(DIVERGENCES);
        (folder.join(name), format!("{DIVERGENCES}/{name}"))
    }

    /// Reads every case file, in the order of their names.
    pub fn load(
        &self,
        clauses: &dyn Fn(&str) -> ClauseStatus,
    ) -> Vec<Result<CaseFile, FaultyFile>> {
        let files = self.files.iter();
        files.map(|file| self.read(file, clauses)).collect()
    }

    /// Reads one case file, below the root or anywhere else.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it: its form, its meaning, and what shows only in a
    /// permutation.
    pub fn read(
        &self,
        file: &Path,
        clauses: &dyn Fn(&str) -> ClauseStatus,
    ) -> Result<CaseFile, FaultyFile> {
        let shown = file.strip_prefix(&self.root).unwrap_or(file).to_owned();
        let name = name_in(&self.root, file);
        match read(&name, file, clauses) {
            Ok((text, case, expansion)) => Ok(CaseFile {
                name,
                path: shown,
                text,
                case,
                permutations: expansion.permutations,
                properties: expansion.properties,
            }),
            Err(fault) => Err(FaultyFile { path: shown, fault }),
        }
    }
}

fn read(
    name: &str,
    file: &Path,
    clauses: &dyn Fn(&str) -> ClauseStatus,
) -> Result<(String, Arc<Case>, Expansion), Fault> {
    let bytes = fs::read(file).map_err(Fault::Unreadable)?;
    let text = String::from_utf8(bytes).map_err(|error| Fault::NotText {
        valid: error.utf8_error().valid_up_to(),
    })?;
    if let Some(why) = name::unfit(name) {
        return Err(Fault::BadName(why));
    }
    match examine(name, &text, clauses) {
        Ok((case, expansion)) => Ok((text, case, expansion)),
        Err(diagnostics) => Err(Fault::Wrong { text, diagnostics }),
    }
}

/// What the text says, or all that is wrong with it.
fn examine(
    name: &str,
    text: &str,
    clauses: &dyn Fn(&str) -> ClauseStatus,
) -> Result<(Arc<Case>, Expansion), case::Diagnostics> {
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

/// The root that the environment names, or the nearest one above the current folder.
fn root_from_here() -> Option<PathBuf> {
    let named = env::var_os(ROOT_VARIABLE).map(PathBuf::from);
    named.or_else(|| above_here(CATALOGUE, Path::is_file))
}

/// The nearest folder above the current one, or that one, with this in it.
fn above_here(part: &str, is_it: fn(&Path) -> bool) -> Option<PathBuf> {
    let here = env::current_dir().unwrap_or_default();
    let mut above = here.ancestors();
    let found = above.find(|folder| is_it(&folder.join(part)))?;
    Some(found.to_owned())
}

/// Every `*.toml` below this folder.
fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), CorpusError> {
    let unlistable = |error| CorpusError::Unlistable {
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

/// The name of the case in this file: its path in `cases/`, or elsewhere its folder and itself.
fn name_in(root: &Path, file: &Path) -> String {
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
            format!("{}/{}", fit(&area), fit(&file))
        }
    }
}

/// A file outside the corpus may be called anything: its name is made fit.
fn fit(part: &str) -> String {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let fit: String = part
        .chars()
        .map(|c| c.to_ascii_lowercase())
        .map(|c| if allowed(c) { c } else { '-' })
        .collect();
    if fit.is_empty() {
        "file".to_owned()
    } else {
        fit
    }
}

#[cfg(test)]
mod tests;
