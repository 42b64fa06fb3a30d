//! How often a fault shows when it could.

use std::fmt;

use super::acted;

/// How often a fault shows, as it follows the fault's name: `lost@1-in-100`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trigger {
    /// Every time.
    Always,
    /// Every nth time, counted for each end or for the queue's server. Nothing is random.
    Every(u64),
    /// Once in n times on average. The run's seed determines which.
    OneIn(u64),
}

impl Trigger {
    /// Separates a fault's name and its trigger's.
    pub const MARK: char = '@';

    /// Returns the trigger with this name; `None` if its number is 0.
    pub fn from_name(name: &str) -> Option<Trigger> {
        let number = |digits: &str| digits.parse().ok().filter(|number| *number > 0);
        if let Some(digits) = name.strip_prefix("every-") {
            return number(digits).map(Trigger::Every);
        }
        if let Some(digits) = name.strip_prefix("1-in-") {
            return number(digits).map(Trigger::OneIn);
        }
        (name == "always").then_some(Trigger::Always)
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trigger::Always => f.write_str("always"),
            Trigger::Every(number) => write!(f, "every-{number}"),
            Trigger::OneIn(number) => write!(f, "1-in-{number}"),
        }
    }
}

/// A trigger that counts how often its fault could have shown.
#[derive(Debug)]
pub(super) struct Chance {
    trigger: Trigger,
    times: u64,
    random: fastrand::Rng,
}

impl Chance {
    pub(super) fn new(trigger: Trigger, seed: u64) -> Chance {
        Chance {
            trigger,
            times: 0,
            random: fastrand::Rng::with_seed(seed),
        }
    }

    /// Returns whether the fault shows this time, and notes that it acted if it does. Call it each time
    /// that the fault could show.
    pub(super) fn strikes(&mut self) -> bool {
        let is_due = self.is_due();
        if is_due {
            acted::note();
        }
        is_due
    }

    /// The same for a fault that acts only later, if at all. Its caller notes that.
    pub(super) fn is_due(&mut self) -> bool {
        self.times += 1;
        match self.trigger {
            Trigger::Always => true,
            Trigger::Every(number) => self.times.is_multiple_of(number),
            Trigger::OneIn(number) => self.random.u64(..number) == 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("always", Some(Trigger::Always))]
    #[case("every-3", Some(Trigger::Every(3)))]
    #[case("1-in-10000", Some(Trigger::OneIn(10_000)))]
    #[case("every-0", None)]
    #[case("1-in-0", None)]
    #[case("1-in-", None)]
    #[case("often", None)]
    fn a_name_is_the_trigger(#[case] name: &str, #[case] expected: Option<Trigger>) {
        assert_eq!(Trigger::from_name(name), expected);
        if let Some(trigger) = expected {
            assert_eq!(trigger.to_string(), name);
        }
    }

    fn strikes(trigger: Trigger, seed: u64) -> Vec<usize> {
        let mut chance = Chance::new(trigger, seed);
        (1..=1000).filter(|_| chance.strikes()).collect()
    }

    #[test]
    fn every_third_time_is_the_third_and_the_sixth() {
        assert_eq!(strikes(Trigger::Every(3), 7)[..3], [3, 6, 9]);
        assert_eq!(strikes(Trigger::Always, 7).len(), 1000);
    }

    #[test]
    fn the_seed_determines_the_times_and_the_rate_is_kept() {
        let some = strikes(Trigger::OneIn(10), 1);
        assert_eq!(some, strikes(Trigger::OneIn(10), 1));
        assert_ne!(some, strikes(Trigger::OneIn(10), 2));
        assert!((50..200).contains(&some.len()), "{}", some.len());
    }
}
