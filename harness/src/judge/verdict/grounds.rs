//! What a decision rests on.

use crate::history::History;
use crate::judge::Finding;
use crate::judge::breaks::BrokenFinding;
use crate::judge::cause::Blame;
use crate::judge::golden::compare::GoldenComparison;
use crate::plan::Permutation;

/// One run, and everything that was found in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grounds<'a> {
    pub(crate) permutation: &'a Permutation,
    pub(crate) history: &'a History,
    /// Everything that invariants reported.
    pub(crate) findings: &'a [Finding],
    /// The findings of broken clauses, with how each broke.
    pub(crate) broken: &'a [BrokenFinding<'a>],
    /// Whose doing it is that the run ended wrongly, if not the library's.
    pub(crate) blame: Option<&'a Blame>,
    /// How the transcript compares with the golden.
    pub(crate) golden: &'a GoldenComparison,
}
