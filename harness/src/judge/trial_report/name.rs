//! Names of trials.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::backend::Key;

/// A trial's name: `area/case[axis=v]@backend`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TrialName {
    /// The case, as in `seed/isolation`.
    pub case: String,
    /// The axes' values, as in `start=fork`; empty without axes.
    pub permutation: String,
    /// The backend.
    pub backend: Key,
}

impl TrialName {
    /// Returns the permutation's name, which is the same on every backend: `area/case[axis=v]`.
    pub fn permutation_name(&self) -> String {
        let TrialName {
            case, permutation, ..
        } = self;
        match permutation.as_str() {
            "" => case.clone(),
            values => format!("{case}[{values}]"),
        }
    }
}

impl fmt::Display for TrialName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.permutation_name(), self.backend)
    }
}
