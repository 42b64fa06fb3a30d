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
    /// Its arguments.
    pub(crate) arguments: Vec<String>,
}

/// A package whose program cargo runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// Whether it is one of several packages of a workspace.
    pub(crate) is_member: bool,
}

impl Invocation {
    /// Returns the whole command line, quoted for a shell.
    pub(crate) fn command(&self) -> String {
        let arguments = self.arguments.iter().map(String::as_str);
        shell_words::join([self.program.as_str()].into_iter().chain(arguments))
    }
}

/// Returns how this program was started.
pub(crate) fn invocation() -> Invocation {
    let package = env::var("CARGO_PKG_NAME").ok();
    let folder = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let package = package.zip(folder).map(|(name, folder)| Package {
        name,
        is_member: is_member(&folder),
    });
    let mut words = env::args_os().map(|word| word.to_string_lossy().into_owned());
    Invocation {
        program: words.next().unwrap_or_default(),
        package,
        arguments: words.collect(),
    }
}

/// Whether the package shares the lock file of a workspace.
fn is_member(folder: &Path) -> bool {
    !folder.join("Cargo.lock").exists()
}
