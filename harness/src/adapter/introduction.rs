//! What the harness learns when it starts an adapter.

use std::fmt;

use crate::adapter::protocol::{Breach, Hosted};

/// An adapter's description of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Ready {
    /// A line for people.
    pub about: String,
    /// The backends that it hosts.
    pub backends: Vec<Hosted>,
}

/// Why an adapter can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Something that it needs is missing.
    Absent(String),
    /// It violates the protocol.
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
