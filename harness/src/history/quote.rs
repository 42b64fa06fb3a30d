//! Text of libraries and processes that reports quote.

use serde::{Deserialize, Serialize};

use crate::backend::Outcome;

/// What a library said when an operation of it failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LibraryText {
    /// The index in [`ProcessHistory::operations`](super::ProcessHistory::operations) of the operation.
    pub operation: usize,
    /// The text. A long one is cut.
    pub text: String,
}

impl LibraryText {
    /// Whether reports quote the library for this outcome. All others say by their name what happened.
    pub(crate) fn explains(outcome: Outcome) -> bool {
        matches!(outcome, Outcome::Error | Outcome::Refused | Outcome::Denied)
    }
}

/// How many characters of a line are quoted.
const WIDTH: usize = 160;

/// Returns the line. A long one is cut, and ends with a notice of how much is missing.
pub(crate) fn cut(line: &str) -> String {
    match line.char_indices().nth(WIDTH) {
        Some((end, _)) => {
            let (shown, rest) = line.split_at(end);
            format!("{shown}… ({} characters more)", rest.chars().count())
        }
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_ends_with_a_notice() {
        let long = "ä".repeat(WIDTH + 40);
        let cut = cut(&long);
        assert_eq!(
            cut.strip_prefix(&"ä".repeat(WIDTH)),
            Some("… (40 characters more)")
        );
    }

    #[test]
    fn a_line_that_just_fits_is_whole() {
        let line = "ä".repeat(WIDTH);
        assert_eq!(cut(&line), line);
    }
}
