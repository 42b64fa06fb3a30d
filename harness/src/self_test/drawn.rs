//! The drawn cases: the seed and a number determine each.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::case::{self, Case};
use crate::generate::{self, Recipe};

/// Returns the text of the case with this number.
pub(crate) fn text(seed: u64, number: u64) -> String {
    Drawn::new(seed, number).case().1
}

/// A drawn case, and the start of a search for a simpler one.
pub(super) struct Drawn(Box<dyn ValueTree<Value = Recipe>>);

impl Drawn {
    /// Draws the case with this number.
    pub(super) fn new(seed: u64, number: u64) -> Drawn {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        bytes[8..16].copy_from_slice(&number.to_le_bytes());
        let config = Config {
            failure_persistence: None,
            ..Config::default()
        };
        let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner = TestRunner::new_with_rng(config, random);
        let tree = generate::recipe().new_tree(&mut runner);
        Drawn(Box::new(tree.expect("the strategy rejects nothing")))
    }

    /// Returns the case, and its text as a file.
    pub(super) fn case(&self) -> (Case, String) {
        let case = generate::case(&self.0.current());
        let text = case::write(&case);
        (case, text)
    }

    /// Moves to a simpler case after this one showed the fault. Returns whether there is one.
    pub(super) fn simplify(&mut self) -> bool {
        self.0.simplify()
    }

    /// Moves back towards cases that showed the fault after this one didn't. Returns whether there is one.
    pub(super) fn complicate(&mut self) -> bool {
        self.0.complicate()
    }
}
