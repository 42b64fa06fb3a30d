//! How long an odd but legal backend takes.

use std::time::Duration;

use super::fault::Fault;
use super::header::ParcelHeader;
use super::trigger::{Chance, Trigger};
use crate::backend::{Failure, Outcome, Wait};

/// One end's pace.
#[derive(Debug)]
pub(super) struct Timing {
    fault: Fault,
    slow: bool,
    chance: Chance,
    random: fastrand::Rng,
}

/// No pause before an operation is longer than this.
const LONGEST_PAUSE: Duration = Duration::from_millis(2);

/// Who wakes for nothing does so this often. Long enough to be asleep nearly always.
const NAP: Duration = Duration::from_millis(5);

/// A timed form returns at most so much later than it should.
const LATEST: Duration = Duration::from_millis(100);

impl Timing {
    pub(super) fn new(fault: Fault, trigger: Trigger, header: &ParcelHeader) -> Timing {
        Timing {
            fault,
            slow: header.slow,
            chance: Chance::new(trigger, header.seed),
            random: fastrand::Rng::with_seed(header.seed),
        }
    }

    /// How the sound backend is asked to wait where the caller asks for this.
    pub(super) fn asked(&mut self, wait: Wait) -> Wait {
        let instead = match (self.fault, wait) {
            (Fault::Hasty, Wait::For(time)) => Wait::For(time / 2),
            (Fault::Stubborn, Wait::Never) | (Fault::Endless, Wait::For(_)) => Wait::Deadline,
            (_, wait) => return wait,
        };
        if self.chance.strikes() { instead } else { wait }
    }

    /// How long the sound backend is asked to wait at once, by who wakes for nothing.
    pub(super) fn nap(&self, wait: Wait) -> Option<Duration> {
        (self.fault == Fault::Spurious && wait != Wait::Never).then_some(NAP)
    }

    /// The pause before an operation that puts, sends or writes.
    pub(super) fn before_put(&mut self) -> Duration {
        match self.fault {
            Fault::Delays => self.any_pause(),
            _ => Duration::ZERO,
        }
    }

    /// The pause before one that gets, receives, reads or polls.
    pub(super) fn before_get(&mut self) -> Duration {
        match self.fault {
            Fault::Delays => self.any_pause(),
            Fault::Unfair if self.slow => LONGEST_PAUSE,
            _ => Duration::ZERO,
        }
    }

    /// Whether a put with this result is kept from returning.
    pub(super) fn keeps(&mut self, result: &Result<(), Failure>, wait: Wait) -> bool {
        let is_bereft = |failure: &Failure| failure.outcome == Outcome::Gone;
        self.fault == Fault::Unwoken
            && wait == Wait::Deadline
            && result.as_ref().is_err_and(is_bereft)
            && self.chance.strikes()
    }

    /// How much later than it could an operation with this result returns.
    pub(super) fn behind<T>(&self, result: &Result<T, Failure>, wait: Wait) -> Duration {
        match (self.fault, result, wait) {
            (Fault::LateTimeouts, Err(failure), Wait::For(time))
                if failure.outcome == Outcome::Timeout =>
            {
                time.min(LATEST)
            }
            _ => Duration::ZERO,
        }
    }

    /// Mostly none at all, so that the order of operations varies and not only the pace.
    fn any_pause(&mut self) -> Duration {
        if self.random.u8(..4) > 0 {
            return Duration::ZERO;
        }
        LONGEST_PAUSE.mul_f64(self.random.f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timing(fault: Fault, seed: u64, slow: bool) -> Timing {
        let header = ParcelHeader {
            seed,
            slow,
            ..ParcelHeader::default()
        };
        Timing::new(fault, fault.habit(), &header)
    }

    fn pauses(seed: u64) -> Vec<Duration> {
        let mut timing = timing(Fault::Delays, seed, false);
        (0..100).map(|_| timing.before_put()).collect()
    }

    #[test]
    fn pauses_follow_from_the_seed_and_are_short() {
        assert_eq!(pauses(1), pauses(1));
        assert_ne!(pauses(1), pauses(2));
        assert!(pauses(1).into_iter().all(|pause| pause <= LONGEST_PAUSE));
        assert!(pauses(1).contains(&Duration::ZERO));
    }

    #[test]
    fn only_the_slow_consumer_is_late() {
        assert!(timing(Fault::Unfair, 0, true).before_get() > Duration::ZERO);
        assert!(timing(Fault::Unfair, 0, true).before_put().is_zero());
        assert!(timing(Fault::Unfair, 0, false).before_get().is_zero());
    }

    #[test]
    fn only_a_put_that_nobody_is_left_for_is_kept() {
        let mut timing = timing(Fault::Unwoken, 0, false);
        let failed = |outcome| Err(Failure::new(outcome, ""));
        assert!(timing.keeps(&failed(Outcome::Gone), Wait::Deadline));
        assert!(!timing.keeps(&failed(Outcome::Gone), Wait::Never));
        assert!(!timing.keeps(&failed(Outcome::Full), Wait::Deadline));
        assert!(!timing.keeps(&Ok(()), Wait::Deadline));
    }

    #[test]
    fn the_hasty_wait_half_and_the_stubborn_and_the_endless_always() {
        let asked = |fault, wait| timing(fault, 0, false).asked(wait);
        let time = Duration::from_millis(30);
        assert_eq!(asked(Fault::Hasty, Wait::For(time)), Wait::For(time / 2));
        assert_eq!(asked(Fault::Hasty, Wait::Never), Wait::Never);
        assert_eq!(asked(Fault::Stubborn, Wait::Never), Wait::Deadline);
        assert_eq!(asked(Fault::Stubborn, Wait::For(time)), Wait::For(time));
        assert_eq!(asked(Fault::Endless, Wait::For(time)), Wait::Deadline);
        assert_eq!(asked(Fault::Endless, Wait::Never), Wait::Never);
    }

    #[test]
    fn only_what_times_out_is_late() {
        let timing = timing(Fault::LateTimeouts, 0, false);
        let wait = Wait::For(Duration::from_millis(30));
        let timeout: Result<(), _> = Err(Failure::new(Outcome::Timeout, "nothing came"));
        assert_eq!(timing.behind(&timeout, wait), Duration::from_millis(30));
        assert!(timing.behind(&Ok(()), wait).is_zero());
    }
}
