//! What an adapter does wrong, in words for its author.

use std::fmt;

/// What an adapter did that it mustn't, as it goes on behind "the adapter".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach(String);

impl Breach {
    /// A breach in these words, which have the adapter for their subject: `exited with code 1`.
    pub fn new(what: impl fmt::Display) -> Breach {
        Breach(what.to_string())
    }

    /// The same, with the last lines of what the adapter wrote to its standard error, if any.
    pub fn with_complaints(&self, lines: &str) -> Breach {
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
