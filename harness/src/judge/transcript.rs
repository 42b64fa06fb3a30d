//! What a case means, in lines that a person reviews: the same on every backend, system and run.
//!
//! Which view of a run that is follows from the plan: processes that compete are shown as one, with
//! what they got in any order; what a kill may cut short is left open, and what was being put when its
//! process was killed is left out of what was got. Raw codes, process ids and times have no place in it.

use crate::history::{History, OperationId};
use crate::plan::Permutation;

mod fold;
mod interrupted;
mod printed;
mod section;
mod step;
mod swept;
mod view;

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
    /// The operations that it was made of; none for headings.
    pub operations: Vec<OperationId>,
}

impl Transcript {
    /// The transcript of one run of a permutation.
    pub fn of(permutation: &Permutation, history: &History) -> Transcript {
        Transcript {
            lines: section::all(permutation, history)
                .into_iter()
                .flat_map(section::Section::lines)
                .collect(),
        }
    }

    /// All lines, each with its line break.
    pub fn text(&self) -> String {
        self.lines
            .iter()
            .flat_map(|line| [line.text.as_str(), "\n"])
            .collect()
    }
}

#[cfg(test)]
mod tests;
