//! Draws values, and simpler ones in place of those that break the property.

use std::fmt;

use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use xxhash_rust::xxh3::xxh3_64;

use crate::case::{Binding, Draw, Property};
use crate::plan::Item;

/// Whether values that break a property are simplified.
pub(crate) const SIMPLIFIES: bool = true;

/// An endless series of drawn values, determined by a seed.
pub(crate) struct Draws {
    runner: TestRunner,
    strategy: Vec<BoxedStrategy<Item>>,
}

impl Draws {
    /// Starts the series of a property. `name` is the trial's: with one seed, two trials draw different
    /// values, and each trial draws the same ones again.
    pub(crate) fn new(property: &Property, name: &str, seed: u64) -> Draws {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        bytes[8..16].copy_from_slice(&xxh3_64(name.as_bytes()).to_le_bytes());
        let config = Config {
            failure_persistence: None,
            ..Config::default()
        };
        let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        Draws {
            runner: TestRunner::new_with_rng(config, random),
            strategy: property.draws().map(strategy).collect(),
        }
    }

    /// Draws the next values.
    pub(crate) fn draw(&mut self) -> Drawn {
        let tree = self.strategy.new_tree(&mut self.runner);
        Drawn(Box::new(tree.expect("these strategies reject nothing")))
    }
}

impl fmt::Debug for Draws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Draws")
    }
}

fn strategy(draw: &Binding<Draw>) -> BoxedStrategy<Item> {
    match &draw.value.value {
        Draw::Range { from, to } => (*from..=*to).prop_map(Item::Int).boxed(),
        // Earlier values in the list are simpler.
        Draw::OneOf(items) => {
            let items: Vec<Item> = items.iter().map(|item| item.value.clone()).collect();
            let indices = 0..items.len();
            indices.prop_map(move |index| items[index].clone()).boxed()
        }
    }
}

/// Values of one run, and the start of a search for simpler ones.
pub(crate) struct Drawn(Box<dyn ValueTree<Value = Vec<Item>>>);

impl Drawn {
    /// Returns the values, in the order of the property's draws.
    pub(crate) fn values(&self) -> Vec<Item> {
        self.0.current()
    }

    /// Moves to simpler values after these broke the property. Returns whether there are any.
    pub(crate) fn simplify(&mut self) -> bool {
        self.0.simplify()
    }

    /// Moves back towards values that broke the property after these didn't. Returns whether there are
    /// any.
    pub(crate) fn complicate(&mut self) -> bool {
        self.0.complicate()
    }
}

impl fmt::Debug for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Drawn").field(&self.values()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::attempt::draw::tests::property;

    #[test]
    fn the_search_ends_at_the_simplest_values_that_break() {
        let breaks = |values: &[Item]| values[0] >= Item::Int(200);
        let mut drawn = Draws::new(&property(), "a", 0);
        let mut tree = std::iter::repeat_with(|| drawn.draw())
            .find(|tree| breaks(&tree.values()))
            .unwrap();
        let mut simplest = tree.values();
        let mut goes_on = tree.simplify();
        while goes_on {
            goes_on = if breaks(&tree.values()) {
                simplest = tree.values();
                tree.simplify()
            } else {
                tree.complicate()
            };
        }
        assert_eq!(simplest, [Item::Int(200), Item::Int(8)]);
    }
}
