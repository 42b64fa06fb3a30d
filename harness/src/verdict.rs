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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Witness;
    use crate::testing::histories::pipe;
    use rstest::rstest;

    const CORE: &str = "pipe.eof.sticky";
    const OTHER: &str = "pipe.order.single-writer";
    const HARNESS: &str = "live.deadline";
    const INFO: &str = "value.int";
    const MP: &str = "queue.join.too-many";

    const OPERATION: OperationId = OperationId {
        process: 0,
        index: 3,
    };

    fn catalogue() -> Catalogue {
        let clause = |(id, level, profile)| {
            format!(
                "[[clause]]\nid = \"{id}\"\nsentence = \"x\"\nlevel = \"{level}\"\n\
                 profile = \"{profile}\"\nsource = \"x\"\n"
            )
        };
        let clauses = [
            (CORE, "must", "core"),
            (OTHER, "must", "core"),
            (HARNESS, "must", "harness"),
            (INFO, "info", "declared"),
            (MP, "must", "mp"),
        ];
        Catalogue::parse(&clauses.map(clause).concat()).unwrap()
    }

    fn finding(clause: &str, state: State) -> Finding {
        Finding {
            clause: clause.into(),
            invariant: "made up".to_owned(),
            state,
        }
    }

    fn upheld(clause: &str) -> Finding {
        finding(clause, State::Upheld { evidence: 2 })
    }

    fn untried(clause: &str) -> Finding {
        let why = "because".to_owned();
        finding(clause, State::Untried { why })
    }

    fn broken(clause: &str) -> Finding {
        finding(
            clause,
            State::Broken(Witness {
                operations: vec![OPERATION],
                process: None,
                expected: "this".to_owned(),
                actual: "that".to_owned(),
            }),
        )
    }

    fn verdicts(
        listed: &[&str],
        backend: &str,
        findings: &[Finding],
        golden: &GoldenComparison,
    ) -> (Verdict, Vec<ClauseVerdict>) {
        let run = listed.iter().fold(pipe(), |run, clause| run.lists(clause));
        let backend = Key::new(Kind::Pipe, backend);
        decide(&run.permutation, &backend, &catalogue(), findings, golden)
    }

    #[rstest]
    #[case::upheld(&[upheld(CORE)], Verdict::Pass)]
    #[case::broken(&[broken(CORE)], Verdict::Fail)]
    #[case::broken_and_upheld(&[upheld(CORE), broken(CORE)], Verdict::Fail)]
    #[case::untried(&[untried(CORE)], Verdict::Unknown)]
    #[case::nobody_spoke(&[], Verdict::Unknown)]
    #[case::another_broke(&[upheld(CORE), broken(OTHER)], Verdict::Fail)]
    #[case::the_harnesss_own_broke(&[upheld(CORE), broken(HARNESS)], Verdict::Fail)]
    #[case::one_that_nobody_knows_broke(&[upheld(CORE), broken("a.b")], Verdict::Fail)]
    #[case::another_is_untried(&[upheld(CORE), untried(OTHER)], Verdict::Pass)]
    #[case::only_information_broke(&[upheld(CORE), broken(INFO)], Verdict::Pass)]
    #[case::only_parity_broke(&[upheld(CORE), broken(MP)], Verdict::Pass)]
    fn a_library_is_held_to_what_binds_it(#[case] findings: &[Finding], #[case] expected: Verdict) {
        let (verdict, _) = verdicts(&[CORE], "some/library", findings, &GoldenComparison::Same);
        assert_eq!(verdict, expected);
    }

    #[rstest]
    #[case("std/pipe", Verdict::Fail)]
    #[case("some/library", Verdict::NotApplicable)]
    fn only_the_reference_is_held_to_parity(#[case] backend: &str, #[case] expected: Verdict) {
        let (verdict, _) = verdicts(&[MP], backend, &[broken(MP)], &GoldenComparison::Same);
        assert_eq!(verdict, expected);
    }

    #[test]
    fn listed_clauses_come_in_the_cases_order_then_others_that_broke() {
        let findings = [upheld(CORE), untried(HARNESS), broken(OTHER), upheld(MP)];
        let listed = [HARNESS, CORE];
        let (_, clauses) = verdicts(&listed, "x", &findings, &GoldenComparison::Same);
        let clauses: Vec<_> = clauses
            .iter()
            .map(|c| (c.clause.as_str(), c.verdict, c.listed, c.evidence))
            .collect();
        assert_eq!(
            clauses,
            [
                (HARNESS, Verdict::Unknown, true, 0),
                (CORE, Verdict::Pass, true, 2),
                (OTHER, Verdict::Fail, false, 0),
            ]
        );
    }

    fn differs(operations: &[OperationId]) -> GoldenComparison {
        GoldenComparison::Differs {
            operations: operations.to_vec(),
        }
    }

    #[rstest]
    #[case::same(GoldenComparison::Same, Verdict::Pass)]
    #[case::not_compared(GoldenComparison::NotCompared, Verdict::Pass)]
    #[case::missing(GoldenComparison::Missing, Verdict::Unknown)]
    #[case::differs(differs(&[OPERATION]), Verdict::Unknown)]
    #[case::differs_in_a_line_about_nothing(differs(&[]), Verdict::Unknown)]
    fn a_golden_alone_casts_doubt(#[case] golden: GoldenComparison, #[case] expected: Verdict) {
        assert_eq!(verdicts(&[CORE], "x", &[upheld(CORE)], &golden).0, expected);
    }

    #[test]
    fn a_difference_that_a_broken_clause_explains_casts_no_doubt() {
        let findings = [upheld(CORE), broken(INFO)];
        let explained = differs(&[OPERATION]);
        assert_eq!(
            verdicts(&[CORE], "x", &findings, &explained).0,
            Verdict::Pass
        );
        let other = OperationId {
            process: 1,
            index: 0,
        };
        let beyond = differs(&[OPERATION, other]);
        assert_eq!(
            verdicts(&[CORE], "x", &findings, &beyond).0,
            Verdict::Unknown
        );
    }

    #[test]
    fn a_golden_makes_no_failure_milder() {
        let missing = GoldenComparison::Missing;
        assert_eq!(
            verdicts(&[CORE], "x", &[broken(CORE)], &missing).0,
            Verdict::Fail
        );
    }
}
