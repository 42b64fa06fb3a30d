//! Why a run on an adapter has no history.

use std::io;

use crate::adapter::protocol::Breach;

/// Why a run on an adapter has no history.
#[derive(Debug)]
pub(super) enum AdaptedFailure {
    /// The adapter broke the protocol.
    Breach(Breach),
    /// The system refused something to the harness.
    System(io::Error),
}

impl From<Breach> for AdaptedFailure {
    fn from(breach: Breach) -> AdaptedFailure {
        AdaptedFailure::Breach(breach)
    }
}

impl From<io::Error> for AdaptedFailure {
    fn from(error: io::Error) -> AdaptedFailure {
        AdaptedFailure::System(error)
    }
}
