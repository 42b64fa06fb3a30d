use std::sync::Arc;

use super::*;
use crate::backend::{Key, Kind, Outcome};
use crate::case::Span;
use crate::clause::Catalogue;
use crate::history::{Ending, Exit, OperationId};
use crate::judge::breaks::BrokenFinding;
use crate::judge::cause::{Blame, Cause};
use crate::judge::divergence::{
    Divergence, DivergenceKind, Quote, QuoteSource, Review, Shows, Signature, When, WildcardPattern,
};
use crate::judge::golden::compare::{GoldenComparison, TranscriptDifference};
use crate::judge::{Break, FileLine, Finding, FindingState, Witness};
use crate::test_support::histories::pipe;
use rstest::rstest;

const CORE: &str = "pipe.eof.sticky";
const OTHER: &str = "pipe.order.single-writer";
const HARNESS: &str = "leak.handles.steady";
const INFO: &str = "value.int";
const MP: &str = "queue.join.too-many";

/// The operation that shows every break here; another one precedes it.
const OPERATION: OperationId = operation(1);

const fn operation(index: usize) -> OperationId {
    OperationId { process: 0, index }
}

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

fn finding(clause: &str, state: FindingState) -> Finding {
    Finding {
        clause: clause.into(),
        invariant: "invented".to_owned(),
        state,
    }
}

fn upheld(clause: &str) -> Finding {
    finding(clause, FindingState::Upheld { evidence: 2 })
}

fn untried(clause: &str) -> Finding {
    let why = "because".to_owned();
    finding(clause, FindingState::Untried { why })
}

fn broken(clause: &str) -> Finding {
    finding(
        clause,
        FindingState::Broken(Witness {
            operations: vec![OPERATION],
            process: None,
            expected: "this".to_owned(),
            actual: "that".to_owned(),
        }),
    )
}

fn broke() -> Break {
    Break {
        step: "recv p.rx".to_owned(),
        label: None,
        outcome: Outcome::Timeout,
        raw: None,
        operation: Some(OPERATION),
    }
}

fn review(kind: DivergenceKind) -> Review {
    Review {
        kind,
        reason: "because".to_owned(),
        quote: Quote {
            texts: vec!["it says so".to_owned()],
            source: QuoteSource::Web("https://example.org".to_owned()),
        },
        link: "https://example.org".to_owned(),
    }
}

/// A divergence of this clause that records the break of every finding here.
fn divergence(clause: &str) -> Divergence {
    let span = Span::default();
    Divergence {
        backend: Key::new(Kind::Pipe, "some/library"),
        clause: span.with(clause.into()),
        case: span.with(WildcardPattern::from("*")),
        when: When::default(),
        signatures: vec![Signature::of(&broke())],
        shows: Shows::Always,
        review: Arc::new(review(DivergenceKind::Broken)),
        place: FileLine {
            file: "x.toml".to_owned(),
            line: 3,
        },
    }
}

fn reviewed(
    listed: &[&str],
    is_reference: bool,
    divergences: &[Divergence],
    findings: &[Finding],
    golden: &GoldenComparison,
) -> (Verdict, Vec<ClauseVerdict>) {
    let run = pipe()
        .process("r")
        .ask()
        .ok(0, 1)
        .ask()
        .gives(Outcome::Timeout, 2, 3)
        .ask()
        .gives(Outcome::End, 4, 5);
    let run = listed.iter().fold(run, |run, clause| run.lists(clause));
    let broken = findings.iter().filter_map(|finding| match &finding.state {
        FindingState::Broken(witness) => Some(BrokenFinding {
            finding,
            witness,
            breaks: vec![broke()],
        }),
        _ => None,
    });
    let broken: Vec<BrokenFinding<'_>> = broken.collect();
    let divergences: Vec<_> = divergences.iter().cloned().map(Arc::new).collect();
    let grounds = Grounds {
        permutation: &run.permutation,
        history: &run.history,
        findings,
        broken: &broken,
        blame: None,
        golden,
    };
    let duties = Duties {
        catalogue: &catalogue(),
        is_reference,
        divergences: &divergences,
    };
    let Decision {
        verdict, clauses, ..
    } = decide(&grounds, &duties);
    (verdict, clauses)
}

fn verdicts(
    listed: &[&str],
    findings: &[Finding],
    golden: &GoldenComparison,
) -> (Verdict, Vec<ClauseVerdict>) {
    reviewed(listed, false, &[], findings, golden)
}

#[rstest]
#[case::upheld(&[upheld(CORE)], Verdict::Pass)]
#[case::broken(&[broken(CORE)], Verdict::Fail)]
#[case::broken_and_upheld(&[upheld(CORE), broken(CORE)], Verdict::Fail)]
#[case::untried(&[untried(CORE)], Verdict::Unknown)]
#[case::no_finding(&[], Verdict::Unknown)]
#[case::another_broke(&[upheld(CORE), broken(OTHER)], Verdict::Fail)]
#[case::only_a_clause_of_the_harness_broke(&[upheld(CORE), broken(HARNESS)], Verdict::Pass)]
#[case::a_clause_outside_the_catalogue_broke(&[upheld(CORE), broken("a.b")], Verdict::Fail)]
#[case::another_is_untried(&[upheld(CORE), untried(OTHER)], Verdict::Pass)]
#[case::only_information_broke(&[upheld(CORE), broken(INFO)], Verdict::Pass)]
#[case::only_parity_broke(&[upheld(CORE), broken(MP)], Verdict::Pass)]
fn a_library_is_held_to_clauses_that_bind_it(
    #[case] findings: &[Finding],
    #[case] expected: Verdict,
) {
    let (verdict, _) = verdicts(&[CORE], findings, &GoldenComparison::Same);
    assert_eq!(verdict, expected);
}

#[rstest]
#[case::parity(MP)]
#[case::of_the_harness(HARNESS)]
fn only_a_reference_is_held_to_every_clause(#[case] clause: &str) {
    for (is_reference, expected) in [(true, Verdict::Fail), (false, Verdict::Unpromised)] {
        let golden = GoldenComparison::Same;
        let (verdict, clauses) = reviewed(&[clause], is_reference, &[], &[broken(clause)], &golden);
        assert_eq!(verdict, expected);
        assert_eq!(clauses[0].verdict, expected);
    }
}

#[test]
fn listed_clauses_are_in_the_order_of_the_case_and_before_others_that_broke() {
    let findings = [upheld(CORE), untried(HARNESS), broken(OTHER), upheld(MP)];
    let listed = [HARNESS, CORE];
    let golden = GoldenComparison::Same;
    let (_, clauses) = reviewed(&listed, true, &[], &findings, &golden);
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

fn differs(places: Vec<Vec<OperationId>>) -> GoldenComparison {
    GoldenComparison::Differs(TranscriptDifference {
        places,
        diff: String::new(),
    })
}

#[rstest]
#[case::same(GoldenComparison::Same, Verdict::Pass)]
#[case::not_compared(GoldenComparison::NotCompared, Verdict::Pass)]
#[case::missing(GoldenComparison::Missing, Verdict::Unknown)]
#[case::differs(differs(vec![vec![OPERATION]]), Verdict::Unknown)]
#[case::differs_in_a_line_without_operations(differs(vec![vec![]]), Verdict::Unknown)]
fn a_golden_that_is_missing_or_differs_makes_a_pass_unknown(
    #[case] golden: GoldenComparison,
    #[case] expected: Verdict,
) {
    assert_eq!(verdicts(&[CORE], &[upheld(CORE)], &golden).0, expected);
}

#[rstest]
#[case::in_the_witness(vec![vec![OPERATION]], Verdict::Pass)]
#[case::in_another_operation_too(vec![vec![OPERATION, operation(0)]], Verdict::Unknown)]
#[case::in_another_place_too(vec![vec![OPERATION], vec![operation(2)]], Verdict::Unknown)]
fn a_broken_clause_explains_only_differences_in_its_witness(
    #[case] places: Vec<Vec<OperationId>>,
    #[case] expected: Verdict,
) {
    let findings = [upheld(CORE), broken(INFO)];
    assert_eq!(verdicts(&[CORE], &findings, &differs(places)).0, expected);
}

#[test]
fn a_failure_stays_a_failure_without_a_golden() {
    let missing = GoldenComparison::Missing;
    assert_eq!(
        verdicts(&[CORE], &[broken(CORE)], &missing).0,
        Verdict::Fail
    );
}

const SAME: GoldenComparison = GoldenComparison::Same;

#[rstest]
#[case::it_broke_as_recorded(&[broken(CORE)], Verdict::Diverges)]
#[case::it_held_too(&[upheld(CORE), broken(CORE)], Verdict::Diverges)]
#[case::it_held(&[upheld(CORE)], Verdict::UnexpectedPass)]
#[case::untried(&[untried(CORE)], Verdict::Unknown)]
#[case::another_broke(&[broken(CORE), broken(OTHER)], Verdict::Fail)]
#[case::another_broke_and_it_held(&[upheld(CORE), broken(OTHER)], Verdict::Fail)]
fn a_divergence_with_shows_always_must_break_whenever_it_is_tested(
    #[case] findings: &[Finding],
    #[case] expected: Verdict,
) {
    let (verdict, clauses) = reviewed(&[CORE], false, &[divergence(CORE)], findings, &SAME);
    assert_eq!(verdict, expected);
    let refers = matches!(
        clauses[0].verdict,
        Verdict::Diverges | Verdict::UnexpectedPass
    );
    assert_eq!(clauses[0].divergence.is_some(), refers, "{clauses:?}");
}

#[rstest]
#[case::it_broke_as_recorded(&[broken(CORE)], Verdict::Diverges)]
#[case::it_held(&[upheld(CORE)], Verdict::Diverges)]
#[case::untried(&[untried(CORE)], Verdict::Diverges)]
#[case::no_finding(&[], Verdict::Diverges)]
fn a_divergence_with_shows_sometimes_diverges_in_every_run(
    #[case] findings: &[Finding],
    #[case] expected: Verdict,
) {
    let sometimes = Divergence {
        shows: Shows::Sometimes,
        ..divergence(CORE)
    };
    let (verdict, _) = reviewed(&[CORE], false, &[sometimes], findings, &SAME);
    assert_eq!(verdict, expected);
}

#[rstest]
#[case::it_broke_as_recorded(&[broken(CORE)], Verdict::Documented)]
#[case::it_held(&[upheld(CORE)], Verdict::UnexpectedPass)]
#[case::another_broke(&[broken(CORE), broken(OTHER)], Verdict::Fail)]
fn what_the_library_documents_is_not_broken(
    #[case] findings: &[Finding],
    #[case] expected: Verdict,
) {
    let documented = Divergence {
        review: Arc::new(review(DivergenceKind::Documented)),
        ..divergence(CORE)
    };
    let (verdict, _) = reviewed(
        &[CORE],
        false,
        std::slice::from_ref(&documented),
        findings,
        &SAME,
    );
    assert_eq!(verdict, expected);

    let sometimes = Divergence {
        shows: Shows::Sometimes,
        ..documented
    };
    let (verdict, _) = reviewed(&[CORE], false, &[sometimes], &[upheld(CORE)], &SAME);
    assert_eq!(verdict, Verdict::Documented);
}

#[test]
fn a_clause_that_diverges_outweighs_one_that_is_documented_otherwise() {
    let documented = Divergence {
        review: Arc::new(review(DivergenceKind::Documented)),
        ..divergence(CORE)
    };
    let divergences = [documented, divergence(OTHER)];
    let findings = [broken(CORE), broken(OTHER)];
    let (verdict, clauses) = reviewed(&[CORE, OTHER], false, &divergences, &findings, &SAME);
    assert_eq!(verdict, Verdict::Diverges);
    assert_eq!(clauses[0].verdict, Verdict::Documented);
}

#[test]
fn a_divergence_of_an_unlisted_clause_can_be_stale() {
    let findings = [upheld(CORE), upheld(OTHER)];
    let (verdict, clauses) = reviewed(&[CORE], false, &[divergence(OTHER)], &findings, &SAME);
    assert_eq!(verdict, Verdict::UnexpectedPass);
    assert_eq!((clauses[1].listed, clauses.len()), (false, 2));
}

#[rstest]
#[case::step(|signature: &mut Signature| signature.step = "recv q.rx".to_owned())]
#[case::outcome(|signature: &mut Signature| signature.outcome = Outcome::Error)]
#[case::raw(|signature: &mut Signature| signature.raw = Some("BrokenPipe (32)".to_owned()))]
fn another_break_of_the_same_clause_fails(#[case] change: fn(&mut Signature)) {
    let mut divergence = divergence(CORE);
    change(&mut divergence.signatures[0]);
    let (verdict, clauses) = reviewed(&[CORE], false, &[divergence], &[broken(CORE)], &SAME);
    assert_eq!(verdict, Verdict::Fail);
    let place = clauses[0].divergence.as_ref().map(|place| place.line);
    assert_eq!(
        place,
        Some(3),
        "the verdict refers to the divergence that it doesn't fit"
    );
}

#[test]
fn a_clause_left_untried_by_a_divergence_is_unknown_and_does_not_count() {
    let findings = [broken(CORE), untried(OTHER)];
    let listed = [OTHER, CORE];
    let (verdict, clauses) = reviewed(&listed, false, &[divergence(CORE)], &findings, &SAME);
    assert_eq!(verdict, Verdict::Diverges);
    assert_eq!(clauses[0].verdict, Verdict::Unknown);
    assert_eq!(clauses[0].divergence, clauses[1].divergence);
}

#[test]
fn a_clause_left_untried_by_a_failure_refers_to_no_divergence() {
    let findings = [broken(CORE), untried(OTHER)];
    let (verdict, clauses) = verdicts(&[OTHER, CORE], &findings, &SAME);
    assert_eq!(verdict, Verdict::Fail);
    assert_eq!(clauses[0].divergence, None);
}

#[rstest]
#[case::at_the_break(vec![vec![OPERATION]], Verdict::Diverges)]
#[case::after_it(vec![vec![operation(2)]], Verdict::Diverges)]
#[case::from_before_it_on(vec![vec![operation(0), OPERATION]], Verdict::Diverges)]
#[case::before_it(vec![vec![operation(0)]], Verdict::Unknown)]
#[case::before_it_and_at_it(vec![vec![operation(0)], vec![OPERATION]], Verdict::Unknown)]
#[case::in_a_line_without_operations(vec![vec![]], Verdict::Unknown)]
fn a_divergence_explains_differences_from_its_first_break_on(
    #[case] places: Vec<Vec<OperationId>>,
    #[case] expected: Verdict,
) {
    let divergences = [divergence(CORE)];
    let golden = differs(places);
    let (verdict, _) = reviewed(&[CORE], false, &divergences, &[broken(CORE)], &golden);
    assert_eq!(verdict, expected);
}

#[rstest]
#[case::as_expected(&[upheld(CORE), upheld("live.deadline")], Verdict::Pass)]
#[case::explained_by_a_clause_that_binds_no_library(&[upheld(CORE)], Verdict::Unpromised)]
fn a_run_that_hangs_never_passes(#[case] findings: &[Finding], #[case] expected: Verdict) {
    let run = pipe().process("r").exits(Exit::Ended).ask().pending(0);
    let run = run.lists(CORE).ending(Ending::Stalled);
    let grounds = Grounds {
        permutation: &run.permutation,
        history: &run.history,
        findings,
        broken: &[],
        blame: None,
        golden: &GoldenComparison::NotCompared,
    };
    let duties = Duties {
        catalogue: &catalogue(),
        is_reference: false,
        divergences: &[],
    };
    assert_eq!(decide(&grounds, &duties).verdict, expected);
}

#[rstest]
#[case::the_case(Cause::Case, Verdict::CaseError)]
#[case::the_machine(Cause::Machine, Verdict::Unknown)]
#[case::the_harness(Cause::Harness, Verdict::HarnessError)]
#[case::the_adapter(Cause::Adapter, Verdict::AdapterError)]
fn a_cause_other_than_the_library_decides_what_is_untested(
    #[case] cause: Cause,
    #[case] expected: Verdict,
) {
    let run = pipe().process("r").lists(CORE);
    let blame = Blame {
        cause,
        witness: Witness {
            operations: Vec::new(),
            process: None,
            expected: "an end".to_owned(),
            actual: "none".to_owned(),
        },
    };
    let grounds = Grounds {
        permutation: &run.permutation,
        history: &run.history,
        findings: &[untried(CORE)],
        broken: &[],
        blame: Some(&blame),
        golden: &GoldenComparison::NotCompared,
    };
    let duties = Duties {
        catalogue: &catalogue(),
        is_reference: false,
        divergences: &[],
    };
    let decision = decide(&grounds, &duties);
    assert_eq!(decision.verdict, expected);
    assert_eq!(decision.clauses[0].verdict, expected);
    assert_eq!(decision.why.as_deref(), Some("none"));
}
