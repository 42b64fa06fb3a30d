//! The verdict of each clause.

use std::collections::BTreeMap;

use super::duties::Duties;
use super::grounds::Grounds;
use crate::clause::ClauseId;
use crate::judge::divergence::{Divergence, Shows};
use crate::judge::{Break, ClauseVerdict, FindingState, Verdict};

/// Returns one verdict for each clause: those that the case lists in its order, then others that
/// broke, or that held although a divergence says that they are broken.
pub(super) fn verdicts(grounds: &Grounds<'_>, duties: &Duties<'_>) -> Vec<ClauseVerdict> {
    let mut by_clause = ClauseFindings::by_clause(grounds);
    let mut clauses: Vec<ClauseVerdict> = grounds
        .permutation
        .clauses
        .iter()
        .map(|clause| {
            let findings = by_clause.remove(clause).unwrap_or_default();
            findings.verdict(clause, true, duties)
        })
        .collect();
    let others = by_clause
        .into_iter()
        .map(|(clause, findings)| findings.verdict(&clause, false, duties));
    clauses.extend(others.filter(|other| {
        use Verdict::{NotApplicable, Pass, Unknown};
        !matches!(other.verdict, Pass | NotApplicable | Unknown)
    }));
    let racing = duties
        .divergences
        .iter()
        .filter(|divergence| divergence.shows == Shows::Sometimes)
        .map(|divergence| &divergence.clause.value);
    for clause in racing {
        if clauses.iter().all(|one| one.clause != *clause) {
            clauses.push(ClauseFindings::default().verdict(clause, false, duties));
        }
    }
    excuse_untried(&mut clauses);
    clauses
}

/// All findings of one clause.
#[derive(Default)]
struct ClauseFindings {
    upheld: u64,
    broken: bool,
    too_slow: bool,
    breaks: Vec<Break>,
}

impl ClauseFindings {
    fn by_clause(grounds: &Grounds<'_>) -> BTreeMap<ClauseId, ClauseFindings> {
        let mut by_clause: BTreeMap<ClauseId, ClauseFindings> = BTreeMap::new();
        for finding in grounds.findings {
            let entry = by_clause.entry(finding.clause.clone()).or_default();
            match &finding.state {
                FindingState::Broken(_) => entry.broken = true,
                FindingState::Upheld { evidence } => entry.upheld += evidence,
                FindingState::TooSlow { .. } => entry.too_slow = true,
                FindingState::Untried { .. } => {}
            }
        }
        for broken in grounds.broken {
            let clause = broken.finding.clause.clone();
            let breaks = &mut by_clause.entry(clause).or_default().breaks;
            for one in &broken.breaks {
                if !breaks.iter().any(|other| other.is_like(one)) {
                    breaks.push(one.clone());
                }
            }
        }
        by_clause
    }

    fn verdict(self, clause: &ClauseId, listed: bool, duties: &Duties<'_>) -> ClauseVerdict {
        let binds = duties.bind(clause);
        let divergence = duties.divergence(clause).filter(|_| binds);
        let verdict = match (self.broken, self.upheld, divergence) {
            (true, ..) if !binds => Verdict::Unpromised,
            (true, _, Some(divergence)) if self.is_like(divergence) => {
                divergence.review.kind.verdict()
            }
            (true, ..) => Verdict::Fail,
            (false, ..) if self.too_slow && binds => Verdict::Unknown,
            (false, 1.., Some(divergence)) if divergence.shows == Shows::Always => {
                Verdict::UnexpectedPass
            }
            // It held this time, but a race must not change the verdict from run to run.
            (false, _, Some(divergence)) if divergence.shows == Shows::Sometimes => {
                divergence.review.kind.verdict()
            }
            (false, 1.., _) => Verdict::Pass,
            (false, 0, _) if binds => Verdict::Unknown,
            // The clause doesn't bind this backend.
            (false, 0, _) => Verdict::NotApplicable,
        };
        let refers = !matches!(verdict, Verdict::Pass | Verdict::Unknown);
        ClauseVerdict {
            clause: clause.clone(),
            verdict,
            listed,
            evidence: self.upheld,
            breaks: self.breaks,
            divergence: divergence
                .filter(|_| refers)
                .map(|divergence| divergence.place.clone()),
        }
    }

    /// Whether the clause broke only in ways that the divergence records.
    fn is_like(&self, divergence: &Divergence) -> bool {
        !self.breaks.is_empty() && self.breaks.iter().all(|one| divergence.fits(one))
    }
}

/// A break may prevent the test of other clauses. If the break is a reviewed one, those unknown
/// clauses count as part of its divergence.
fn excuse_untried(clauses: &mut [ClauseVerdict]) {
    let mut reviewed = clauses.iter().filter(|c| c.verdict.is_reviewed());
    let Some(place) = reviewed.find_map(|clause| clause.divergence.clone()) else {
        return;
    };
    for clause in clauses {
        if clause.verdict == Verdict::Unknown {
            clause.divergence = Some(place.clone());
        }
    }
}
