//! What keeps a permutation from being run.

use std::fmt::Display;
use std::io;

/// What kept a permutation from being run.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The user interrupted it.
    #[error("interrupted")]
    Interrupted,
    /// The adapter can't do it, and says so.
    #[error("{0}")]
    Unsupported(String),
    /// The adapter didn't do its part.
    #[error("{0}")]
    Adapter(String),
    /// The harness, or the backend before any operation, couldn't do its part.
    #[error("{0}")]
    Trouble(String),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::Trouble(error.to_string())
    }
}

/// What was being done when an error came up.
pub(super) trait Doing<T> {
    /// The same as a fault that says so.
    fn doing(self, what: &str) -> Result<T, Fault>;
}

impl<T, E: Display> Doing<T> for Result<T, E> {
    fn doing(self, what: &str) -> Result<T, Fault> {
        self.map_err(|error| Fault::Trouble(format!("{what}: {error}")))
    }
}
