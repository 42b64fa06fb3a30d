//! From findings to verdicts.
//!
//! A clause passes on at least one piece of evidence and no break; too little evidence is
//! [`Verdict::Unknown`], never a pass. A break of a clause that the case doesn't list fails too.

use std::collections::BTreeMap;

use crate::backend::Key;
use crate::channel::Kind;
use crate::clause::catalogue::Catalogue;
use crate::clause::{ClauseId, Level, Profile};
use crate::finding::{Finding, State};
use crate::history::OperationId;
use crate::permutation::Permutation;
use crate::trial::{ClauseVerdict, Verdict};

/// How a run's transcript compares with the case's golden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GoldenComparison {
    /// They say the same.
    Same,
    /// Lines differ.
    Differs {
        /// The operations of the lines that differ, as far as a line is about operations.
        operations: Vec<OperationId>,
    },
    /// The case has no golden yet.
    Missing,
    /// Nobody asked.
    NotCompared,
}

/// The overall verdict of a judged run, and one for each clause: those that the case lists in its
/// order, then others that broke.
pub fn decide(
    permutation: &Permutation,
    backend: &Key,
    catalogue: &Catalogue,
    findings: &[Finding],
    golden: &GoldenComparison,
) -> (Verdict, Vec<ClauseVerdict>) {
    let mut seen = evidence(findings);
    let binds = |clause: &ClauseId| binds(catalogue, clause, backend);
    let mut clauses: Vec<_> = permutation
        .clauses
        .iter()
        .map(|clause| {
            let evidence = seen.remove(clause).unwrap_or_default();
            evidence.verdict(clause, true, binds(clause))
        })
        .collect();
    clauses.extend(
        seen.iter()
            .filter(|(clause, evidence)| evidence.broken && binds(clause))
            .map(|(clause, evidence)| evidence.verdict(clause, false, true)),
    );
    (overall(&clauses, findings, golden), clauses)
}

/// Whether a break of this clause fails this backend. A clause that the catalogue doesn't know
/// binds everyone, so that a slip in a name can't turn red into green.
fn binds(catalogue: &Catalogue, clause: &ClauseId, backend: &Key) -> bool {
    catalogue.get(clause).is_none_or(|clause| {
        clause.level != Level::Info && (clause.profile != Profile::Mp || is_reference(backend))
    })
}

/// Whether this is one of the backends that are held to every profile.
pub fn is_reference(backend: &Key) -> bool {
    matches!(
        (backend.kind, backend.name.as_str()),
        (Kind::Queue, "broker")
            | (Kind::Pipe | Kind::Stream, "std/pipe")
            | (Kind::Process, "os/process")
    )
}

/// All that findings say of one clause.
#[derive(Clone, Copy, Default)]
struct Evidence {
    upheld: u64,
    broken: bool,
}

impl Evidence {
    fn verdict(self, clause: &ClauseId, listed: bool, binds: bool) -> ClauseVerdict {
        let verdict = match (binds, self.broken, self.upheld) {
            (true, true, _) => Verdict::Fail,
            (_, false, 1..) => Verdict::Pass,
            (true, false, 0) => Verdict::Unknown,
            // Nobody promised it to anyone here: worth a finding, not a red cell.
            (false, _, _) => Verdict::NotApplicable,
        };
        ClauseVerdict {
            clause: clause.clone(),
            verdict,
            listed,
            evidence: self.upheld,
        }
    }
}

fn evidence(findings: &[Finding]) -> BTreeMap<ClauseId, Evidence> {
    let mut seen: BTreeMap<ClauseId, Evidence> = BTreeMap::new();
    for finding in findings {
        let entry = seen.entry(finding.clause.clone()).or_default();
        match &finding.state {
            State::Broken(_) => entry.broken = true,
            State::Upheld { evidence } => entry.upheld += evidence,
            State::Untried { .. } => {}
        }
    }
    seen
}

/// The worst of the clauses' verdicts, unless the golden casts doubt on a green one.
fn overall(clauses: &[ClauseVerdict], findings: &[Finding], golden: &GoldenComparison) -> Verdict {
    let applicable = clauses
        .iter()
        .map(|clause| clause.verdict)
        .filter(|verdict| *verdict != Verdict::NotApplicable);
    // Only clauses that bind nobody here, or none at all: nothing was judged.
    let worst = applicable.max().unwrap_or(match clauses {
        [] => Verdict::Unknown,
        _ => Verdict::NotApplicable,
    });
    if worst < Verdict::Unknown && doubts(findings, golden) {
        Verdict::Unknown
    } else {
        worst
    }
}

/// Whether the golden shows something that no broken clause explains: a hole in the judge.
fn doubts(findings: &[Finding], golden: &GoldenComparison) -> bool {
    match golden {
        GoldenComparison::Same | GoldenComparison::NotCompared => false,
        GoldenComparison::Missing => true,
        GoldenComparison::Differs { operations } => {
            let explained = |id: &OperationId| {
                findings.iter().any(|finding| match &finding.state {
                    State::Broken(witness) => witness.operations.contains(id),
                    _ => false,
                })
            };
            operations.is_empty() || !operations.iter().all(explained)
        }
    }
}
