//! Mistakes of meaning.

use super::{Case, Diagnostics};

/// What is known of a clause that a case lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClauseStatus {
    /// It is in the catalogue, and some invariant speaks of it.
    Judged,
    /// It is in the catalogue, and no invariant speaks of it.
    Unjudged,
    /// It isn't in the catalogue.
    Unknown {
        /// One that is, and is spelt alike.
        nearest: Option<String>,
    },
}

/// Everything that a reader can see to be wrong without running the case.
pub fn check(case: &Case, clauses: &dyn Fn(&str) -> ClauseStatus) -> Result<(), Diagnostics> {
    let _ = (case, clauses);
    Ok(())
}
