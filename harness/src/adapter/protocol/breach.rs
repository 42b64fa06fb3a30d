//! A violation of the protocol, described for the adapter's author.

use std::fmt;

/// A violation of the protocol. The text continues "the adapter …".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach(String);

impl Breach {
    /// Takes a text whose subject is the adapter, such as `exited with code 1`.
    pub fn new(what: impl fmt::Display) -> Breach {
        Breach(what.to_string())
    }

    /// Adds the last lines of the adapter's standard error, if there are any.
    pub(crate) fn with_stderr(&self, lines: &str) -> Breach {
        match lines {
            "" => self.clone(),
            lines => Breach(format!("{}; its standard error ends:\n{lines}", self.0)),
        }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the adapter {}", self.0)
    }
}

impl std::error::Error for Breach {}
