//! Mistakes of meaning: what can be seen to be wrong without filling in the axes' values.

use super::diagnostic::Diagnostics;
use super::model::Case;
use super::symbols::SymbolTable;

mod close;
mod connections;
mod ends;
mod head;
mod labels;
mod processes;
mod references;
mod status;
mod threads;

pub use status::ClauseStatus;

/// That the case means something: every name refers to something, every channel is used as its
/// kind can be, every clause is one that somebody judges. `clauses` says what is known of an id.
///
/// # Errors
///
/// Every mistake, with its place. What only shows in a permutation is left to
/// [`crate::case::expand::permutations`].
pub fn check(case: &Case, clauses: &dyn Fn(&str) -> ClauseStatus) -> Result<(), Diagnostics> {
    let symbols = SymbolTable::of(case);
    let mut errors = Diagnostics::new();
    head::check(case, clauses, &mut errors);
    references::check(case, &symbols, &mut errors);
    ends::check(case, &symbols, &mut errors);
    close::check(case, &symbols, &mut errors);
    connections::check(case, &symbols, &mut errors);
    labels::check(case, &symbols, &mut errors);
    processes::check(case, &symbols, &mut errors);
    threads::check(case, &mut errors);
    errors.or(())
}
