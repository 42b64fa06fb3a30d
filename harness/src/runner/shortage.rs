//! What a run lacked, as its history shows.

use super::failure::RunFailure;
use crate::backend::Kind;
use crate::history::quote::cut;
use crate::history::{Exit, History, Operation, OperationKind};
use crate::os::shortage::Shortage;
use crate::peer::LACKS;
use crate::plan::{NO_STEP, Plan, ProcessIndex};

/// Returns the run's failure if an operation of it failed because the machine ran out of something, or
/// a process couldn't do its task because of that. No case asks for a shortage.
pub(super) fn in_history(plan: &Plan, history: &History) -> Option<RunFailure> {
    let mut processes = history.processes.iter().enumerate();
    processes.find_map(|(number, process)| {
        let mut operations = process.operations.iter();
        let failed = operations.find_map(|operation| in_operation(plan, number, operation));
        failed.or_else(|| {
            let own = process.operations.last().is_some_and(is_exit_step);
            let exit = process.exit.filter(|_| !own);
            in_exit(&process_name(plan, number), exit, &process.stderr)
        })
    })
}

/// Returns the failure of a run that isn't as it should be if the standard error of one of its
/// processes says that something ran out.
pub(super) fn in_stderr(plan: &Plan, history: &History) -> Option<RunFailure> {
    let mut processes = history.processes.iter().enumerate();
    processes.find_map(|(number, process)| {
        let text = String::from_utf8_lossy(&process.stderr);
        let found = if STARTS.iter().any(|word| text.contains(word)) {
            Shortage::in_text_of_start(&text)
        } else {
            Shortage::in_text(&text)
        };
        let (shortage, line) = found?;
        let name = process_name(plan, number);
        let why = shortage.sentence(format_args!("the standard error of {name} says `{line}`"));
        Some(RunFailure::Machine(why))
    })
}

/// Returns the failure of a run in which the adapter itself failed, if the standard error of any process
/// says that something ran out.
pub(super) fn in_stderr_of_adapter(history: &History) -> Option<RunFailure> {
    history.processes.iter().find_map(|process| {
        let text = String::from_utf8_lossy(&process.stderr);
        let (shortage, line) = Shortage::in_text_of_start(&text)?;
        Some(RunFailure::Machine(shortage.sentence(line)))
    })
}

/// Words on the standard error of a process that failed to start another process or a thread.
const STARTS: &[&str] = &["fork", "clone", "spawn", "thread"];

fn process_name(plan: &Plan, process: ProcessIndex) -> String {
    plan.processes[process].name()
}

/// Whether the case chose the process's exit code.
fn is_exit_step(operation: &Operation) -> bool {
    operation.kind == OperationKind::Exit && operation.step != NO_STEP
}

fn in_operation(plan: &Plan, process: ProcessIndex, operation: &Operation) -> Option<RunFailure> {
    let raw = operation.raw?;
    let shortage = match operation.kind {
        OperationKind::Start | OperationKind::Open => Shortage::of_start(raw.code?),
        _ => Shortage::of_code(raw.code?),
    }?;
    let of = operation.end.map(|end| &plan.channels[end.channel]);
    let kind = of.map_or(Kind::Process, |channel| channel.kind);
    let call = operation.kind.word(kind);
    let on = of.map_or(String::new(), |channel| format!(" on {}", channel.name));
    let name = process_name(plan, process);
    let why = shortage.sentence(format_args!("`{call}`{on} of {name} failed with {raw}"));
    Some(RunFailure::Machine(why))
}

/// Returns the run's failure if a process exited in this way because it lacked something. The last line
/// of its standard error says what.
pub(super) fn in_exit(name: &str, exit: Option<Exit>, stderr: &[u8]) -> Option<RunFailure> {
    if exit != Some(Exit::Code(LACKS)) {
        return None;
    }
    let said = String::from_utf8_lossy(stderr);
    let last = said.lines().last().map(cut).unwrap_or_default();
    Some(RunFailure::Machine(format!("{name}: {last}")))
}
