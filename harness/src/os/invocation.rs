//! How a person started this program.

use std::env;
use std::path::{Path, PathBuf};

/// How a person started this program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Invocation {
    /// The program, as it was written.
    pub(crate) program: String,
    /// The package that cargo built it for, if cargo started it.
    pub(crate) package: Option<Package>,
}

/// A package whose program cargo runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// Whether it is one of several packages of a workspace.
    pub(crate) is_member: bool,
}

/// Returns how this program was started.
pub(crate) fn invocation() -> Invocation {
    let package = env::var("CARGO_PKG_NAME").ok();
    let folder = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let package = package.zip(folder).map(|(name, folder)| Package {
        name,
        is_member: is_member(&folder),
    });
    let program = env::args_os().next().unwrap_or_default();
    Invocation {
        program: program.to_string_lossy().into_owned(),
        package,
    }
}

/// Whether the package shares the lock file of a workspace.
fn is_member(folder: &Path) -> bool {
    !folder.join("Cargo.lock").exists()
}
