//! Adapters: programs in any language that host backends and speak [`crate::adapter::protocol`].

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::adapter::protocol::{Breach, Hosted};
use crate::backend::{Capabilities, Key};
use crate::judge::Verdict;

pub mod known;
mod lines;
mod process;
pub mod protocol;
mod tail;

pub use process::{Heard, Process, Ready};

/// How long an adapter may take for what it can do at once: to introduce itself, to end a run.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// An adapter, by the command that starts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adapter {
    /// The program and its arguments.
    pub words: Vec<String>,
    /// What the harness knows of it, where it is one of those that it brings along.
    pub known: Option<Known>,
}

/// What an adapter's own file says of it: see [`known`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// What it is called: its folder's name.
    pub name: String,
    /// Where the file is.
    pub file: PathBuf,
    /// The command that installs what the adapter needs.
    pub install: String,
    /// Parts of the names, `area/case@kind:column`, of what runs where nobody asks for anything; all
    /// where there is none.
    pub cases: Vec<String>,
    /// What it hosts.
    pub columns: Vec<Key>,
}

impl Adapter {
    /// The adapter that a command line, split into words as a shell would, starts.
    ///
    /// # Errors
    /// Where a quote isn't closed, or there is no word.
    pub fn from_command(command: &str) -> Result<Adapter, String> {
        let words = shell_words::split(command)
            .map_err(|error| format!("`{command}` is no command: {error}"))?;
        if words.is_empty() {
            return Err("the command of an adapter is empty".to_owned());
        }
        Ok(Adapter { words, known: None })
    }

    /// Whether a run of everything has this case on this column of it.
    pub fn runs_by_default(&self, case: &str, column: &Key) -> bool {
        let Some(known) = &self.known else {
            return true;
        };
        let trial = format!("{case}@{column}");
        known.cases.is_empty() || known.cases.iter().any(|part| trial.contains(part.as_str()))
    }

    /// The columns that its own file names, as far as it has one.
    pub fn columns_by_name(&self) -> impl Iterator<Item = &Key> {
        self.known.iter().flat_map(|known| &known.columns)
    }

    /// What keeps it from being used, for reports: not to be had here, or at fault.
    pub fn absence(&self, unfit: Unfit) -> Absence {
        match (unfit, &self.known) {
            (Unfit::Absent(why), Some(known)) => Absence {
                verdict: Verdict::Unavailable,
                why: format!("{why}; to install what it needs: {}", known.install),
            },
            (Unfit::Absent(why), None) => Absence {
                verdict: Verdict::Unavailable,
                why,
            },
            (Unfit::Broke(breach), _) => Absence {
                verdict: Verdict::AdapterError,
                why: format!("{breach} (its command is `{self}`)"),
            },
        }
    }

    /// Its columns, once it has introduced itself; and those that only its own file names, with what
    /// keeps them from being had.
    pub fn columns(self: &Arc<Self>, introduced: Result<Ready, Unfit>) -> Vec<Column> {
        let column = |key, about, capabilities| Column {
            adapter: Arc::clone(self),
            key,
            about,
            capabilities,
        };
        let (mut columns, absence): (Vec<Column>, Absence) = match introduced {
            Ok(Ready { about, backends }) => {
                let hosted = backends.into_iter().map(|hosted| {
                    let line = format!("{} ({about})", hosted.about);
                    column(hosted.key(), line, Ok(hosted.capabilities.into()))
                });
                let why = "the adapter doesn't host it on this system".to_owned();
                let verdict = Verdict::Unavailable;
                (hosted.collect(), Absence { verdict, why })
            }
            Err(unfit) => (Vec::new(), self.absence(unfit)),
        };
        for key in self.columns_by_name() {
            if columns.iter().all(|column| column.key != *key) {
                let about = format!("hosted by `{self}`");
                columns.push(column(key.clone(), about, Err(absence.clone())));
            }
        }
        columns
    }

    /// Whether an adapter that introduced itself so is the one that is meant, with backends that can
    /// be columns.
    ///
    /// # Errors
    /// What is wrong with it.
    fn check(&self, backends: &[Hosted]) -> Result<(), Breach> {
        let keys: BTreeSet<Key> = backends.iter().map(Hosted::key).collect();
        if keys.is_empty() {
            return Err(Breach::new("hosts no backend"));
        }
        if keys.len() < backends.len() {
            return Err(Breach::new("names a backend twice"));
        }
        if let Some(key) = keys.iter().find(|key| !is_name(&key.name)) {
            let name = &key.name;
            return Err(Breach::new(format_args!(
                "calls a backend {name:?}: a name is of letters, digits and `-_./+`"
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
                    "hosts {key}, and {file} doesn't say so"
                )))
            }
        }
    }
}

/// Whether a backend may be called this: names stand in trials' names and in patterns.
fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_./+".contains(c);
    !name.is_empty() && name.chars().all(allowed)
}

/// One backend that an adapter hosts: a column of the matrix.
#[derive(Clone, Debug)]
pub struct Column {
    /// Who hosts it.
    pub adapter: Arc<Adapter>,
    /// Its name.
    pub key: Key,
    /// One line for people.
    pub about: String,
    /// What it declares on this system, or why it can't be had.
    pub capabilities: Result<Capabilities, Absence>,
}

/// Why a column can't be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absence {
    /// Unavailable, or the adapter's error.
    pub verdict: Verdict,
    /// Why, for people.
    pub why: String,
}

/// Why an adapter can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// What it needs isn't there.
    Absent(String),
    /// It doesn't keep to the protocol.
    Broke(Breach),
}

impl From<Breach> for Unfit {
    fn from(breach: Breach) -> Unfit {
        Unfit::Broke(breach)
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unfit::Absent(why) => f.write_str(why),
            Unfit::Broke(breach) => breach.fmt(f),
        }
    }
}

/// As a shell takes it.
impl fmt::Display for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shell_words::join(&self.words))
    }
}
