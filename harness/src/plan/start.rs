//! Start methods of processes.

use macro_rules_attribute::apply;
use serde::{Deserialize, Serialize};

use crate::backend::with_schema;

/// A start method: how a process comes into being.
#[apply(with_schema)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// A fresh image of the program.
    Spawn,
    /// A copy of the starter.
    Fork,
    /// A fork of a server process that was itself spawned.
    Forkserver,
}

impl Start {
    /// All start methods.
    pub(crate) const ALL: [Start; 3] = [Start::Spawn, Start::Fork, Start::Forkserver];

    /// Returns the word for it in case files and reports.
    pub fn word(self) -> &'static str {
        match self {
            Start::Spawn => "spawn",
            Start::Fork => "fork",
            Start::Forkserver => "forkserver",
        }
    }
}
