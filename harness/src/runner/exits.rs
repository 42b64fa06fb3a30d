//! How the exit of a process counts, given what the harness did to it.

use crate::history::{Ending, Exit, Operation, OperationKind};
use crate::os::supervisor::crash::is_kill;

/// Returns how a process exited. `seen` is the exit that its parent saw, `lived` whether the process
/// was ever alive, and `killed` whether a step or the plan's fault sent it a kill. A process may exit
/// by itself before the kill takes effect.
pub(super) fn exit_of(
    seen: Option<Exit>,
    lived: bool,
    killed: bool,
    operations: &[Operation],
    ending: Ending,
) -> Option<Exit> {
    let crashes = |op: &Operation| op.kind == OperationKind::Crash && op.is_pending();
    match seen {
        Some(exit) if killed && is_kill(exit) => Some(Exit::Killed),
        Some(exit) if is_kill(exit) && operations.iter().any(crashes) => Some(Exit::Killed),
        Some(Exit::Signal(_)) if ending != Ending::Completed => Some(Exit::Ended),
        None if killed => Some(Exit::Killed),
        None if lived && ending != Ending::Completed => Some(Exit::Ended),
        None if lived => Some(Exit::Unseen),
        exit => exit,
    }
}
