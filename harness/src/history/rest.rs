//! What a process that doesn't move waits in, and when a run is at rest: nothing more is expected of
//! it, although processes are alive.

use super::{Operation, OperationKind};

/// How much longer than its timeout, in nanoseconds, a timed operation may take. No clock and no
/// scheduler is that late on a machine that isn't overloaded.
pub(crate) const LATENESS: u64 = 1_030_000_000;

/// What is expected of a living process, or one of its threads, when nothing moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing: it is stopped, or in an operation that need not return.
    Stays,
    /// That it waits for other processes.
    WaitsForOthers,
    /// That it moves.
    IsToMove,
}

impl Standing {
    /// Returns the standing of a process or thread in this operation.
    pub(crate) fn of(operation: &Operation, may_stay: bool, is_stopped: bool) -> Standing {
        // A process that exits waits for its children.
        use OperationKind::{Await, Barrier, Exit, Join};
        match operation.kind {
            _ if is_stopped || may_stay => Standing::Stays,
            Join | Await | Barrier | Exit => Standing::WaitsForOthers,
            _ => Standing::IsToMove,
        }
    }
}

/// Whether a run whose living processes stand like this went as expected so far and is at rest.
/// Processes that only wait for one another in a circle aren't at rest.
pub(crate) fn is_rest(standings: impl IntoIterator<Item = Standing>) -> bool {
    let mut stays = false;
    let to_move = standings.into_iter().any(|standing| {
        stays |= standing == Standing::Stays;
        standing == Standing::IsToMove
    });
    stays && !to_move
}

#[cfg(test)]
mod tests {
    use super::Standing::{IsToMove, Stays, WaitsForOthers};
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::no_process(&[], false)]
    #[case::one_stays(&[Stays], true)]
    #[case::others_wait_for_it(&[WaitsForOthers, Stays], true)]
    #[case::a_circle(&[WaitsForOthers, WaitsForOthers], false)]
    #[case::one_is_to_move(&[Stays, IsToMove], false)]
    fn a_run_is_at_rest(#[case] standings: &[Standing], #[case] rests: bool) {
        assert_eq!(is_rest(standings.iter().copied()), rests);
    }
}
