//! How the exit of a process counts, given what the harness did to it.

use crate::history::{Ending, Exit, Operation, OperationKind};
use crate::os::supervisor::crash::{is_kill, is_termination};
use crate::plan::NO_STEP;

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
    let kills_itself = |op: &Operation| crashes(op) && op.step == NO_STEP;
    match seen {
        Some(exit) if killed && (is_kill(exit) || is_termination(exit)) => Some(Exit::Killed),
        Some(exit) if is_kill(exit) && operations.iter().any(crashes) => Some(Exit::Killed),
        Some(Exit::Signal(_)) if ending != Ending::Completed => Some(Exit::Ended),
        None if killed || operations.iter().any(kills_itself) => Some(Exit::Killed),
        // It crashed before the end, and its parent had no time to see how.
        None if lived && operations.iter().any(crashes) => Some(Exit::Unseen),
        None if lived && ending != Ending::Completed => Some(Exit::Ended),
        None if lived => Some(Exit::Unseen),
        exit => exit,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use rstest::rstest;

    const KILL: Exit = Exit::Signal(9);

    #[rstest]
    #[case::killed(Some(KILL), true, Some(Exit::Killed))]
    #[case::terminated(Some(Exit::Signal(15)), true, Some(Exit::Killed))]
    #[case::terminated_by_another_program(Some(Exit::Signal(15)), false, Some(Exit::Signal(15)))]
    #[case::exited_before_the_kill_took_effect(Some(Exit::Code(0)), true, Some(Exit::Code(0)))]
    #[case::aborted_before_the_kill_took_effect(Some(Exit::Signal(6)), true, Some(Exit::Signal(6)))]
    #[case::killed_by_another_program(Some(KILL), false, Some(KILL))]
    #[case::killed_unseen(None, true, Some(Exit::Killed))]
    #[case::gone_unseen(None, false, Some(Exit::Unseen))]
    fn only_a_kill_that_took_effect_counts(
        #[case] seen: Option<Exit>,
        #[case] killed: bool,
        #[case] expected: Option<Exit>,
    ) {
        let exit = exit_of(seen, true, killed, &[], Ending::Completed);
        assert_eq!(exit, expected);
    }
}
