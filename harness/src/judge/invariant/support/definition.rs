//! What an invariant is.

use crate::judge::Finding;
use crate::judge::invariant::support::evidence::Evidence;

/// One judge of histories.
#[derive(Clone, Copy, Debug)]
pub struct Invariant {
    /// Its name in findings and reports.
    pub name: &'static str,
    /// The promises that it judges, in one sentence.
    pub about: &'static str,
    /// The clauses about which it can report findings.
    pub clauses: &'static [&'static str],
    /// Returns its findings for one history.
    pub judge: fn(&Evidence<'_>) -> Vec<Finding>,
}
