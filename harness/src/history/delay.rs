//! How long the machine kept the processes of a run from running.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::History;

/// A time in which the machine kept processes of the run from running, in nanoseconds on the clock of
/// the operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delay {
    /// It began no earlier than this moment.
    pub from: u64,
    /// It was over at this moment.
    pub until: u64,
    /// For how long altogether, at most.
    pub lost: u64,
}

impl History {
    /// Returns for how long, at most, the machine kept processes from running between these moments.
    pub fn lost_within(&self, from: u64, until: u64) -> u64 {
        let delays = self.delays.iter();
        let within = delays.filter(|delay| delay.from < until && from < delay.until);
        within.map(|delay| delay.lost).sum()
    }

    /// Returns why nothing can be said about what happened, or didn't, between these moments.
    pub(crate) fn too_slow_within(&self, from: u64, until: u64) -> String {
        let lost = Duration::from_nanos(self.lost_within(from, until));
        let of = Duration::from_nanos(until.saturating_sub(from));
        too_slow(lost, of.max(lost))
    }
}

/// Returns the reason for which something can't be judged, with the figures: the time that was lost, and
/// the time that passed.
pub(crate) fn too_slow(lost: Duration, of: Duration) -> String {
    format!(
        "the machine was too slow: it kept processes from running for {:.1} s of {:.1} s",
        lost.as_secs_f64(),
        of.as_secs_f64()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::before_all(0, 10, 0)]
    #[case::a_part_of_a_delay_counts_whole(11, 12, 5)]
    #[case::across_both(0, 100, 8)]
    #[case::after_all(40, 100, 0)]
    fn delays_that_overlap_count(#[case] from: u64, #[case] until: u64, #[case] lost: u64) {
        let delay = |from, until, lost| Delay { from, until, lost };
        let history = History {
            delays: vec![delay(10, 20, 5), delay(30, 40, 3)],
            ..History::default()
        };
        assert_eq!(history.lost_within(from, until), lost);
    }
}
