//! Which message comes out next.

use super::fault::Fault;
use super::trigger::{Chance, Trigger};

/// What a fault makes of first-in, first-out order.
#[derive(Debug)]
pub(super) struct Reordering {
    fault: Fault,
    chance: Chance,
    random: fastrand::Rng,
}

/// With [`Fault::Lifo`], the largest number of messages that stay in order.
const DEPTH: usize = 3;

/// With [`Fault::Relaxed`], the next is one of this many.
const WINDOW: usize = 4;

/// With [`Fault::TwoLanes`], shorter messages than this overtake.
const SHORT: usize = 256;

impl Reordering {
    pub(super) fn new(fault: Fault, trigger: Trigger, seed: u64) -> Reordering {
        Reordering {
            fault,
            chance: Chance::new(trigger, seed),
            random: fastrand::Rng::with_seed(!seed),
        }
    }

    /// Returns the index of the next of the messages with these lengths; 0 if there are none.
    pub(super) fn next(&mut self, mut lengths: impl ExactSizeIterator<Item = usize>) -> usize {
        let count = lengths.len();
        let other = match self.fault {
            Fault::Lifo if count > DEPTH => count - 1,
            // Not the first, which would be right by chance.
            Fault::Relaxed if count > 1 => self.random.usize(1..count.min(WINDOW)),
            Fault::TwoLanes if lengths.next().is_some_and(|first| first >= SHORT) => lengths
                .position(|length| length < SHORT)
                .map_or(0, |index| index + 1),
            _ => 0,
        };
        if other > 0 && self.chance.strikes() {
            other
        } else {
            0
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn choice(fault: Fault) -> Reordering {
        Reordering::new(fault, Trigger::Always, 1)
    }

    #[rstest]
    #[case::in_order(Fault::Batched, &[1, 1, 1, 1, 1], 0)]
    #[case::shallow(Fault::Lifo, &[1, 1, 1], 0)]
    #[case::deep(Fault::Lifo, &[1, 1, 1, 1], 3)]
    #[case::short_ones_overtake(Fault::TwoLanes, &[4096, 4096, 1, 1], 2)]
    #[case::short_ones_keep_their_order(Fault::TwoLanes, &[1, 4096, 1], 0)]
    #[case::all_long(Fault::TwoLanes, &[4096, 4096], 0)]
    #[case::nothing(Fault::Relaxed, &[], 0)]
    fn the_next_index_is(#[case] fault: Fault, #[case] lengths: &[usize], #[case] expected: usize) {
        assert_eq!(choice(fault).next(lengths.iter().copied()), expected);
    }

    #[test]
    fn a_relaxed_order_is_any_of_the_window_but_the_first() {
        let mut choice = choice(Fault::Relaxed);
        let lengths = [1; 9];
        let mut seen: Vec<usize> = (0..100).map(|_| choice.next(lengths.into_iter())).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, [1, 2, 3]);
    }
}
