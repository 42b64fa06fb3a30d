//! How often a fault shows, of all the times that it could.

use std::fmt;

/// How often, as it stands behind a fault's name: `lost@1-in-100`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trigger {
    /// Every time.
    Always,
    /// Every so-manieth time of one end, or of the queue's server: nothing is left to chance.
    Every(u64),
    /// By chance, once in so many times on average; which times follows from the run's seed.
    OneIn(u64),
}

impl Trigger {
    /// What stands between a fault's name and its trigger's.
    pub const MARK: char = '@';

    /// The trigger with this name; none of a number that is 0.
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

/// A trigger at work in one place.
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

    /// It could show now; whether it does.
    pub(super) fn strikes(&mut self) -> bool {
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
    fn names_mean(#[case] name: &str, #[case] expected: Option<Trigger>) {
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
    fn every_third_time_is_the_third_the_sixth_and_so_on() {
        assert_eq!(strikes(Trigger::Every(3), 7)[..3], [3, 6, 9]);
        assert_eq!(strikes(Trigger::Always, 7).len(), 1000);
    }

    #[test]
    fn chance_follows_from_the_seed_and_keeps_to_its_rate() {
        let some = strikes(Trigger::OneIn(10), 1);
        assert_eq!(some, strikes(Trigger::OneIn(10), 1));
        assert_ne!(some, strikes(Trigger::OneIn(10), 2));
        assert!((50..200).contains(&some.len()), "{}", some.len());
    }
}
