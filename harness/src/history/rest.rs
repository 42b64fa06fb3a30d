//! What a process that doesn't move waits in, and when a run has come to rest: nothing more is
//! expected of it, though processes live.

use super::{Operation, OperationKind};

/// How much longer than it was told to, in nanoseconds, a timed operation may take. No clock and no
/// scheduler is as bad as that on a machine that has time.
pub const LATENESS: u64 = 1_030_000_000;

/// How a living process, or a thread of it, stands when nothing moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is expected to stay as it is: stopped, or in an operation that needn't return.
    Stays,
    /// It waits for other processes.
    WaitsForOthers,
    /// It is expected to move.
    IsToMove,
}

impl Standing {
    /// Of who is in this operation.
    pub fn of(operation: &Operation, may_stay: bool, is_stopped: bool) -> Standing {
        // A process that exits waits for those that it started.
        use OperationKind::{Await, Barrier, Exit, Join};
        match operation.kind {
            _ if is_stopped || may_stay => Standing::Stays,
            Join | Await | Barrier | Exit => Standing::WaitsForOthers,
            _ => Standing::IsToMove,
        }
    }
}

/// Whether processes that stand like this are all that is left of a run that went as expected. A
/// circle of processes that only wait for one another is no rest.
pub fn is_rest(standings: impl IntoIterator<Item = Standing>) -> bool {
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
    #[case::nobody(&[], false)]
    #[case::one_stays(&[Stays], true)]
    #[case::others_wait_for_it(&[WaitsForOthers, Stays], true)]
    #[case::a_circle(&[WaitsForOthers, WaitsForOthers], false)]
    #[case::one_is_to_move(&[Stays, IsToMove], false)]
    fn a_run_rests(#[case] standings: &[Standing], #[case] rests: bool) {
        assert_eq!(is_rest(standings.iter().copied()), rests);
    }
}
