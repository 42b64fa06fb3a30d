//! Makes witnesses, and has the phrases that many of them use.

use std::time::Duration;

use crate::history::OperationId;
use crate::judge::Witness;
use crate::plan::ProcessIndex;

/// How much too early a timeout may come, because of the resolution of clocks.
pub(crate) const RESOLUTION: Duration = Duration::from_millis(if cfg!(windows) { 20 } else { 1 });
/// The actual result of a call that still waited for something when the harness ended the run.
pub(crate) const NOTHING_CAME: &str = "nothing for the rest of the run";
/// The actual result of a call that was to return and still blocked when the harness ended the run.
pub(crate) const BLOCKED: &str = "it blocked for the rest of the run";

/// A witness that consists of operations.
pub(crate) fn witness(
    operations: impl IntoIterator<Item = OperationId>,
    expected: impl Into<String>,
    actual: impl Into<String>,
) -> Witness {
    Witness {
        operations: operations.into_iter().collect(),
        process: None,
        expected: expected.into(),
        actual: actual.into(),
    }
}

/// A witness without operations. It concerns this process, or the whole run if there is none.
pub(crate) fn process_witness(
    process: Option<ProcessIndex>,
    expected: impl Into<String>,
    actual: impl Into<String>,
) -> Witness {
    Witness {
        operations: Vec::new(),
        process,
        expected: expected.into(),
        actual: actual.into(),
    }
}
