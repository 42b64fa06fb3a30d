//! What a decision rests on.

use crate::history::History;
use crate::judge::Finding;
use crate::judge::breaks::BrokenFinding;
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
    /// How the transcript compares with the golden.
    pub(crate) golden: &'a GoldenComparison,
}
