//! What a case means, in lines that a person reviews. They are the same on every backend and system
//! and in every run.
//!
//! In: a permutation and the history of its run. Out: lines, each with its operations. What the lines
//! show follows from the plan. Processes that compete for items are shown as one, with their items in
//! any order. What a kill may interrupt is left open. An item that was being put when its process was
//! killed isn't shown where it is received. Error numbers, process ids and times are never shown.

use crate::history::History;
use crate::history::naming::Naming;
use crate::plan::Permutation;

mod fold;
mod interrupted;
mod line;
mod printed;
mod row;
mod section;
mod step;
mod swept;
mod view;

pub(super) use line::TranscriptLine;

/// One permutation's block of a golden.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Transcript {
    /// Its lines, in order.
    pub(super) lines: Vec<TranscriptLine>,
}

impl Transcript {
    /// Writes the transcript of one run of a permutation.
    pub(super) fn of(
        permutation: &Permutation,
        history: &History,
        naming: &mut Naming,
    ) -> Transcript {
        Transcript {
            lines: section::all(permutation, history, naming)
                .into_iter()
                .flat_map(section::Section::lines)
                .collect(),
        }
    }

    /// Returns all lines, each with its line break.
    pub(super) fn text(&self) -> String {
        self.lines
            .iter()
            .flat_map(|line| [line.text.as_str(), "\n"])
            .collect()
    }
}

#[cfg(test)]
mod tests;
