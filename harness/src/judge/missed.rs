//! Kills, pauses and resumptions that a case asks for and that didn't happen.
//!
//! Such a run doesn't test what its case is about, so it upholds nothing, and deviations from what the
//! case expects break no promise. Breaks that show without the case's expectations still count.

use crate::backend::Outcome;
use crate::history::{Exit, Operation, OperationKind};
use crate::judge::invariant::Evidence;
use crate::judge::{Finding, FindingState};
use crate::plan::{Action, ExpectedExit, Injection, ProcessIndex};

/// The invariants that compare a run with what its case expects.
const BY_EXPECTATION: [&str; 2] = ["expectation", "exit"];

/// Returns the findings; untried are those that depend on a fault that didn't happen.
pub(super) fn settle(evidence: &Evidence<'_>, mut findings: Vec<Finding>) -> Vec<Finding> {
    let Some(why) = missed(evidence) else {
        return findings;
    };
    for finding in &mut findings {
        let depends = match &finding.state {
            FindingState::Upheld { .. } => true,
            FindingState::Broken(_) => BY_EXPECTATION.contains(&finding.invariant.as_str()),
            FindingState::Untried { .. } | FindingState::TooSlow { .. } => false,
        };
        if depends {
            finding.state = FindingState::Untried { why: why.clone() };
        }
    }
    findings
}

/// Returns which fault of the case didn't happen, and why.
fn missed(evidence: &Evidence<'_>) -> Option<String> {
    let operations = evidence.history.operations();
    let of_steps = operations.filter(|(_, operation)| evidence.is_own_doing(operation));
    let mut of_steps = of_steps.map(|(_, operation)| operation);
    let by_step = of_steps.find_map(|operation| missed_by_step(evidence, operation));
    by_step.or_else(|| missed_by_sweep(evidence))
}

fn missed_by_step(evidence: &Evidence<'_>, operation: &Operation) -> Option<String> {
    let action = &evidence.step(operation.step)?.action;
    let failed = operation.outcome != Some(Outcome::Ok);
    match (operation.kind, action) {
        (OperationKind::Kill, Action::Kill { processes, .. }) => {
            let mut victims = processes.iter();
            let victim = *victims.find(|victim| outlived_its_kill(evidence, **victim))?;
            let name = evidence.process(victim);
            Some(format!("{name} had exited before its kill took effect"))
        }
        (OperationKind::Pause, Action::Pause { processes }) if failed => {
            let names = names(evidence, processes);
            Some(format!("the pause failed, because {names} had exited"))
        }
        (OperationKind::Resume, Action::Resume { processes }) if failed => {
            let names = names(evidence, processes);
            Some(format!("the resume failed, because {names} wasn't paused"))
        }
        (OperationKind::Signal, Action::Signal { processes, .. }) if failed => {
            let names = names(evidence, processes);
            Some(format!("the signal failed, because {names} had exited"))
        }
        _ => None,
    }
}

/// Whether a process that the case expects to be killed never started, or exited by itself.
fn outlived_its_kill(evidence: &Evidence<'_>, victim: ProcessIndex) -> bool {
    let is_expected = evidence.permutation.exits.get(victim) == Some(&ExpectedExit::Killed);
    is_expected && !died(evidence, victim)
}

/// Whether a process was killed or, what other invariants judge, died without an orderly exit.
fn died(evidence: &Evidence<'_>, process: ProcessIndex) -> bool {
    let operations = &evidence.history.processes[process].operations;
    let exits = || operations.iter().any(|one| one.kind == OperationKind::Exit);
    match evidence.exit(process) {
        None => false,
        Some(Exit::Code(_)) => !exits(),
        Some(_) => true,
    }
}

/// A sweep's fault inside an operation happens only if the operation blocks.
fn missed_by_sweep(evidence: &Evidence<'_>) -> Option<String> {
    let point = evidence.permutation.plan.fault?;
    let mut stops = evidence.history.stops.iter();
    let happened = match point.fault {
        Injection::Kill => died(evidence, point.process),
        Injection::Pause => stops.any(|stop| stop.process == point.process),
    };
    let name = evidence.process(point.process);
    (!happened && evidence.completed())
        .then(|| format!("{name} exited before the sweep's {}", point.fault.word()))
}

fn names(evidence: &Evidence<'_>, processes: &[ProcessIndex]) -> String {
    let names: Vec<_> = processes
        .iter()
        .map(|process| evidence.process(*process))
        .collect();
    names.join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{InjectionPoint, Moment};
    use crate::test_support::histories::{HistoryBuilder, queue};
    use rstest::rstest;

    /// The victim puts an item and exits like this; another process kills it.
    fn killed(exit: Exit) -> HistoryBuilder {
        let victim = queue()
            .process("victim")
            .exit_expected(ExpectedExit::Killed);
        let victim = victim.put(1).ok(1, 2).exits(exit);
        let killer = |run: HistoryBuilder| run.process("killer").kill("victim").ok(5, 6);
        match exit {
            Exit::Code(_) => killer(victim.exit().ok(3, 4)),
            _ => killer(victim),
        }
    }

    fn paused(outcome: Outcome) -> HistoryBuilder {
        let run = queue().process("victim").put(1).ok(1, 2);
        run.process("other").pause("victim").gives(outcome, 3, 4)
    }

    fn swept(fault: Injection, run: HistoryBuilder) -> HistoryBuilder {
        let mut run = run;
        run.permutation.plan.fault = Some(InjectionPoint {
            process: 0,
            operation: 0,
            moment: Moment::Inside,
            fault,
        });
        run
    }

    fn once() -> HistoryBuilder {
        queue().process("victim").put(1).ok(1, 2).exit().ok(3, 4)
    }

    #[rstest]
    #[case::a_kill(killed(Exit::Killed), None)]
    #[case::a_kill_after_the_exit(
        killed(Exit::Code(0)),
        Some("victim had exited before its kill took effect")
    )]
    #[case::a_crash_in_its_place(killed(Exit::Signal(6)), None)]
    #[case::a_pause(paused(Outcome::Ok), None)]
    #[case::a_pause_after_the_exit(
        paused(Outcome::Error),
        Some("the pause failed, because victim had exited")
    )]
    #[case::a_kill_inside_a_call(swept(Injection::Kill, once().exits(Exit::Killed)), None)]
    #[case::a_kill_inside_a_call_that_does_not_block(
        swept(Injection::Kill, once()),
        Some("victim exited before the sweep's kill")
    )]
    #[case::a_pause_inside_a_call(swept(Injection::Pause, once().stopped(1, Some(2))), None)]
    #[case::a_pause_inside_a_call_that_does_not_block(
        swept(Injection::Pause, once()),
        Some("victim exited before the sweep's pause")
    )]
    fn a_fault_that_did_not_happen_is_named(
        #[case] run: HistoryBuilder,
        #[case] expected: Option<&str>,
    ) {
        let capabilities = crate::backend::Capabilities::new();
        let evidence = Evidence::new(&run.permutation, &run.history, &capabilities);
        assert_eq!(missed(&evidence).as_deref(), expected);
    }

    #[test]
    fn nothing_is_upheld_without_the_fault_and_only_expectations_excuse() {
        let run = killed(Exit::Code(0));
        let capabilities = crate::backend::Capabilities::new();
        let evidence = Evidence::new(&run.permutation, &run.history, &capabilities);
        let finding = |invariant: &str, state| Finding {
            clause: "proc.exit.status-reported".into(),
            invariant: invariant.to_owned(),
            state,
        };
        let broken = FindingState::Broken(crate::judge::Witness {
            operations: Vec::new(),
            process: None,
            expected: String::new(),
            actual: String::new(),
        });
        let findings = vec![
            finding("order", FindingState::Upheld { evidence: 1 }),
            finding("exit", broken.clone()),
            finding("order", broken.clone()),
        ];
        let settled = settle(&evidence, findings);
        let is_untried = |finding: &Finding| matches!(finding.state, FindingState::Untried { .. });
        assert!(is_untried(&settled[0]) && is_untried(&settled[1]));
        assert_eq!(settled[2].state, broken);
    }
}
