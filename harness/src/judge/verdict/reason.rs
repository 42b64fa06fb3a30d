//! The reason for a verdict, in one line.

use super::grounds::Grounds;
use crate::judge::golden::compare::GoldenComparison;
use crate::judge::untried;
use crate::judge::{Break, ClauseVerdict, Finding, FindingState, Verdict};

/// Returns the clauses that reviewed divergences cover, how each broke, and where that was reviewed.
pub(crate) fn reviewed_breaks(clauses: &[ClauseVerdict]) -> String {
    let reviewed = clauses.iter().filter(|c| c.verdict.is_reviewed());
    let sentences = reviewed.filter_map(|clause| {
        let place = clause.divergence.as_ref()?;
        if clause.breaks.is_empty() {
            let held = "it held this time, but sometimes doesn't";
            return Some(format!("{}: {held}, as {place} says", clause.clause));
        }
        let breaks: Vec<String> = clause.breaks.iter().map(Break::to_string).collect();
        let breaks = breaks.join(" and ");
        Some(format!("{}: {breaks}, as {place} says", clause.clause))
    });
    sentences.collect::<Vec<_>>().join("; ")
}

/// Returns why a verdict is unknown: the machine, the first clause that wasn't tested, or the golden.
pub(super) fn doubt(clauses: &[ClauseVerdict], grounds: &Grounds<'_>) -> Option<String> {
    if let Some(why) = too_slow(grounds.findings) {
        return Some(why.to_owned());
    }
    let untested = clauses.iter().find_map(|clause| {
        let is_unknown = clause.verdict == Verdict::Unknown && clause.divergence.is_none();
        is_unknown.then(|| match untried::why(&clause.clause, grounds.findings) {
            Some(why) => format!("{} was not tested: {why}", clause.clause),
            None => format!("{} was not tested", clause.clause),
        })
    });
    let diverges = clauses.iter().any(|clause| clause.verdict.is_reviewed());
    untested.or_else(|| {
        let text = match grounds.golden {
            GoldenComparison::Missing => "it has no reviewed golden yet: `cargo test` offers one, `cargo insta accept` takes it",
            GoldenComparison::Differs(_) if diverges => {
                "its transcript differs from the golden also where no divergence explains it"
            }
            GoldenComparison::Differs(_) => {
                "its transcript differs from the golden, although no invariant found a break"
            }
            GoldenComparison::Same | GoldenComparison::NotCompared => return None,
        };
        Some(text.to_owned())
    })
}

/// Returns the figures, if the machine was too slow for a clause to be judged.
pub(crate) fn too_slow(findings: &[Finding]) -> Option<&str> {
    findings.iter().find_map(|finding| match &finding.state {
        FindingState::TooSlow { why } => Some(why.as_str()),
        _ => None,
    })
}
