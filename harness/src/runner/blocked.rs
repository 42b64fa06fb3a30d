//! When an operation counts as blocked. Pure: time comes in with each call.

use crate::history::Operation;
use crate::plan::StepId;

/// How long, in nanoseconds, an operation must have been under way to count as blocked. Shorter
/// could take a slow operation for a blocked one, which hides a fault and never accuses.
pub(super) const SETTLING: u64 = 30_000_000;

/// How long, in nanoseconds, where its process is busy all the while: that may wait for a processor,
/// or ask again and again.
const SPINNING: u64 = 50 * SETTLING;

/// Whether an operation counts as blocked now that has been under way since this moment.
pub(super) fn is_blocked(since: u64, now: u64, is_busy: impl FnOnce() -> bool) -> bool {
    let under_way = now.saturating_sub(since);
    under_way >= SPINNING || (under_way >= SETTLING && !is_busy())
}

/// Whether a process that is in these operations is blocked in one of this step now.
pub(super) fn is_blocked_in<'a>(
    step: StepId,
    pending: impl Iterator<Item = &'a Operation>,
    now: u64,
    is_busy: impl FnOnce() -> bool,
) -> bool {
    let of_step = pending.filter(|operation| operation.step == step);
    let since = of_step.map(|operation| operation.start).min();
    since.is_some_and(|since| is_blocked(since, now, is_busy))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::just_begun(SETTLING - 1, false, false)]
    #[case::settled(SETTLING, false, true)]
    #[case::it_waits_for_a_processor(SETTLING, true, false)]
    #[case::it_asks_again_and_again(SPINNING, true, true)]
    fn an_operation_blocks(#[case] under_way: u64, #[case] busy: bool, #[case] blocks: bool) {
        assert_eq!(is_blocked(7, 7 + under_way, || busy), blocks);
    }
}
