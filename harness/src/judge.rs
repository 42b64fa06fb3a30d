//! The judge: from one trial's history to its report.
//!
//! In: a permutation with what its case expects, the history of its run, and the standard that the
//! backend is held to. Out: a [`TrialReport`], the same for the same input on every machine. The
//! judge starts nothing and uses no clock, file, environment or process; only `golden/file.rs` reads
//! files, for other rooms.
//!
//! [`judge`] works in four steps, and no step reads the result of a later one:
//!
//! 1. `invariant` reads the evidence and reports findings: clauses that are broken, upheld, untried. `cause`
//!    charges the library only with its own doing.
//! 2. `breaks` says how each broken clause broke, in the words that divergences use.
//! 3. `verdict` decides, with the duties of the backend, reviewed divergences and the golden.
//! 4. `pages` explains the decision to people.

use crate::backend::{Capabilities, Capability, Support};
use crate::clause::ClauseId;
use crate::history::naming::Naming;
use crate::history::{History, connections};
use crate::plan::{Permutation, Requirement};
use crate::printable::cut_message;

mod breaks;
mod cause;
pub(crate) mod divergence;
mod explain;
mod finding;
pub(crate) mod golden;
pub mod invariant;
mod missed;
mod pages;
mod returned_errors;
mod standstill;
mod transcript;
mod trial_report;
mod untried;
pub(crate) mod verdict;
mod waited;
mod wording;

pub(crate) use finding::Witness;
pub use finding::{Finding, FindingState};
pub(crate) use trial_report::{
    AlsoBroken, ClauseVerdict, FailurePage, FileLine, HangCause, PendingOperation, RecordedRun,
    ReturnedError, ShownEvent,
};
pub use trial_report::{Break, Hang, Instance, TrialName, TrialReport, Verdict, WaitFor};
pub(crate) use untried::why as why_unknown;
pub(crate) use verdict::reviewed_breaks;

use golden::Golden;
use golden::compare::GoldenComparison;
use invariant::Evidence;
use pages::Pages;
use transcript::Transcript;
use verdict::{Decision, Duties, Grounds};

/// What one run of a permutation is judged by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standard<'a> {
    /// What the backend declares.
    pub capabilities: &'a Capabilities,
    /// What it is held to.
    pub duties: Duties<'a>,
    /// The case's golden, if it has one.
    pub golden: Option<&'a Golden>,
    /// Whether the case should have a golden. Runs with drawn values have none.
    pub is_reviewed: bool,
}

/// Judges one run of a permutation that took `elapsed` nanoseconds.
pub(crate) fn judge(
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
    let mut naming = Naming::of(&permutation.plan);
    let transcript = Transcript::of(permutation, history, &mut naming);
    // The transcript has the channels of the case. Invariants see each connection as a channel of
    // its own.
    let resolved = connections::resolved(&permutation.plan, history).map(|(plan, history)| {
        let permutation = Permutation {
            plan,
            ..permutation.clone()
        };
        (permutation, history)
    });
    // The names of a channel's items are kept, since long ones take time. Those of a connection are new.
    let naming = resolved
        .as_ref()
        .map_or(naming, |(permutation, _)| Naming::of(&permutation.plan));
    let resolved = resolved.as_ref();
    let (permutation, history) = resolved.map_or((permutation, history), |(p, h)| (p, h));
    let evidence = Evidence::new(permutation, history, capabilities);

    let findings = missed::settle(&evidence, invariant::judge(&evidence));
    let (findings, blame) = cause::assign(&evidence, findings);
    let broken = breaks::broken(&evidence, &findings);
    let reviewed = golden.and_then(|golden| golden.expected(&permutation.name()));
    // Only a run of the reference can become a golden.
    let is_due = is_reviewed && duties.is_reference;
    let grounds = Grounds {
        permutation,
        history,
        findings: &findings,
        broken: &broken,
        blame: blame.as_ref(),
        golden: &GoldenComparison::of(reviewed, &transcript, is_due),
    };
    let decision = verdict::decide(&grounds, &duties);
    let Pages {
        failures,
        wait_for,
        run,
    } = Pages::of(&evidence, &grounds, &duties, &decision, naming);

    let errors = returned_errors::returned_errors(&evidence);
    let Decision {
        verdict,
        clauses,
        why,
    } = decision;
    let too_slow = verdict == Verdict::Unknown && verdict::too_slow(&findings).is_some();
    TrialReport {
        name,
        verdict,
        why,
        too_slow,
        clauses,
        failures,
        errors,
        wait_for,
        run: Some(run),
        transcript: transcript.text(),
        composed: composed(permutation, capabilities),
        stdout: stdout(permutation, history),
        operations: history.operations().count() as u64,
        waited: waited::waited(permutation, history),
        instance: None,
        elapsed,
        ended: history.ended,
        findings,
    }
}

/// Returns the report of a trial without a history: not applicable, unavailable, or with an error of
/// the adapter or the harness.
pub(crate) fn not_run(
    name: TrialName,
    permutation: &Permutation,
    verdict: Verdict,
    why: String,
) -> TrialReport {
    let clause = |clause: &ClauseId| ClauseVerdict {
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
        why: Some(cut_message(why)),
        too_slow: false,
        clauses: permutation.clauses.iter().map(clause).collect(),
        findings: Vec::new(),
        failures: Vec::new(),
        errors: Vec::new(),
        wait_for: None,
        run: None,
        transcript: String::new(),
        composed: Vec::new(),
        stdout: Vec::new(),
        operations: 0,
        waited: 0,
        instance: None,
        elapsed: 0,
        ended: None,
    }
}

/// Returns the report of a trial whose run the machine was too slow for, with the figures.
pub(crate) fn too_slow(name: TrialName, permutation: &Permutation, why: String) -> TrialReport {
    TrialReport {
        too_slow: true,
        ..not_run(name, permutation, Verdict::Unknown, why)
    }
}

/// Returns the capabilities that the permutation needs and that the adapter adds to the library.
fn composed(permutation: &Permutation, capabilities: &Capabilities) -> Vec<Capability> {
    let mut composed: Vec<Capability> = permutation
        .requires
        .iter()
        .filter_map(|requirement| match requirement {
            Requirement::Capability(capability) => Some(*capability),
            _ => None,
        })
        // How a value is encoded counts only for the promises about values.
        .filter(|capability| !capability.is_kind_of_value())
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
    use crate::clause::Catalogue;
    use crate::plan::{Injection, InjectionPoint, Moment};
    use crate::test_support::scene::{PermutationBuilder, ints};
    use rstest::rstest;

    fn scene() -> PermutationBuilder {
        let mut scene = PermutationBuilder::new();
        let q = scene.queue("q");
        let producer = scene.process("producer");
        scene.puts(producer, q, ints(0..3));
        scene
    }

    const REFERENCE: &str = "reference";

    fn judged(scene: &PermutationBuilder, backend: &str, golden: Option<&str>) -> TrialReport {
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
    #[case::the_reference_needs_one(REFERENCE, None, Some("no reviewed golden"))]
    #[case::others_need_none("other", None, None)]
    #[case::a_difference("other", Some(WRONG), Some("differs from the golden"))]
    #[case::no_difference(REFERENCE, Some(RIGHT), None)]
    fn a_golden_that_is_missing_or_differs_makes_a_pass_unknown(
        #[case] backend: &str,
        #[case] golden: Option<&str>,
        #[case] doubt: Option<&str>,
    ) {
        let report = judged(&scene(), backend, golden);
        let why = report.why.unwrap_or_default();
        assert_eq!(doubt.is_none(), why.is_empty(), "{why}");
        assert!(why.contains(doubt.unwrap_or_default()), "{why}");
    }

    fn at_a_point(scene: &mut PermutationBuilder) {
        scene.permutation.plan.fault = Some(InjectionPoint {
            process: 0,
            operation: 0,
            moment: Moment::Inside,
            fault: Injection::Kill,
        });
    }

    #[rstest]
    #[case::outside_a_sweep(false, Verdict::Unknown)]
    #[case::at_a_point_of_a_sweep(true, Verdict::NotApplicable)]
    fn an_untried_clause_is_not_applicable_only_at_a_point_of_a_sweep(
        #[case] swept: bool,
        #[case] expected: Verdict,
    ) {
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

    /// This takes minutes if anything in the judge takes a time that grows with the square of the items.
    #[rstest]
    #[case::over_a_queue(Kind::Queue, 1, None)]
    #[case::of_two_producers(Kind::Queue, 2, None)]
    #[case::over_a_pipe(Kind::Pipe, 1, None)]
    #[case::without_one_that_is_lost(Kind::Queue, 1, Some(50_000))]
    fn a_hundred_thousand_items_are_judged(
        #[case] kind: Kind,
        #[case] producers: i64,
        #[case] lost: Option<i64>,
    ) {
        const ITEMS: i64 = 100_000;
        let mut scene = PermutationBuilder::new();
        let (sending, receiving) = match kind {
            Kind::Queue => {
                let queue = scene.queue("c");
                (queue, queue)
            }
            _ => scene.pipe("c"),
        };
        for producer in 0..producers {
            let process = scene.process(&format!("producer-{producer}"));
            let count = ITEMS / producers;
            scene.puts(
                process,
                sending,
                ints(producer * count..(producer + 1) * count),
            );
        }
        let consumer = scene.process("consumer");
        let items = (0..ITEMS).filter(|item| Some(*item) != lost);
        scene.gets(consumer, receiving, ints(items), None);

        let report = judged(&scene, "other", None);
        assert_eq!(
            report.operations,
            2 * ITEMS as u64 - u64::from(lost.is_some())
        );
        let mut findings = report.findings.iter();
        let broken = findings.any(|one| matches!(one.state, FindingState::Broken(_)));
        assert_eq!(broken, lost.is_some());
    }

    #[test]
    fn a_missing_golden_leaves_a_point_of_a_sweep_unknown() {
        let mut scene = scene();
        scene.permutation.clauses = vec!["queue.cap.maxsize".into()];
        at_a_point(&mut scene);
        let report = judged(&scene, REFERENCE, None);
        assert_eq!(report.verdict, Verdict::Unknown);
        assert_eq!(report.clauses[0].verdict, Verdict::NotApplicable);
    }

    #[test]
    fn an_unexplained_difference_from_the_golden_has_a_page() {
        let report = judged(&scene(), REFERENCE, Some(WRONG));
        let [page] = &report.failures[..] else {
            panic!("{:?}", report.failures);
        };
        assert_eq!(page.clause, None);
        assert!(page.actual.contains("+  put  q  0..2"), "{}", page.actual);
    }

    #[test]
    fn a_trial_that_was_not_run_has_the_same_verdict_for_each_clause() {
        let mut scene = scene();
        scene.permutation.clauses = vec!["queue.cap.maxsize".into()];
        let name = judged(&scene, "other", None).name;
        let why = "no capacity".to_owned();
        let report = not_run(name, &scene.permutation, Verdict::NotApplicable, why);
        assert_eq!(report.clauses[0].verdict, Verdict::NotApplicable);
        assert!(report.clauses[0].listed);
    }

    #[test]
    fn only_needed_capabilities_that_the_adapter_adds_are_reported() {
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
