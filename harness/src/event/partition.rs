//! Parts of a run that several machines share.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::judge::TrialName;

/// A part of all trials, such as `1/2`.
///
/// The part of a trial follows from its name alone, so each trial is in exactly one part on every
/// machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Partition {
    /// The number of the part, from 1.
    pub part: u64,
    /// How many parts there are.
    pub of: u64,
}

impl Partition {
    /// Whether the trial is in this part.
    pub fn holds(self, name: &TrialName) -> bool {
        xxh3_64(name.to_string().as_bytes()) % self.of == self.part - 1
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}

/// The reason why a text isn't a [`Partition`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartitionError {
    /// It has another form.
    #[error("write a part as its number and how many parts there are, such as `1/3`")]
    Form,
    /// The number is out of range.
    #[error("there is no such part: the first is 1/{of} and the last {of}/{of}")]
    Range {
        /// How many parts there are.
        of: u64,
    },
}

impl FromStr for Partition {
    type Err = PartitionError;

    fn from_str(text: &str) -> Result<Partition, PartitionError> {
        let (part, of) = text.split_once('/').ok_or(PartitionError::Form)?;
        let number = |text: &str| text.parse().map_err(|_| PartitionError::Form);
        match (number(part)?, number(of)?) {
            (_, 0) => Err(PartitionError::Form),
            (part, of) if part == 0 || part > of => Err(PartitionError::Range { of }),
            (part, of) => Ok(Partition { part, of }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Key, Kind};
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case::first("1/2", Ok(Partition { part: 1, of: 2 }))]
    #[case::all("1/1", Ok(Partition { part: 1, of: 1 }))]
    #[case::zero("0/2", Err(PartitionError::Range { of: 2 }))]
    #[case::after_the_last("3/2", Err(PartitionError::Range { of: 2 }))]
    #[case::no_parts("1/0", Err(PartitionError::Form))]
    #[case::one_number("1", Err(PartitionError::Form))]
    #[case::words("hash:1/2", Err(PartitionError::Form))]
    fn a_part_is_two_numbers(
        #[case] text: &str,
        #[case] expected: Result<Partition, PartitionError>,
    ) {
        assert_eq!(text.parse(), expected);
    }

    proptest! {
        #[test]
        fn each_trial_is_in_exactly_one_part(case in "[a-z]{1,8}/[a-z]{1,8}", of in 1_u64..9) {
            let name = TrialName {
                case,
                permutation: String::new(),
                backend: Key::new(Kind::Pipe, "std/pipe"),
            };
            let parts = (1..=of).filter(|part| Partition { part: *part, of }.holds(&name));
            prop_assert_eq!(parts.count(), 1);
        }
    }
}
