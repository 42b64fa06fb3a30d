//! From one trial's history to its report.

use crate::capability::{Capabilities, Capability, Requirement, Support};
use crate::clause::catalogue::Catalogue;
use crate::explain::Explainer;
use crate::finding::{Finding, State};
use crate::golden::Golden;
use crate::golden::compare::{Difference, compare};
use crate::history::History;
use crate::invariant::{self, Evidence};
use crate::permutation::Permutation;
use crate::transcript::Transcript;
use crate::trial::{ClauseVerdict, FailurePage, TrialName, TrialReport, Verdict};
use crate::verdict::{self, GoldenComparison};

/// What one run of a permutation is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Standard<'a> {
    /// What the backend claims.
    pub capabilities: &'a Capabilities,
    /// Whose promise each clause is.
    pub catalogue: &'a Catalogue,
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
        catalogue,
        golden,
        is_reviewed,
    } = standard;
    let evidence = Evidence::new(permutation, history, capabilities);
    let findings = invariant::judge(&evidence);
    let transcript = Transcript::of(permutation, history);
    let reviewed = golden.and_then(|golden| golden.expected(&permutation.name()));
    let difference = reviewed.and_then(|text| compare(text, &transcript));
    let comparison = match (&difference, reviewed) {
        (Some(difference), _) => GoldenComparison::Differs {
            operations: difference.operations.clone(),
        },
        (None, Some(_)) => GoldenComparison::Same,
        // Only the reference can say what a golden would be.
        (None, None) if is_reviewed && verdict::is_reference(&name.backend) => {
            GoldenComparison::Missing
        }
        (None, None) => GoldenComparison::NotCompared,
    };
    let (verdict, clauses) = verdict::decide(
        permutation,
        &name.backend,
        catalogue,
        &findings,
        &comparison,
    );
    TrialReport {
        verdict,
        why: (verdict == Verdict::Unknown)
            .then(|| doubt(&clauses, &findings, &comparison))
            .flatten(),
        failures: pages(&evidence, &clauses, &findings, difference.as_ref()),
        clauses,
        findings,
        transcript: transcript.text(),
        composed: composed(permutation, capabilities),
        stdout: stdout(permutation, history),
        operations: history.operations().count() as u64,
        waited: 0,
        instance: None,
        elapsed,
        name,
    }
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
    };
    TrialReport {
        name,
        verdict,
        why: Some(why),
        clauses: permutation.clauses.iter().map(clause).collect(),
        findings: Vec::new(),
        failures: Vec::new(),
        transcript: String::new(),
        composed: Vec::new(),
        stdout: Vec::new(),
        operations: 0,
        waited: 0,
        instance: None,
        elapsed: 0,
    }
}

/// One page for each clause that fails, by the first invariant that found it broken; and one for a
/// golden that differs where no clause fails.
fn pages(
    evidence: &Evidence<'_>,
    clauses: &[ClauseVerdict],
    findings: &[Finding],
    difference: Option<&Difference>,
) -> Vec<FailurePage> {
    let failed: Vec<&Finding> = clauses
        .iter()
        .filter(|clause| clause.verdict == Verdict::Fail)
        .filter_map(|failed| {
            findings.iter().find(|finding| {
                finding.clause == failed.clause && matches!(finding.state, State::Broken(_))
            })
        })
        .collect();
    if failed.is_empty() && difference.is_none() {
        return Vec::new();
    }
    let mut explainer = Explainer::new(evidence);
    let mut pages: Vec<FailurePage> = failed
        .into_iter()
        .filter_map(|finding| explainer.page(finding))
        .collect();
    if let (true, Some(difference)) = (pages.is_empty(), difference) {
        pages.push(explainer.golden(&difference.diff));
    }
    pages
}

/// Why a verdict is unknown.
fn doubt(
    clauses: &[ClauseVerdict],
    findings: &[Finding],
    golden: &GoldenComparison,
) -> Option<String> {
    let untried = clauses.iter().find_map(|clause| {
        let is_unknown = clause.verdict == Verdict::Unknown;
        is_unknown.then(|| match why_untried(&clause.clause, findings) {
            Some(why) => format!("{} was not put to the test: {why}", clause.clause),
            None => format!("{} was not put to the test", clause.clause),
        })
    });
    untried.or_else(|| {
        let text = match golden {
            GoldenComparison::Missing => {
                "nobody has reviewed a golden of it yet; `cargo test` offers one"
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
    use crate::backend::Key;
    use crate::channel::Kind;
    use crate::testing::scene::{Scene, ints};
    use rstest::rstest;

    fn scene() -> Scene {
        let mut scene = Scene::new();
        let q = scene.queue("q");
        let producer = scene.process("producer");
        scene.puts(producer, q, ints(0..3));
        scene
    }

    fn judged(scene: &Scene, backend: &str, golden: Option<&str>) -> TrialReport {
        let golden = golden.map(|text| Golden::parse(text).unwrap());
        let name = TrialName {
            case: "area/case".to_owned(),
            permutation: String::new(),
            backend: Key::new(Kind::Queue, backend),
        };
        let standard = Standard {
            capabilities: &Capabilities::new(),
            catalogue: &Catalogue::default(),
            golden: golden.as_ref(),
            is_reviewed: true,
        };
        judge(name, &scene.permutation, &scene.history, standard, 1)
    }

    const RIGHT: &str = "producer\n  put  q  0..2\n";
    const WRONG: &str = "producer\n  put  q  0..3\n";

    #[rstest]
    #[case::the_reference_needs_one("broker", None, Some("nobody has reviewed"))]
    #[case::others_do_not("other", None, None)]
    #[case::none_may_differ("other", Some(WRONG), Some("differs from the golden"))]
    #[case::the_same_says_nothing("broker", Some(RIGHT), None)]
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

    #[test]
    fn a_golden_that_differs_unexplained_has_a_page() {
        let report = judged(&scene(), "broker", Some(WRONG));
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
