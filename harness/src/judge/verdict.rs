//! From findings to verdicts.
//!
//! A clause passes on at least one piece of evidence and no break; too little evidence is
//! [`Verdict::Unknown`], never a pass. A break of a clause that the case doesn't list counts too.
//! A reviewed divergence excuses a break that looks as it says, and the doubts that follow from it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::clause::catalogue::Catalogue;
use crate::clause::{Clause, ClauseId};
use crate::history::{History, OperationId};
use crate::judge::divergence::{Divergence, Shows};
use crate::judge::{Break, ClauseVerdict, Finding, State, Verdict};
use crate::plan::Permutation;

/// How a run's transcript compares with the case's golden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GoldenComparison {
    /// They say the same.
    Same,
    /// Lines differ.
    Differs {
        /// For each place where they do, the operations of its lines, as far as a line is about
        /// operations.
        places: Vec<Vec<OperationId>>,
    },
    /// The case has no golden yet.
    Missing,
    /// Nobody asked.
    NotCompared,
}

/// What a backend is held to.
#[derive(Clone, Copy, Debug)]
pub struct Duties<'a> {
    /// Whose promise each clause is.
    pub catalogue: &'a Catalogue,
    /// Whether it is a reference, which is held to everything.
    pub is_reference: bool,
    /// The reviewed divergences that speak of this trial.
    pub divergences: &'a [Arc<Divergence>],
}

impl Duties<'_> {
    /// Whether a break of this clause fails the backend. A clause that the catalogue doesn't know
    /// binds everyone, so that a slip in a name can't turn red into green.
    fn bind(&self, clause: &ClauseId) -> bool {
        let binds = |clause: &Clause| clause.binds(self.is_reference);
        self.catalogue.get(clause).is_none_or(binds)
    }

    /// The divergence of this clause, where there is one.
    pub fn divergence(&self, clause: &ClauseId) -> Option<&Divergence> {
        let mut divergences = self.divergences.iter();
        let divergence = divergences.find(|divergence| divergence.clause.value == *clause)?;
        Some(divergence)
    }
}

/// One run, and what judges said of it.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// What was to be done.
    pub permutation: &'a Permutation,
    /// What was seen.
    pub history: &'a History,
    /// What judges said.
    pub findings: &'a [Finding],
    /// How each clause broke that did.
    pub breaks: &'a [(ClauseId, Break)],
    /// How the transcript compares.
    pub golden: &'a GoldenComparison,
}

/// The overall verdict of a judged run, and one for each clause: those that the case lists in its
/// order, then others that broke or should have.
pub fn decide(run: &Judged<'_>, duties: &Duties<'_>) -> (Verdict, Vec<ClauseVerdict>) {
    let mut seen = evidence(run);
    let mut clauses: Vec<ClauseVerdict> = run
        .permutation
        .clauses
        .iter()
        .map(|clause| {
            let evidence = seen.remove(clause).unwrap_or_default();
            evidence.verdict(clause, true, duties)
        })
        .collect();
    let others = seen
        .into_iter()
        .map(|(clause, evidence)| evidence.verdict(&clause, false, duties));
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
        if clauses.iter().all(|told| told.clause != *clause) {
            clauses.push(Evidence::default().verdict(clause, false, duties));
        }
    }
    excuse(&mut clauses);
    (overall(&clauses, run), clauses)
}

/// All that findings say of one clause.
#[derive(Default)]
struct Evidence {
    upheld: u64,
    broken: bool,
    breaks: Vec<Break>,
}

impl Evidence {
    fn verdict(self, clause: &ClauseId, listed: bool, duties: &Duties<'_>) -> ClauseVerdict {
        let binds = duties.bind(clause);
        let divergence = duties.divergence(clause).filter(|_| binds);
        let verdict = match (self.broken, self.upheld, divergence) {
            (true, ..) if !binds => Verdict::Unpromised,
            (true, _, Some(divergence)) if self.is_like(divergence) => Verdict::Diverges,
            (true, ..) => Verdict::Fail,
            (false, 1.., Some(divergence)) if divergence.shows == Shows::Always => {
                Verdict::UnexpectedPass
            }
            // It held this time: a cell doesn't change from run to run with a race.
            (false, _, Some(divergence)) if divergence.shows == Shows::Sometimes => {
                Verdict::Diverges
            }
            (false, 1.., _) => Verdict::Pass,
            (false, 0, _) if binds => Verdict::Unknown,
            // Nobody promised it to anyone here.
            (false, 0, _) => Verdict::NotApplicable,
        };
        let has_to_do = !matches!(verdict, Verdict::Pass | Verdict::Unknown);
        ClauseVerdict {
            clause: clause.clone(),
            verdict,
            listed,
            evidence: self.upheld,
            breaks: self.breaks,
            divergence: divergence
                .filter(|_| has_to_do)
                .map(|divergence| divergence.place.clone()),
        }
    }

    /// Whether it broke in no other way than the divergence says.
    fn is_like(&self, divergence: &Divergence) -> bool {
        !self.breaks.is_empty() && self.breaks.iter().all(|broke| divergence.fits(broke))
    }
}

fn evidence(run: &Judged<'_>) -> BTreeMap<ClauseId, Evidence> {
    let mut seen: BTreeMap<ClauseId, Evidence> = BTreeMap::new();
    for finding in run.findings {
        let entry = seen.entry(finding.clause.clone()).or_default();
        match &finding.state {
            State::Broken(_) => entry.broken = true,
            State::Upheld { evidence } => entry.upheld += evidence,
            State::Untried { .. } => {}
        }
    }
    for (clause, broke) in run.breaks {
        let breaks = &mut seen.entry(clause.clone()).or_default().breaks;
        if !breaks.iter().any(|other| other.is_like(broke)) {
            breaks.push(broke.clone());
        }
    }
    seen
}

/// A break may keep the rest of the case from being tried. Where it is a reviewed one, the doubt
/// that this leaves is a part of it.
fn excuse(clauses: &mut [ClauseVerdict]) {
    let mut diverging = clauses.iter().filter(|c| c.verdict == Verdict::Diverges);
    let Some(place) = diverging.find_map(|clause| clause.divergence.clone()) else {
        return;
    };
    for clause in clauses {
        if clause.verdict == Verdict::Unknown {
            clause.divergence = Some(place.clone());
        }
    }
}

/// The worst of the clauses' verdicts; none where there is none. A doubt that is a part of a
/// reviewed break is none of its own.
pub fn of_clauses(clauses: &[ClauseVerdict]) -> Option<Verdict> {
    let is_excused =
        |clause: &ClauseVerdict| clause.verdict == Verdict::Unknown && clause.divergence.is_some();
    let verdicts = || {
        let clauses = clauses.iter().filter(|clause| !is_excused(clause));
        clauses.map(|clause| clause.verdict)
    };
    verdicts()
        .filter(|verdict| !matches!(verdict, Verdict::NotApplicable | Verdict::Unpromised))
        .max()
        // Only clauses that bind nobody here.
        .or_else(|| verdicts().max())
}

/// The worst of the clauses' verdicts, unless the golden casts doubt on a green one.
fn overall(clauses: &[ClauseVerdict], run: &Judged<'_>) -> Verdict {
    // Without any clause nothing was judged.
    let worst = of_clauses(clauses).unwrap_or(Verdict::Unknown);
    if worst < Verdict::Unknown && doubts(clauses, run) {
        Verdict::Unknown
    } else {
        worst
    }
}

/// Whether the golden shows something that no broken clause explains: a hole in the judge.
fn doubts(clauses: &[ClauseVerdict], run: &Judged<'_>) -> bool {
    let places = match run.golden {
        GoldenComparison::Same | GoldenComparison::NotCompared => return false,
        GoldenComparison::Missing => return true,
        GoldenComparison::Differs { places } => places,
    };
    let in_a_witness = |id: &OperationId| {
        run.findings.iter().any(|finding| match &finding.state {
            State::Broken(witness) => witness.operations.contains(id),
            _ => false,
        })
    };
    let first = clauses
        .iter()
        .filter(|clause| clause.verdict == Verdict::Diverges)
        .flat_map(|clause| &clause.breaks)
        .filter_map(|broke| Some(run.history.operation(broke.operation?)))
        .min_by_key(|operation| operation.start);
    // From there on, processes may have gone other ways.
    let follows =
        |id: &OperationId| first.is_some_and(|first| !run.history.operation(*id).precedes(first));
    let explained = |place: &Vec<OperationId>| match first {
        // A line can be of operations that were right and of what then was missing.
        Some(_) => place.iter().any(|id| in_a_witness(id) || follows(id)),
        None => !place.is_empty() && place.iter().all(in_a_witness),
    };
    !places.iter().all(explained)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Key, Kind, Outcome};
    use crate::case::Span;
    use crate::judge::divergence::{Pattern, Signature, When};
    use crate::judge::{Place, Witness};
    use crate::test_support::histories::pipe;
    use rstest::rstest;

    const CORE: &str = "pipe.eof.sticky";
    const OTHER: &str = "pipe.order.single-writer";
    const HARNESS: &str = "leak.handles.steady";
    const INFO: &str = "value.int";
    const MP: &str = "queue.join.too-many";

    /// The operation that shows every break here, behind another one.
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

    fn broke() -> Break {
        Break {
            step: "recv p.rx".to_owned(),
            label: None,
            outcome: Outcome::Timeout,
            raw: None,
            operation: Some(OPERATION),
        }
    }

    /// A divergence of this clause that breaks like everything here.
    fn divergence(clause: &str) -> Divergence {
        let written = Span::default();
        Divergence {
            backend: Key::new(Kind::Pipe, "some/library"),
            clause: written.with(clause.into()),
            case: written.with(Pattern::from("*")),
            when: When::default(),
            signatures: vec![Signature::of(&broke())],
            shows: Shows::Always,
            reason: written.with("because".to_owned()),
            link: written.with("somewhere".to_owned()),
            place: Place {
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
        let is_broken = |finding: &&Finding| matches!(finding.state, State::Broken(_));
        let breaks: Vec<(ClauseId, Break)> = findings
            .iter()
            .filter(is_broken)
            .map(|finding| (finding.clause.clone(), broke()))
            .collect();
        let divergences: Vec<_> = divergences.iter().cloned().map(Arc::new).collect();
        let judged = Judged {
            permutation: &run.permutation,
            history: &run.history,
            findings,
            breaks: &breaks,
            golden,
        };
        let duties = Duties {
            catalogue: &catalogue(),
            is_reference,
            divergences: &divergences,
        };
        decide(&judged, &duties)
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
    #[case::nobody_spoke(&[], Verdict::Unknown)]
    #[case::another_broke(&[upheld(CORE), broken(OTHER)], Verdict::Fail)]
    #[case::only_the_harnesss_own_broke(&[upheld(CORE), broken(HARNESS)], Verdict::Pass)]
    #[case::one_that_nobody_knows_broke(&[upheld(CORE), broken("a.b")], Verdict::Fail)]
    #[case::another_is_untried(&[upheld(CORE), untried(OTHER)], Verdict::Pass)]
    #[case::only_information_broke(&[upheld(CORE), broken(INFO)], Verdict::Pass)]
    #[case::only_parity_broke(&[upheld(CORE), broken(MP)], Verdict::Pass)]
    fn a_library_is_held_to_what_binds_it(#[case] findings: &[Finding], #[case] expected: Verdict) {
        let (verdict, _) = verdicts(&[CORE], findings, &GoldenComparison::Same);
        assert_eq!(verdict, expected);
    }

    #[rstest]
    #[case::parity(MP)]
    #[case::the_harnesss_own(HARNESS)]
    fn only_a_reference_is_held_to_everything(#[case] clause: &str) {
        for (is_reference, expected) in [(true, Verdict::Fail), (false, Verdict::Unpromised)] {
            let golden = GoldenComparison::Same;
            let (verdict, clauses) =
                reviewed(&[clause], is_reference, &[], &[broken(clause)], &golden);
            assert_eq!(verdict, expected);
            assert_eq!(clauses[0].verdict, expected);
        }
    }

    #[test]
    fn listed_clauses_come_in_the_cases_order_then_others_that_broke() {
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
        GoldenComparison::Differs { places }
    }

    #[rstest]
    #[case::same(GoldenComparison::Same, Verdict::Pass)]
    #[case::not_compared(GoldenComparison::NotCompared, Verdict::Pass)]
    #[case::missing(GoldenComparison::Missing, Verdict::Unknown)]
    #[case::differs(differs(vec![vec![OPERATION]]), Verdict::Unknown)]
    #[case::differs_in_a_line_about_nothing(differs(vec![vec![]]), Verdict::Unknown)]
    fn a_golden_alone_casts_doubt(#[case] golden: GoldenComparison, #[case] expected: Verdict) {
        assert_eq!(verdicts(&[CORE], &[upheld(CORE)], &golden).0, expected);
    }

    #[rstest]
    #[case::in_the_witness(vec![vec![OPERATION]], Verdict::Pass)]
    #[case::in_another_operation_too(vec![vec![OPERATION, operation(0)]], Verdict::Unknown)]
    #[case::in_another_place_too(vec![vec![OPERATION], vec![operation(2)]], Verdict::Unknown)]
    fn a_broken_clause_explains_differences_in_its_witness_alone(
        #[case] places: Vec<Vec<OperationId>>,
        #[case] expected: Verdict,
    ) {
        let findings = [upheld(CORE), broken(INFO)];
        assert_eq!(verdicts(&[CORE], &findings, &differs(places)).0, expected);
    }

    #[test]
    fn a_golden_makes_no_failure_milder() {
        let missing = GoldenComparison::Missing;
        assert_eq!(
            verdicts(&[CORE], &[broken(CORE)], &missing).0,
            Verdict::Fail
        );
    }

    const SAME: GoldenComparison = GoldenComparison::Same;

    #[rstest]
    #[case::it_broke_so(&[broken(CORE)], Verdict::Diverges)]
    #[case::it_held_too(&[upheld(CORE), broken(CORE)], Verdict::Diverges)]
    #[case::it_held(&[upheld(CORE)], Verdict::UnexpectedPass)]
    #[case::nobody_tried(&[untried(CORE)], Verdict::Unknown)]
    #[case::another_broke(&[broken(CORE), broken(OTHER)], Verdict::Fail)]
    #[case::another_broke_and_it_held(&[upheld(CORE), broken(OTHER)], Verdict::Fail)]
    fn a_divergence_that_always_shows(#[case] findings: &[Finding], #[case] expected: Verdict) {
        let (verdict, clauses) = reviewed(&[CORE], false, &[divergence(CORE)], findings, &SAME);
        assert_eq!(verdict, expected);
        let told = matches!(
            clauses[0].verdict,
            Verdict::Diverges | Verdict::UnexpectedPass
        );
        assert_eq!(clauses[0].divergence.is_some(), told, "{clauses:?}");
    }

    #[rstest]
    #[case::it_broke_so(&[broken(CORE)], Verdict::Diverges)]
    #[case::it_held(&[upheld(CORE)], Verdict::Diverges)]
    #[case::nobody_tried(&[untried(CORE)], Verdict::Diverges)]
    #[case::nobody_spoke(&[], Verdict::Diverges)]
    fn a_divergence_that_shows_sometimes_is_one_in_every_run(
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

    #[test]
    fn a_divergence_that_the_case_does_not_list_is_stale_as_well() {
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
        assert_eq!(place, Some(3), "which one it isn't like");
    }

    #[test]
    fn what_a_divergence_kept_from_being_tried_is_unknown_and_casts_no_doubt() {
        let findings = [broken(CORE), untried(OTHER)];
        let listed = [OTHER, CORE];
        let (verdict, clauses) = reviewed(&listed, false, &[divergence(CORE)], &findings, &SAME);
        assert_eq!(verdict, Verdict::Diverges);
        assert_eq!(clauses[0].verdict, Verdict::Unknown);
        assert_eq!(clauses[0].divergence, clauses[1].divergence);
    }

    #[test]
    fn what_a_failure_kept_from_being_tried_is_nobodys_divergence() {
        let findings = [broken(CORE), untried(OTHER)];
        let (verdict, clauses) = verdicts(&[OTHER, CORE], &findings, &SAME);
        assert_eq!(verdict, Verdict::Fail);
        assert_eq!(clauses[0].divergence, None);
    }

    #[rstest]
    #[case::at_the_break(vec![vec![OPERATION]], Verdict::Diverges)]
    #[case::behind_it(vec![vec![operation(2)]], Verdict::Diverges)]
    #[case::from_before_it_on(vec![vec![operation(0), OPERATION]], Verdict::Diverges)]
    #[case::before_it(vec![vec![operation(0)]], Verdict::Unknown)]
    #[case::before_it_and_at_it(vec![vec![operation(0)], vec![OPERATION]], Verdict::Unknown)]
    #[case::in_a_line_about_nothing(vec![vec![]], Verdict::Unknown)]
    fn a_divergence_explains_what_differs_from_the_golden_from_there_on(
        #[case] places: Vec<Vec<OperationId>>,
        #[case] expected: Verdict,
    ) {
        let divergences = [divergence(CORE)];
        let golden = differs(places);
        let (verdict, _) = reviewed(&[CORE], false, &divergences, &[broken(CORE)], &golden);
        assert_eq!(verdict, expected);
    }
}
