//! Mistakes of meaning: what can be seen to be wrong without filling in the axes' values.

use super::diagnostic::Diagnostics;
use super::model::Case;
use super::scope::Scope;

mod close;
mod connections;
mod ends;
mod head;
mod labels;
mod processes;
mod references;
mod threads;

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

/// That the case means something: every name refers to something, every channel is used as its
/// kind can be, every clause is one that somebody judges. `clauses` says what is known of an id.
///
/// # Errors
///
/// Every mistake, with its place. What only shows in a permutation is left to
/// [`crate::case::expand::permutations`].
pub fn check(case: &Case, clauses: &dyn Fn(&str) -> ClauseStatus) -> Result<(), Diagnostics> {
    let scope = Scope::of(case);
    let mut errors = Diagnostics::new();
    head::check(case, clauses, &mut errors);
    references::check(case, &scope, &mut errors);
    ends::check(case, &scope, &mut errors);
    close::check(case, &scope, &mut errors);
    connections::check(case, &scope, &mut errors);
    labels::check(case, &scope, &mut errors);
    processes::check(case, &scope, &mut errors);
    threads::check(case, &mut errors);
    errors.or(())
}
