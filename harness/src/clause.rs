//! Clauses: promises of libraries, each one testable sentence, and the catalogue that lists them.
//!
//! In: the text of `cases/clauses.toml`. Out: the [`Catalogue`], and for each [`Clause`] how binding it
//! is and whose promise it is. This room reads no file itself, and doesn't know how a clause is judged.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::backend::Capability;

pub(crate) mod catalogue;

pub use catalogue::Catalogue;

/// The stable id of a clause, as in `pipe.eof.after-writer-drop`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClauseId(Arc<str>);

impl ClauseId {
    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for ClauseId {
    fn from(id: &str) -> Self {
        ClauseId(id.into())
    }
}

impl fmt::Display for ClauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One testable promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Its id.
    pub id: ClauseId,
    /// The promise, as a sentence that is true or false.
    pub sentence: String,
    /// How binding it is.
    pub level: Level,
    /// Whose promise it is.
    pub profile: Profile,
    /// Its source: documentation, a test suite or a bug report.
    pub source: String,
    /// The capability that it is about, if any. If the adapter adds that capability, then the adapter
    /// keeps the promise, not the library.
    #[serde(default)]
    pub capability: Option<Capability>,
    /// The version of this project, as in `0.1`, that first had it.
    #[serde(default)]
    pub since: Option<String>,
    /// Links to public reports of libraries that broke it.
    #[serde(default)]
    pub seen: Vec<String>,
    /// Why no case can test it, if none can.
    #[serde(default)]
    pub untried: Option<String>,
}

impl Clause {
    /// Returns whether a backend that breaks this clause fails. A library must keep what every queue or
    /// pipe promises and what its own documents promise; a reference must keep every profile.
    pub fn binds(&self, is_reference: bool) -> bool {
        let promised = matches!(self.profile, Profile::Core | Profile::Declared);
        self.level != Level::Info && (promised || is_reference)
    }
}

/// How binding a clause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Every backend that the clause applies to keeps it.
    Must,
    /// A backend that doesn't keep it documents why.
    Should,
    /// Informative: no backend fails by it.
    Info,
}

/// Whose promise a clause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Every queue and pipe: integrity, order, exactly-once delivery and end of stream.
    Core,
    /// The library's own documents.
    Declared,
    /// Python's `multiprocessing`: parity with its behaviour.
    Mp,
    /// The harness itself.
    Harness,
}

impl Level {
    /// Returns the word for it in the catalogue and reports.
    pub fn word(self) -> &'static str {
        match self {
            Level::Must => "must",
            Level::Should => "should",
            Level::Info => "info",
        }
    }
}

impl Profile {
    /// Returns the word for it in the catalogue and reports.
    pub fn word(self) -> &'static str {
        match self {
            Profile::Core => "core",
            Profile::Declared => "declared",
            Profile::Mp => "mp",
            Profile::Harness => "harness",
        }
    }
}
