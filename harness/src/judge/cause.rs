//! Whose doing it is that a run ended wrongly, or not at all.
//!
//! In: the evidence of a run, and the findings of the invariants. Out: findings that charge the library
//! only with what its own operations did, and the [`Blame`] if the cause is another.
//!
//! * A hang breaks the promise of the operation that hangs. `live.deadline` is charged only if no other
//!   broken promise explains the hang.
//! * Processes that wait only for each other, or for what can't come, are a mistake of the case.
//! * A process that crashes within an operation breaks the promise of that operation.

use crate::backend::Outcome;
use crate::history::quote::cut;
use crate::history::{Exit, OperationId, OperationKind};
use crate::judge::invariant::{Evidence, own_clause, reports_departure};
use crate::judge::untried;
use crate::judge::{Finding, FindingState, Witness};
use crate::plan::{ExpectedExit, ProcessIndex};

mod blame;
mod hang;

pub(crate) use blame::{Blame, Cause};
use blame::{DEADLINE, acquit, broken, has_consequences};

/// The clause of exits.
const STATUS: &str = "proc.exit.status-reported";
/// The exit code of a peer that couldn't do its task.
const TROUBLE: i32 = 70;

/// Returns the findings with each break charged to its cause, and the cause if it isn't the
/// library.
pub(super) fn assign(
    evidence: &Evidence<'_>,
    mut findings: Vec<Finding>,
) -> (Vec<Finding>, Option<Blame>) {
    if let Some(blame) = trouble(evidence) {
        for finding in &mut findings {
            acquit(finding, untried::HARNESS_FAILED);
        }
        return (findings, Some(blame));
    }
    if let Some(blame) = failed_start(evidence) {
        for finding in &mut findings {
            acquit(finding, "a process couldn't be started");
        }
        return (findings, Some(blame));
    }
    crashes(evidence, &mut findings);
    let departure = departure(evidence, &mut findings);
    let hang = hang::judge(evidence, &mut findings);
    (findings, departure.or(hang))
}

/// A process that exited because it couldn't do its task, and not because a step says so.
fn trouble(evidence: &Evidence<'_>) -> Option<Blame> {
    let processes = evidence.history.processes.iter().enumerate();
    let failed = |(process, history): &(ProcessIndex, &crate::history::ProcessHistory)| {
        let asked = evidence.permutation.exits.get(*process) == Some(&ExpectedExit::Code(TROUBLE));
        let is_inside = history.operations.last().is_some_and(|last| {
            last.is_pending() && (last.kind == OperationKind::Exit || last.end.is_some())
        });
        history.exit == Some(Exit::Code(TROUBLE)) && !asked && !is_inside
    };
    let (process, history) = processes.into_iter().find(failed)?;
    let said = String::from_utf8_lossy(&history.stderr);
    let said = said
        .lines()
        .last()
        .map_or("it wrote nothing".to_owned(), cut);
    let name = evidence.process(process);
    let actual = format!("{name} exited with code {TROUBLE}: {said}");
    Some(Blame::new(
        Cause::Harness,
        Vec::new(),
        "every process can do its task",
        actual,
    ))
}

/// A start that returned an error. The process isn't there, so what it leaves undone shows nothing.
fn failed_start(evidence: &Evidence<'_>) -> Option<Blame> {
    let mut operations = evidence.history.operations();
    let (id, operation) = operations.find(|(_, operation)| {
        let outcome = operation.outcome;
        operation.kind == OperationKind::Start && outcome.is_some_and(|one| one != Outcome::Ok)
    })?;
    let name = evidence.name_with_caller(id);
    let outcome = operation.outcome.unwrap_or(Outcome::Error);
    let raw = operation
        .raw
        .map_or(String::new(), |raw| format!(" ({raw})"));
    Some(Blame::new(
        Cause::Adapter,
        vec![id],
        "every process can be started",
        format!("{name} returned {outcome}{raw}"),
    ))
}

/// Charges a process that exits by itself within an operation to the promise of that operation.
fn crashes(evidence: &Evidence<'_>, findings: &mut [Finding]) {
    let explained: Vec<OperationId> = findings
        .iter()
        .filter(|finding| finding.clause.as_str() != DEADLINE)
        .filter_map(broken)
        .flat_map(|witness| witness.operations.clone())
        .collect();
    for finding in findings {
        let Some(witness) = broken(finding).filter(|_| finding.clause.as_str() == STATUS) else {
            continue;
        };
        let Some((process, inside)) = witness.process.and_then(|process| {
            let crashed = !matches!(evidence.exit(process), Some(Exit::Code(0) | Exit::Killed));
            let operations = &evidence.history.processes[process].operations;
            let is_inside = |op: &crate::history::Operation| op.is_pending() && op.end.is_some();
            let index = operations.iter().rposition(is_inside)?;
            crashed.then_some((process, OperationId { process, index }))
        }) else {
            continue;
        };
        if explained.contains(&inside) {
            acquit(finding, untried::BROKEN_BY_SAME_EXIT);
            continue;
        }
        let expected = format!("{} returns", evidence.name_with_caller(inside));
        let said = panic_message(&evidence.history.processes[process].stderr);
        let actual = match said {
            Some(said) => format!("{}: {said}", witness.actual),
            None => witness.actual.clone(),
        };
        finding.clause = own_clause(evidence, inside, Outcome::Error);
        finding.state = FindingState::Broken(Witness {
            operations: vec![inside],
            process: None,
            expected,
            actual,
        });
    }
}

/// Returns the first line of what a panic says, if the process panicked.
fn panic_message(stderr: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(stderr);
    let mut lines = text
        .lines()
        .skip_while(|line| !line.contains("panicked at"));
    let head = lines.next()?;
    let message = lines.next().filter(|line| !line.trim().is_empty());
    Some(cut(message.unwrap_or(head).trim()))
}

/// A case may use an end after all processes at the other side have left. A library that reports this
/// keeps its promise.
fn departure(evidence: &Evidence<'_>, findings: &mut [Finding]) -> Option<Blame> {
    let others = |finding: &&Finding| {
        let is_deviation = reports_departure(evidence, finding).is_some();
        has_consequences(finding) && !is_deviation && finding.clause.as_str() != DEADLINE
    };
    let is_explained = findings.iter().any(|finding| others(&finding));
    let mut blame = None;
    for finding in findings {
        let Some(report) = reports_departure(evidence, finding) else {
            continue;
        };
        let (Some(witness), Some(end)) = (broken(finding), evidence.operation(report).end) else {
            continue;
        };
        let name = evidence.name_with_caller(report);
        let other = match evidence.operation(report).kind {
            OperationKind::Put => end.sends_on().receiver(),
            _ => end.receives_from().sending(),
        };
        let other = evidence.end_name(other);
        let expected = format!("{name} returns {}", witness.expected);
        let actual = format!(
            "{}, because every process that held {other} had left by then; let one of them wait, or \
             expect this outcome",
            witness.actual
        );
        blame.get_or_insert_with(|| Blame::new(Cause::Case, vec![report], expected, actual));
        acquit(finding, untried::RIGHT_REPORT);
    }
    blame.filter(|_| !is_explained)
}

#[cfg(test)]
mod tests;
