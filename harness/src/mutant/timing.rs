//! How long the operations of a mutant take.

use std::time::Duration;

use super::fault::Fault;
use super::header::ParcelHeader;
use super::trigger::{Chance, Trigger};
use crate::backend::{Failure, Outcome, Wait};

/// The timing of one end.
#[derive(Debug)]
pub(super) struct Timing {
    fault: Fault,
    slow: bool,
    chance: Chance,
    random: fastrand::Rng,
}

/// The longest pause before an operation.
const LONGEST_PAUSE: Duration = Duration::from_millis(2);

/// With [`Fault::Spurious`], the time between two wake-ups: long enough to wait nearly always.
const NAP: Duration = Duration::from_millis(5);

/// With [`Fault::LateTimeouts`], the longest delay of a timed form.
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

    /// Returns how the sound backend waits when the caller waits like this.
    pub(super) fn asked(&mut self, wait: Wait) -> Wait {
        let instead = match (self.fault, wait) {
            (Fault::Hasty, Wait::For(time)) => Wait::For(time / 2),
            (Fault::Stubborn, Wait::Never) | (Fault::Endless, Wait::For(_)) => Wait::Deadline,
            (_, wait) => return wait,
        };
        if self.chance.strikes() { instead } else { wait }
    }

    /// Returns how long the sound backend waits at a time, if it wakes for nothing.
    pub(super) fn nap(&self, wait: Wait) -> Option<Duration> {
        (self.fault == Fault::Spurious && wait != Wait::Never).then_some(NAP)
    }

    /// Returns the pause before a put, send or write.
    pub(super) fn before_put(&mut self) -> Duration {
        match self.fault {
            Fault::Delays => self.any_pause(),
            _ => Duration::ZERO,
        }
    }

    /// Returns the pause before a get, receive, read or poll.
    pub(super) fn before_get(&mut self) -> Duration {
        match self.fault {
            Fault::Delays => self.any_pause(),
            Fault::Unfair if self.slow => LONGEST_PAUSE,
            _ => Duration::ZERO,
        }
    }

    /// Returns whether a put with this result never returns.
    pub(super) fn keeps(&mut self, result: &Result<(), Failure>, wait: Wait) -> bool {
        let is_gone = |failure: &Failure| failure.outcome == Outcome::Gone;
        self.fault == Fault::Unwoken
            && wait == Wait::Deadline
            && result.as_ref().is_err_and(is_gone)
            && self.chance.strikes()
    }

    /// Returns the delay after an operation with this result.
    pub(super) fn after<T>(&self, result: &Result<T, Failure>, wait: Wait) -> Duration {
        match (self.fault, result, wait) {
            (Fault::LateTimeouts, Err(failure), Wait::For(time))
                if failure.outcome == Outcome::Timeout =>
            {
                time.min(LATEST)
            }
            _ => Duration::ZERO,
        }
    }

    /// Returns zero three times out of four, so that the order of operations varies too.
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
    fn only_a_blocking_put_without_a_consumer_never_returns() {
        let mut timing = timing(Fault::Unwoken, 0, false);
        let failed = |outcome| Err(Failure::new(outcome, ""));
        assert!(timing.keeps(&failed(Outcome::Gone), Wait::Deadline));
        assert!(!timing.keeps(&failed(Outcome::Gone), Wait::Never));
        assert!(!timing.keeps(&failed(Outcome::Full), Wait::Deadline));
        assert!(!timing.keeps(&Ok(()), Wait::Deadline));
    }

    #[test]
    fn hasty_halves_a_timeout_and_stubborn_and_endless_block() {
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
    fn only_a_timeout_is_late() {
        let timing = timing(Fault::LateTimeouts, 0, false);
        let wait = Wait::For(Duration::from_millis(30));
        let timeout: Result<(), _> = Err(Failure::new(Outcome::Timeout, "nothing came"));
        assert_eq!(timing.after(&timeout, wait), Duration::from_millis(30));
        assert!(timing.after(&Ok(()), wait).is_zero());
    }
}
