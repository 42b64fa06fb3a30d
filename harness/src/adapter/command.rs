//! An adapter, by the command that starts it.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use crate::adapter::protocol::{Breach, Hosted};
use crate::backend::Key;

/// The most backends of one adapter: each is a column of the matrix.
const MOST_BACKENDS: usize = 256;
/// The longest name of a backend in bytes.
const LONGEST_NAME: usize = 100;
/// The longest text about a backend in bytes.
const LONGEST_TEXT: usize = 1000;

/// An adapter, by the command that starts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adapter {
    /// The program and its arguments.
    pub words: Vec<String>,
    /// The adapter's own file, if the adapter comes with the cases.
    pub known: Option<AdapterFile>,
}

/// The contents of an adapter's own file: see [`crate::adapter::files`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdapterFile {
    /// The adapter's name, which is the name of its folder.
    pub name: String,
    /// The path of the file.
    pub file: PathBuf,
    /// The command that installs what the adapter needs.
    pub install: String,
    /// Which trials a run includes if no names are given: those whose name, `area/case@kind:column`,
    /// contains one of these. If there are none, all trials.
    pub cases: Vec<String>,
    /// Whether it takes part in runs that don't name it.
    pub is_default: bool,
    /// The backends that the adapter hosts.
    pub columns: Vec<Key>,
}

impl Adapter {
    /// Splits a command line into words, as a shell would.
    ///
    /// # Errors
    /// If a quote isn't closed, or there is no word.
    pub fn from_command(command: &str) -> Result<Adapter, String> {
        let words = shell_words::split(command)
            .map_err(|error| format!("`{command}` isn't a command: {error}"))?;
        if words.is_empty() {
            return Err("the command of an adapter is empty".to_owned());
        }
        Ok(Adapter { words, known: None })
    }

    /// Whether a run includes this case on this column if no names are given.
    pub fn runs_by_default(&self, case: &str, column: &Key) -> bool {
        let Some(known) = &self.known else {
            return true;
        };
        let trial = format!("{case}@{column}");
        known.cases.is_empty() || known.cases.iter().any(|part| trial.contains(part.as_str()))
    }

    /// Whether the adapter takes part in runs that don't name it.
    pub fn is_default(&self) -> bool {
        self.known.as_ref().is_none_or(|known| known.is_default)
    }

    /// Returns the columns that the adapter's own file names, if it has one.
    pub fn columns_by_name(&self) -> impl Iterator<Item = &Key> {
        self.known.iter().flat_map(|known| &known.columns)
    }

    /// Checks that an adapter's backends can be columns, and that its own file names all of them.
    ///
    /// # Errors
    /// If they can't, or it doesn't.
    pub(super) fn check(&self, backends: &[Hosted]) -> Result<(), Breach> {
        let keys: BTreeSet<Key> = backends.iter().map(Hosted::key).collect();
        if keys.is_empty() {
            return Err(Breach::new("hosts no backend"));
        }
        if backends.len() > MOST_BACKENDS {
            let found = backends.len();
            return Err(Breach::new(format_args!(
                "hosts {found} backends, and at most {MOST_BACKENDS} are allowed"
            )));
        }
        for backend in backends {
            let texts = [
                Some(&backend.about),
                backend.library.as_ref(),
                backend.version.as_ref(),
            ];
            if backend.name.len() > LONGEST_NAME
                || texts
                    .into_iter()
                    .flatten()
                    .any(|text| text.len() > LONGEST_TEXT)
            {
                return Err(Breach::new(format_args!(
                    "calls a backend {:?}; a name has at most {LONGEST_NAME} bytes, and `about`, \
                     `library` and `version` at most {LONGEST_TEXT}",
                    backend.name
                )));
            }
        }
        if keys.len() < backends.len() {
            return Err(Breach::new("names a backend twice"));
        }
        if let Some(key) = keys.iter().find(|key| !is_name(&key.name)) {
            let name = &key.name;
            return Err(Breach::new(format_args!(
                "calls a backend {name:?}: a name consists of letters, digits and `-_./+`"
            )));
        }
        let Some(known) = &self.known else {
            return Ok(());
        };
        match keys.iter().find(|key| !known.columns.contains(key)) {
            None => Ok(()),
            Some(key) => {
                let file = known.file.display();
                Err(Breach::new(format_args!(
                    "hosts {key}, and {file} doesn't list it"
                )))
            }
        }
    }
}

/// Whether a backend may have this name, which appears in the names of trials and in patterns.
fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_./+".contains(c);
    !name.is_empty() && name.chars().all(allowed)
}

/// Shows the command as a shell accepts it.
impl fmt::Display for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shell_words::join(&self.words))
    }
}
