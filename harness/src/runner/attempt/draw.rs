//! Draws values for the runs of a property, and simpler ones in place of those that break it.

use std::fmt;

use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use xxhash_rust::xxh3::xxh3_64;

use crate::case::{Binding, Draw, Property};
use crate::plan::Item;

/// An endless series of drawn values, determined by a seed.
pub(super) struct Draws {
    runner: TestRunner,
    strategy: Vec<BoxedStrategy<Item>>,
}

impl Draws {
    /// Starts the series of a property. `name` is the trial's: with one seed, two trials draw different
    /// values, and each trial draws the same ones again.
    pub(super) fn new(property: &Property, name: &str, seed: u64) -> Draws {
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
    pub(super) fn draw(&mut self) -> Drawn {
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
pub(super) struct Drawn(Box<dyn ValueTree<Value = Vec<Item>>>);

impl Drawn {
    /// Returns the values, in the order of the property's draws.
    pub(super) fn values(&self) -> Vec<Item> {
        self.0.current()
    }

    /// Moves to simpler values after these broke the property. Returns whether there are any.
    pub(super) fn simplify(&mut self) -> bool {
        self.0.simplify()
    }

    /// Moves back towards values that broke the property after these didn't. Returns whether there are
    /// any.
    pub(super) fn complicate(&mut self) -> bool {
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
    use std::sync::Arc;

    use super::*;
    use crate::case::{self, expand};

    fn property() -> Arc<Property> {
        let text = r#"
title = "numbers"
clauses = ["pipe.order.single-writer"]
[property]
runs = 1
[property.draw]
count = { from = 3, to = 400 }
size = { one-of = [8, 4096, 65537] }
[channels.p]
kind = "pipe"
[processes.w]
steps = [{ send = { on = "p.tx", count = "$count", size = "$size" } }]
[processes.r]
steps = [{ recv = { on = "p.rx", count = "$count" } }]
"#;
        let case = Arc::new(case::parse(text).unwrap());
        let expanded = expand::expand("pipe/numbers", &case).unwrap();
        Arc::clone(&expanded.properties[0])
    }

    fn series(name: &str, seed: u64) -> Vec<Vec<Item>> {
        let mut draws = Draws::new(&property(), name, seed);
        (0..20).map(|_| draws.draw().values()).collect()
    }

    #[test]
    fn the_same_seed_and_name_draw_the_same_values() {
        assert_eq!(series("a", 1), series("a", 1));
        assert_ne!(series("a", 1), series("a", 2));
        assert_ne!(series("a", 1), series("b", 1));
    }

    #[test]
    fn all_drawn_values_are_in_range() {
        for values in series("a", 0) {
            let [Item::Int(count), Item::Int(size)] = values[..] else {
                panic!("{values:?}");
            };
            assert!((3..=400).contains(&count), "{count}");
            assert!([8, 4096, 65537].contains(&size), "{size}");
        }
    }

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
