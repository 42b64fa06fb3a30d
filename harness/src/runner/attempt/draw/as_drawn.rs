//! Draws values. Those that break the property stay as they are.

use fastrand::Rng;
use xxhash_rust::xxh3::xxh3_64;

use crate::case::{Draw, Property};
use crate::plan::Item;

/// Whether values that break a property are simplified.
pub(crate) const SIMPLIFIES: bool = false;

/// An endless series of drawn values, determined by a seed.
#[derive(Debug)]
pub(crate) struct Draws<'a> {
    random: Rng,
    property: &'a Property,
}

impl Draws<'_> {
    /// Starts the series of a property. `name` is the trial's: with one seed, two trials draw different
    /// values, and each trial draws the same ones again.
    pub(crate) fn new<'a>(property: &'a Property, name: &str, seed: u64) -> Draws<'a> {
        Draws {
            random: Rng::with_seed(seed ^ xxh3_64(name.as_bytes())),
            property,
        }
    }

    /// Draws the next values.
    pub(crate) fn draw(&mut self) -> Drawn {
        let random = &mut self.random;
        let draws = self.property.draws();
        let values = draws.map(|draw| match &draw.value.value {
            Draw::Range { from, to } => Item::Int(random.i64(from..=to)),
            Draw::OneOf(items) => items[random.usize(..items.len())].value.clone(),
        });
        Drawn(values.collect())
    }
}

/// Values of one run.
#[derive(Debug)]
pub(crate) struct Drawn(Vec<Item>);

impl Drawn {
    /// Returns the values, in the order of the property's draws.
    pub(crate) fn values(&self) -> Vec<Item> {
        self.0.clone()
    }

    /// Returns that there are no simpler values.
    pub(crate) fn simplify(&mut self) -> bool {
        false
    }

    /// Returns that there are no values between these and simpler ones.
    pub(crate) fn complicate(&mut self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::attempt::draw::tests::property;

    #[test]
    fn no_values_are_simpler() {
        const { assert!(!SIMPLIFIES) };
        let property = property();
        let mut drawn = Draws::new(&property, "a", 0).draw();
        let values = drawn.values();
        assert!(!drawn.simplify() && !drawn.complicate());
        assert_eq!(drawn.values(), values);
    }
}
