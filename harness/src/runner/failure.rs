//! Why a run has no history.

use std::fmt::Display;
use std::io;

/// Why a run has no history.
#[derive(Debug, thiserror::Error)]
pub enum RunFailure {
    /// The user interrupted it.
    #[error("interrupted")]
    Interrupted,
    /// The adapter says that it doesn't support the plan.
    #[error("{0}")]
    Unsupported(String),
    /// The adapter failed, or broke the protocol.
    #[error("{0}")]
    Adapter(String),
    /// The machine kept its processes from running for so long that it shows nothing.
    #[error("{0}")]
    TooSlow(String),
    /// The harness failed, or the backend failed before any operation.
    #[error("{0}")]
    Trouble(String),
}

impl From<io::Error> for RunFailure {
    fn from(error: io::Error) -> RunFailure {
        RunFailure::Trouble(error.to_string())
    }
}

/// Adds to an error what the harness was doing.
pub(super) trait Doing<T> {
    /// Returns the value, or a failure that begins with `what`.
    fn doing(self, what: &str) -> Result<T, RunFailure>;
}

impl<T, E: Display> Doing<T> for Result<T, E> {
    fn doing(self, what: &str) -> Result<T, RunFailure> {
        self.map_err(|error| RunFailure::Trouble(format!("{what}: {error}")))
    }
}
