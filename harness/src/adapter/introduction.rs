//! What the harness learns when it starts an adapter.

use std::fmt;
use std::io::{self, ErrorKind};

use crate::adapter::protocol::{Breach, Hosted};
use crate::os::shortage::Shortage;
use crate::printable::line;

/// An adapter's description of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct AdapterIntroduction {
    /// A line for people.
    pub about: String,
    /// The language runtime with its version.
    pub runtime: Option<String>,
    /// The backends that it hosts.
    pub backends: Vec<Hosted>,
}

/// Why an adapter can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// Something that it needs is missing.
    Absent(String),
    /// The machine ran out of something that it needs.
    Lacking(String),
    /// It violates the protocol.
    Broke(Breach),
}

impl Unusable {
    /// Returns why an adapter can't be used whose program can't be started.
    pub(super) fn cant_start(program: &str, error: &io::Error) -> Unusable {
        let program = line(program);
        if error.kind() == ErrorKind::NotFound {
            return Unusable::Absent(format!("the adapter's program `{program}` isn't there"));
        }
        let why = format!("the adapter's program `{program}` can't be started: {error}");
        match Shortage::of_error(error) {
            None => Unusable::Absent(why),
            Some(shortage) => Unusable::Lacking(shortage.sentence(why)),
        }
    }

    /// Whether the machine is the cause, and not the adapter.
    pub(crate) fn is_slow(&self) -> bool {
        matches!(self, Unusable::Broke(breach) if breach.is_slow())
    }
}

impl From<Breach> for Unusable {
    fn from(breach: Breach) -> Unusable {
        Unusable::Broke(breach)
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unusable::Absent(why) | Unusable::Lacking(why) => f.write_str(why),
            Unusable::Broke(breach) => breach.fmt(f),
        }
    }
}
