//! A run leaves no process, handle or name behind.

use crate::backend::Kind;
use crate::history::{Exit, Operation, OperationKind, ProcessHistory, Residue};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::process_witness;
use crate::judge::untried;
use crate::plan::{Process, ProcessIndex};

const HANDLES: &str = "leak.handles.steady";
const OF_QUEUE: &str = "queue.close.frees-handles";
const HELPERS: &str = "leak.helper-processes";
const NAMES: &str = "leak.names.after-kill";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "residue",
    about: "a run leaves no process, handle or name behind",
    clauses: &[HANDLES, OF_QUEUE, HELPERS, NAMES],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    if !evidence.completed() {
        for clause in INVARIANT.clauses {
            tally.untried(clause, untried::NO_CLEANUP);
        }
        return tally.findings();
    }
    for residue in &evidence.history.residue {
        match residue {
            Residue::Process { of } => tally.broken(HELPERS, || {
                let expected = "every process ends with the run";
                let actual = match of {
                    Some(process) => {
                        let name = evidence.process(*process);
                        format!("a process that {name} had started was still alive")
                    }
                    None => "a helper process of the backend was still alive".to_owned(),
                };
                process_witness(*of, expected, actual)
            }),
            Residue::Descriptors { process, count } => {
                tally.broken(of_handles(evidence, *process), || {
                    let name = evidence.process(*process);
                    let expected = format!("{name} has as many handles as before its first end");
                    let actual = format!("{count} more, with every end closed");
                    process_witness(Some(*process), expected, actual)
                })
            }
            // The invariant `name` judges names of endpoints.
            Residue::Name { name } if is_endpoint(evidence, name) => {}
            Residue::Name { name } => tally.broken(NAMES, || {
                let actual = format!("`{name}` was still there");
                process_witness(None, "every name is removed", actual)
            }),
        }
    }
    let has_channel = evidence
        .permutation
        .plan
        .channels
        .iter()
        .any(|channel| channel.kind != Kind::Process);
    if has_channel {
        for process in audited(evidence) {
            tally.upheld(of_handles(evidence, process), 1);
        }
        tally.upheld(HELPERS, 1);
        let killed = |p: &&ProcessHistory| p.exit == Some(Exit::Killed);
        let killed = evidence.history.processes.iter().filter(killed).count();
        tally.upheld(NAMES, killed as u64);
    }
    tally.findings()
}

fn is_endpoint(evidence: &Evidence<'_>, name: &str) -> bool {
    let mut channels = evidence.permutation.plan.channels.iter();
    channels.any(|channel| channel.kind == Kind::Endpoint && channel.name == name)
}

/// Returns the clause about this process's handles.
fn of_handles(evidence: &Evidence<'_>, process: ProcessIndex) -> &'static str {
    let mut channels = evidence.permutation.plan.channels.iter();
    match channels.any(|one| one.kind == Kind::Queue && one.opener == Some(process)) {
        true => OF_QUEUE,
        false => HANDLES,
    }
}

/// Returns the processes that held an end, exited in order and counted their handles before that. Their
/// exit's record has the number.
fn audited(evidence: &Evidence<'_>) -> impl Iterator<Item = ProcessIndex> {
    let plans = &evidence.permutation.plan.processes;
    let counted = |last: &Operation| last.kind == OperationKind::Exit && last.content.is_some();
    let orderly = move |(plan, history): &(&Process, &ProcessHistory)| {
        let last = history.operations.last();
        !plan.ends.is_empty() && last.is_some_and(counted)
    };
    let processes = plans.iter().zip(&evidence.history.processes).enumerate();
    processes
        .filter(move |(_, process)| orderly(process))
        .map(|(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Ending;
    use crate::test_support::histories::{Expect, HistoryBuilder, pipe, queue};
    use rstest::rstest;

    fn sent() -> HistoryBuilder {
        pipe().process("w").put(1).ok(0, 1).exit().ok(2, 3)
    }

    fn made() -> HistoryBuilder {
        queue()
            .process("p")
            .put(1)
            .ok(0, 1)
            .exit()
            .ok(2, 3)
            .opened_by("p")
    }

    fn name() -> Residue {
        let name = "socket".to_owned();
        Residue::Name { name }
    }

    #[rstest]
    #[case::nothing_is_left(sent(), HANDLES, Expect::Upheld(1))]
    #[case::handles_are_left(
        sent().leaves(Residue::Descriptors { process: 0, count: 2 }), HANDLES, Expect::Broken(1)
    )]
    #[case::handles_were_not_counted(pipe().process("w").put(1).ok(0, 1), HANDLES, Expect::Untried)]
    #[case::the_helper_is_gone(sent(), HELPERS, Expect::Upheld(1))]
    #[case::the_helper_is_alive(
        sent().leaves(Residue::Process { of: None }), HELPERS, Expect::Broken(1)
    )]
    #[case::the_maker_of_a_queue_left_none(made(), OF_QUEUE, Expect::Upheld(1))]
    #[case::the_maker_of_a_queue_left_two(
        made().leaves(Residue::Descriptors { process: 0, count: 2 }), OF_QUEUE, Expect::Broken(1)
    )]
    #[case::of_a_made_queue_no_other_clause(made(), HANDLES, Expect::Untried)]
    #[case::no_process_was_killed(sent(), NAMES, Expect::Untried)]
    #[case::a_killed_process_left_no_name(sent().exits(Exit::Killed), NAMES, Expect::Upheld(1))]
    #[case::a_name_is_left(sent().leaves(name()), NAMES, Expect::Broken(1))]
    #[case::the_run_stalled(
        sent().leaves(name()).ending(Ending::Stalled), NAMES, Expect::Untried
    )]
    fn judges(#[case] run: HistoryBuilder, #[case] clause: &str, #[case] expect: Expect) {
        run.check(&INVARIANT, clause, expect);
    }
}
