//! Why a run on an adapter has no history.

use std::io;

use crate::adapter::protocol::Breach;
use crate::adapter::protocol::account::RunCompletion;
use crate::history::History;
use crate::runner::failure::RunFailure;
use crate::runner::shortage;

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

/// Returns the history of a run that the adapter has ended, if it could run the plan.
pub(super) fn completed(
    completion: RunCompletion,
    history: History,
) -> Result<History, RunFailure> {
    match completion {
        RunCompletion::Run => Ok(history),
        RunCompletion::Unsupported(why) => {
            let why = format!("unsupported by the adapter: {why}");
            Err(RunFailure::Unsupported(why))
        }
        RunCompletion::Failed(why) => {
            let why = format!("the adapter failed: {why}");
            Err(shortage::in_stderr_of_adapter(&history)
                .unwrap_or_else(|| RunFailure::of_adapter(why)))
        }
    }
}
