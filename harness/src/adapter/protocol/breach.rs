//! A violation of the protocol, described for the adapter's author.

use std::fmt;

use crate::printable::cut;

/// A violation of the protocol, or the reason for which the harness can't tell whether there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Continues "the adapter …".
    what: String,
    by: Culprit,
}

/// Whose doing a breach is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Culprit {
    Adapter,
    /// The machine was too slow for the adapter to keep to the protocol.
    Machine,
}

impl Breach {
    /// Takes a text whose subject is the adapter, such as `exited with code 1`.
    pub fn new(what: impl fmt::Display) -> Breach {
        Breach {
            what: cut(what),
            by: Culprit::Adapter,
        }
    }

    /// The adapter missed a limit because the machine kept it from running, as these figures say.
    pub(crate) fn too_slow(what: impl fmt::Display, figures: &str) -> Breach {
        Breach {
            what: format!("{what}; {figures}"),
            by: Culprit::Machine,
        }
    }

    /// Whether the machine is the cause, and not the adapter.
    pub(crate) fn is_slow(&self) -> bool {
        self.by == Culprit::Machine
    }

    /// Adds the last lines of the adapter's standard error, if there are any.
    pub(crate) fn with_stderr(&self, lines: &str) -> Breach {
        match lines {
            "" => self.clone(),
            lines => Breach {
                what: format!("{}; its standard error ends:\n{lines}", self.what),
                ..self.clone()
            },
        }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the adapter {}", self.what)
    }
}

impl std::error::Error for Breach {}
