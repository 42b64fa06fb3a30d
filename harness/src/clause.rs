//! Promises: one testable sentence each, with an id, a level, a profile and a source.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::backend::Capability;

pub mod catalogue;

/// A clause's stable name, as in `pipe.eof.after-writer-drop`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClauseId(Arc<str>);

impl ClauseId {
    /// The name.
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
    /// Its name.
    pub id: ClauseId,
    /// The promise, as one sentence.
    pub sentence: String,
    /// How binding it is.
    pub level: Level,
    /// Whose promise it is.
    pub profile: Profile,
    /// Where it comes from: documentation, a test suite, a bug report.
    pub source: String,
    /// The capability that it is about, if one: where the adapter adds that, it is the adapter that
    /// keeps the promise.
    #[serde(default)]
    pub capability: Option<Capability>,
}

impl Clause {
    /// Whether a backend fails that breaks it. A library is held to what everybody promises and to
    /// what its own documents do; a reference to everything.
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
    /// A backend that doesn't keep it says why.
    Should,
    /// Worth knowing; nothing fails by it.
    Info,
}

/// Whose promise a clause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Integrity, order, exactly-once and end of stream: every queue's and pipe's.
    Core,
    /// The library's own documents'.
    Declared,
    /// Python's `multiprocessing`'s: parity with the reference.
    Mp,
    /// The harness's own.
    Harness,
}

impl Level {
    /// The word for it in the catalogue and reports.
    pub fn word(self) -> &'static str {
        match self {
            Level::Must => "must",
            Level::Should => "should",
            Level::Info => "info",
        }
    }
}

impl Profile {
    /// The word for it in the catalogue and reports.
    pub fn word(self) -> &'static str {
        match self {
            Profile::Core => "core",
            Profile::Declared => "declared",
            Profile::Mp => "mp",
            Profile::Harness => "harness",
        }
    }
}
