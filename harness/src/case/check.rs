//! Checks the meaning of a case, as far as possible without the values of axes.

use super::diagnostic::Diagnostics;
use super::model::Case;
use super::symbols::SymbolTable;

mod close;
mod connections;
mod ends;
mod head;
mod labels;
mod limits;
mod processes;
mod references;
mod status;
mod threads;

pub use status::ClauseStatus;

/// Checks that the case has a meaning: every name refers to something, every channel is used as its
/// kind allows, and an invariant judges every clause. `clauses` returns the status of a clause id.
///
/// # Errors
/// Every mistake, with its position. [`crate::case::expand::permutations`] finds those that depend on
/// the values of axes.
pub(crate) fn check(
    case: &Case,
    clauses: &dyn Fn(&str) -> ClauseStatus,
) -> Result<(), Diagnostics> {
    let symbols = SymbolTable::of(case);
    let mut errors = Diagnostics::new();
    head::check(case, clauses, &mut errors);
    references::check(case, &symbols, &mut errors);
    ends::check(case, &symbols, &mut errors);
    close::check(case, &symbols, &mut errors);
    connections::check(case, &symbols, &mut errors);
    labels::check(case, &symbols, &mut errors);
    limits::check(case, &mut errors);
    processes::check(case, &symbols, &mut errors);
    threads::check(case, &mut errors);
    errors.or(())
}
