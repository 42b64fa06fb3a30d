//! When an operation counts as blocked. Pure: times are parameters of each call.

use crate::history::Operation;
use crate::plan::StepId;

/// How long, in nanoseconds of usable time, an operation must be pending to count as blocked. With a
/// shorter time a slow operation could count as blocked, which hides a fault but never makes a library
/// fail.
pub(super) const SETTLING: u64 = 30_000_000;

/// The same for an operation whose process is busy all the while: it may wait for a processor, or
/// poll.
const SPINNING: u64 = 50 * SETTLING;

/// Returns whether an operation counts as blocked that has been pending for this usable time.
pub(super) fn is_blocked(under_way: u64, is_busy: impl FnOnce() -> bool) -> bool {
    under_way >= SPINNING || (under_way >= SETTLING && !is_busy())
}

/// Returns whether one of these pending operations of a process is of this step and counts as
/// blocked. `usable` returns the usable time since a moment.
pub(super) fn is_blocked_in<'a>(
    step: StepId,
    pending: impl Iterator<Item = &'a Operation>,
    usable: impl FnOnce(u64) -> u64,
    is_busy: impl FnOnce() -> bool,
) -> bool {
    let of_step = pending.filter(|operation| operation.step == step);
    let since = of_step.map(|operation| operation.start).min();
    since.is_some_and(|since| is_blocked(usable(since), is_busy))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::has_just_begun(SETTLING - 1, false, false)]
    #[case::has_settled(SETTLING, false, true)]
    #[case::may_wait_for_a_processor(SETTLING, true, false)]
    #[case::polls_for_long(SPINNING, true, true)]
    fn an_operation_counts_as_blocked(
        #[case] under_way: u64,
        #[case] busy: bool,
        #[case] blocks: bool,
    ) {
        assert_eq!(is_blocked(under_way, || busy), blocks);
    }
}
