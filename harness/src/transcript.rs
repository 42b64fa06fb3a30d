//! What a case means, in lines that a person reviews: the same on every backend, system and run.

use crate::history::{History, OperationId};
use crate::permutation::Permutation;

/// One permutation's block of a golden.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    /// Its lines, in order.
    pub lines: Vec<Line>,
}

/// One line, and the operations that it speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it says, indented, without a line break.
    pub text: String,
    /// The operations that it was made of; none for headings and printed text.
    pub operations: Vec<OperationId>,
}

impl Transcript {
    /// The transcript of one run of a permutation.
    pub fn of(permutation: &Permutation, history: &History) -> Transcript {
        let _ = (permutation, history);
        Transcript::default()
    }

    /// All lines, each with its line break.
    pub fn text(&self) -> String {
        self.lines
            .iter()
            .flat_map(|line| [line.text.as_str(), "\n"])
            .collect()
    }
}
