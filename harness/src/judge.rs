//! From one trial's history to its report.

use crate::backend::{Capabilities, Capability, Requirement, Support};
use crate::history::{History, connections};
use crate::judge::golden::Golden;
use crate::judge::golden::compare::compare;
use crate::judge::invariant::Evidence;
use crate::judge::transcript::Transcript;
use crate::judge::verdict::{Duties, GoldenComparison, Judged};
use crate::plan::Permutation;

pub mod divergence;
pub mod explain;
mod finding;
pub mod golden;
pub mod invariant;
mod pages;
pub mod transcript;
mod trial;
pub mod verdict;
mod waited;

pub use finding::{Finding, State, Witness};
pub use trial::{
    Break, Cause, ClauseVerdict, FailurePage, Hang, Instance, Place, ReturnedError, ShownEvent,
    TrialName, TrialReport, Verdict, WaitFor, Waiting,
};

use pages::Pages;

/// What one run of a permutation is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Standard<'a> {
    /// What the backend claims.
    pub capabilities: &'a Capabilities,
    /// What it is held to.
    pub duties: Duties<'a>,
    /// The case's golden, where there is one.
    pub golden: Option<&'a Golden>,
    /// Whether the case is one that has a golden: what is drawn for one run has none.
    pub is_reviewed: bool,
}

/// What one run of a permutation came to; `elapsed` is in nanoseconds.
pub fn judge(
    name: TrialName,
    permutation: &Permutation,
    history: &History,
    standard: Standard<'_>,
    elapsed: u64,
) -> TrialReport {
    let Standard {
        capabilities,
        duties,
        golden,
        is_reviewed,
    } = standard;
    let transcript = Transcript::of(permutation, history);
    // The transcript shows what the case calls things; judges look at each connection by itself.
    let met = connections::resolved(&permutation.plan, history).map(|(plan, history)| {
        let permutation = Permutation {
            plan,
            ..permutation.clone()
        };
        (permutation, history)
    });
    let (permutation, history) = met.as_ref().map_or((permutation, history), |(p, h)| (p, h));
    let evidence = Evidence::new(permutation, history, capabilities);
    let findings = invariant::judge(&evidence);
    let reviewed = golden.and_then(|golden| golden.expected(&permutation.name()));
    let difference = reviewed.and_then(|text| compare(text, &transcript));
    let comparison = match (&difference, reviewed) {
        (Some(difference), _) => GoldenComparison::Differs {
            places: difference.places.clone(),
        },
        (None, Some(_)) => GoldenComparison::Same,
        // Only the reference can say what a golden would be.
        (None, None) if is_reviewed && duties.is_reference => GoldenComparison::Missing,
        (None, None) => GoldenComparison::NotCompared,
    };
    let mut pages = Pages::new(&evidence, &findings, &duties);
    let run = Judged {
        permutation,
        history,
        findings: &findings,
        breaks: pages.breaks(),
        golden: &comparison,
    };
    let (mut verdict, mut clauses) = verdict::decide(&run, &duties);
    let golden_doubts = !matches!(
        comparison,
        GoldenComparison::Same | GoldenComparison::NotCompared
    );
    let mut not_here = None;
    if permutation.plan.fault.is_some() && verdict == Verdict::Unknown {
        let worst = without_untried(&mut clauses);
        if !golden_doubts {
            verdict = worst;
            not_here = (verdict == Verdict::NotApplicable).then(|| NOT_HERE.to_owned());
        }
    }
    let why = match verdict {
        Verdict::Unknown => doubt(&clauses, &findings, &comparison),
        Verdict::Diverges => Some(reviewed_breaks(&clauses)),
        _ => not_here,
    };
    let failures = pages.of(verdict, &clauses, difference.as_ref());
    let wait_for = pages.wait_for();
    TrialReport {
        errors: explain::returned_errors(&evidence),
        verdict,
        why,
        failures,
        wait_for,
        clauses,
        findings,
        transcript: transcript.text(),
        composed: composed(permutation, capabilities),
        stdout: stdout(permutation, history),
        operations: history.operations().count() as u64,
        waited: waited::waited(permutation, history),
        instance: None,
        elapsed,
        name,
    }
}

/// Why a point of a sweep says nothing.
const NOT_HERE: &str = "nothing that the case is about comes up at this point of its sweep";

/// Not every point of a sweep puts every clause to the test: behind the last message nobody is
/// killed inside one, and what never blocks here has no inside. Such a clause isn't applicable
/// there, for it is to be tried at the others. The verdict, with that.
fn without_untried(clauses: &mut [ClauseVerdict]) -> Verdict {
    let untried = |clause: &&mut ClauseVerdict| clause.verdict == Verdict::Unknown;
    for clause in clauses.iter_mut().filter(untried) {
        clause.verdict = Verdict::NotApplicable;
    }
    let verdicts = clauses.iter().map(|clause| clause.verdict);
    let worst = verdicts.filter(|verdict| *verdict != Verdict::NotApplicable);
    worst.max().unwrap_or(Verdict::NotApplicable)
}

/// The report of a trial that came to no history: not applicable, unavailable, harness error.
pub fn not_run(
    name: TrialName,
    permutation: &Permutation,
    verdict: Verdict,
    why: String,
) -> TrialReport {
    let clause = |clause: &crate::clause::ClauseId| ClauseVerdict {
        clause: clause.clone(),
        verdict,
        listed: true,
        evidence: 0,
        breaks: Vec::new(),
        divergence: None,
    };
    TrialReport {
        name,
        verdict,
        why: Some(why),
        clauses: permutation.clauses.iter().map(clause).collect(),
        findings: Vec::new(),
        failures: Vec::new(),
        errors: Vec::new(),
        wait_for: None,
        transcript: String::new(),
        composed: Vec::new(),
        stdout: Vec::new(),
        operations: 0,
        waited: 0,
        instance: None,
        elapsed: 0,
    }
}

/// What diverges, how, and where that was reviewed.
pub(crate) fn reviewed_breaks(clauses: &[ClauseVerdict]) -> String {
    let diverging = clauses.iter().filter(|c| c.verdict == Verdict::Diverges);
    let told = diverging.filter_map(|clause| {
        let place = clause.divergence.as_ref()?;
        if clause.breaks.is_empty() {
            let held = "it held this time, and sometimes doesn't";
            return Some(format!("{}: {held}, as {place} says", clause.clause));
        }
        let breaks: Vec<String> = clause.breaks.iter().map(Break::to_string).collect();
        let breaks = breaks.join(" and ");
        Some(format!("{}: {breaks}, as {place} says", clause.clause))
    });
    told.collect::<Vec<_>>().join("; ")
}

/// Why a verdict is unknown.
fn doubt(
    clauses: &[ClauseVerdict],
    findings: &[Finding],
    golden: &GoldenComparison,
) -> Option<String> {
    let untried = clauses.iter().find_map(|clause| {
        let is_unknown = clause.verdict == Verdict::Unknown && clause.divergence.is_none();
        is_unknown.then(|| match why_untried(&clause.clause, findings) {
            Some(why) => format!("{} was not put to the test: {why}", clause.clause),
            None => format!("{} was not put to the test", clause.clause),
        })
    });
    let diverges = clauses
        .iter()
        .any(|clause| clause.verdict == Verdict::Diverges);
    untried.or_else(|| {
        let text = match golden {
            GoldenComparison::Missing => {
                "nobody has reviewed a golden of it yet; `cargo test` offers one"
            }
            GoldenComparison::Differs { .. } if diverges => {
                "its transcript differs from the golden in more than what follows from what diverges"
            }
            GoldenComparison::Differs { .. } => {
                "its transcript differs from the golden, though nothing was found broken"
            }
            GoldenComparison::Same | GoldenComparison::NotCompared => return None,
        };
        Some(text.to_owned())
    })
}

fn why_untried<'a>(clause: &crate::clause::ClauseId, findings: &'a [Finding]) -> Option<&'a str> {
    findings.iter().find_map(|finding| match &finding.state {
        State::Untried { why } if finding.clause == *clause => Some(why.as_str()),
        _ => None,
    })
}

/// What the permutation needs that only the adapter adds.
fn composed(permutation: &Permutation, capabilities: &Capabilities) -> Vec<Capability> {
    let mut composed: Vec<Capability> = permutation
        .requires
        .iter()
        .filter_map(|requirement| match requirement {
            Requirement::Capability(capability) => Some(*capability),
            _ => None,
        })
        .filter(|capability| capabilities.support(*capability) == Some(Support::Composed))
        .collect();
    composed.sort();
    composed.dedup();
    composed
}

fn stdout(permutation: &Permutation, history: &History) -> Vec<(String, Vec<u8>)> {
    let processes = permutation.plan.processes.iter();
    processes
        .zip(&history.processes)
        .filter(|(_, history)| !history.stdout.is_empty())
        .map(|(process, history)| (process.name(), history.stdout.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Key, Kind};
    use crate::clause::catalogue::Catalogue;
    use crate::plan::{Fault, FaultPoint, Moment};
    use crate::test_support::scene::{Scene, ints};
    use rstest::rstest;

    fn scene() -> Scene {
        let mut scene = Scene::new();
        let q = scene.queue("q");
        let producer = scene.process("producer");
        scene.puts(producer, q, ints(0..3));
        scene
    }

    const REFERENCE: &str = "reference";

    fn judged(scene: &Scene, backend: &str, golden: Option<&str>) -> TrialReport {
        let golden = golden.map(|text| Golden::parse(text).unwrap());
        let name = TrialName {
            case: "area/case".to_owned(),
            permutation: String::new(),
            backend: Key::new(Kind::Queue, backend),
        };
        let standard = Standard {
            capabilities: &Capabilities::new(),
            duties: Duties {
                catalogue: &Catalogue::default(),
                is_reference: backend == REFERENCE,
                divergences: &[],
            },
            golden: golden.as_ref(),
            is_reviewed: true,
        };
        judge(name, &scene.permutation, &scene.history, standard, 1)
    }

    const RIGHT: &str = "producer\n  put  q  0..2\n";
    const WRONG: &str = "producer\n  put  q  0..3\n";

    #[rstest]
    #[case::the_reference_needs_one(REFERENCE, None, Some("nobody has reviewed"))]
    #[case::others_do_not("other", None, None)]
    #[case::none_may_differ("other", Some(WRONG), Some("differs from the golden"))]
    #[case::the_same_says_nothing(REFERENCE, Some(RIGHT), None)]
    fn a_golden_casts_doubt(
        #[case] backend: &str,
        #[case] golden: Option<&str>,
        #[case] doubt: Option<&str>,
    ) {
        let report = judged(&scene(), backend, golden);
        let why = report.why.unwrap_or_default();
        assert_eq!(doubt.is_none(), why.is_empty(), "{why}");
        assert!(why.contains(doubt.unwrap_or_default()), "{why}");
    }

    fn at_a_point(scene: &mut Scene) {
        scene.permutation.plan.fault = Some(FaultPoint {
            process: 0,
            operation: 0,
            moment: Moment::Inside,
            fault: Fault::Kill,
        });
    }

    #[rstest]
    #[case::anywhere_else(false, Verdict::Unknown)]
    #[case::at_a_point_of_a_sweep(true, Verdict::NotApplicable)]
    fn what_is_not_put_to_the_test(#[case] swept: bool, #[case] expected: Verdict) {
        let mut scene = scene();
        scene.permutation.clauses = vec!["queue.cap.maxsize".into()];
        if swept {
            at_a_point(&mut scene);
        }
        let report = judged(&scene, "other", None);
        assert_eq!(report.verdict, expected);
        assert_eq!(report.clauses[0].verdict, expected);
        assert!(report.why.is_some());
    }

    #[test]
    fn a_golden_casts_doubt_at_a_point_of_a_sweep_too() {
        let mut scene = scene();
        scene.permutation.clauses = vec!["queue.cap.maxsize".into()];
        at_a_point(&mut scene);
        let report = judged(&scene, REFERENCE, None);
        assert_eq!(report.verdict, Verdict::Unknown);
        assert_eq!(report.clauses[0].verdict, Verdict::NotApplicable);
    }

    #[test]
    fn a_golden_that_differs_unexplained_has_a_page() {
        let report = judged(&scene(), REFERENCE, Some(WRONG));
        let [page] = &report.failures[..] else {
            panic!("{:?}", report.failures);
        };
        assert_eq!(page.clause, None);
        assert!(page.actual.contains("+  put  q  0..2"), "{}", page.actual);
    }

    #[test]
    fn a_trial_that_never_ran_says_so_of_each_clause() {
        let mut scene = scene();
        scene.permutation.clauses = vec!["queue.cap.maxsize".into()];
        let name = judged(&scene, "other", None).name;
        let why = "no capacity".to_owned();
        let report = not_run(name, &scene.permutation, Verdict::NotApplicable, why);
        assert_eq!(report.clauses[0].verdict, Verdict::NotApplicable);
        assert!(report.clauses[0].listed);
    }

    #[test]
    fn what_the_adapter_adds_is_told_where_it_is_needed() {
        let mut scene = scene();
        let needs = |capability| Requirement::Capability(capability);
        scene.permutation.requires = vec![
            needs(Capability::Values),
            needs(Capability::TryGet),
            Requirement::Message(9),
        ];
        let capabilities = Capabilities::new()
            .native([Capability::TryGet])
            .composed([Capability::Values, Capability::Duplex]);
        assert_eq!(
            composed(&scene.permutation, &capabilities),
            [Capability::Values]
        );
    }
}
