//! Whom a pending operation waits for.

use super::words::groups;
use crate::history::{OperationId, OperationKind};
use crate::invariant::Evidence;
use crate::plan::{Action, GivenEnd, ProcessIndex, Step};

/// The processes that could let the operation return, as the end of a sentence; empty where that is
/// nobody, or the operation says it itself.
pub(super) fn whom(evidence: &Evidence<'_>, step: Option<&Step>, id: OperationId) -> String {
    let operation = evidence.history.operation(id);
    let Some(end) = operation.end else {
        return match step.map(|step| &step.action) {
            Some(Action::Join { processes }) => alive(evidence, processes),
            _ => String::new(),
        };
    };
    let counterpart = |given: &GivenEnd| match operation.kind {
        OperationKind::Put => given.gets && given.end.receives_from() == end.sends_on(),
        OperationKind::Get | OperationKind::Poll => {
            given.puts && given.end.sends_on() == end.receives_from()
        }
        _ => false,
    };
    let processes = evidence.permutation.plan.processes.iter().enumerate();
    let others: Vec<ProcessIndex> = processes
        .filter(|(_, process)| process.ends.iter().any(counterpart))
        .map(|(index, _)| index)
        .collect();
    match others.as_slice() {
        [] => String::new(),
        others => format!(", for {}", groups(evidence, others)) + &alive(evidence, others),
    }
}

/// Whether all of them are gone, or stopped.
fn alive(evidence: &Evidence<'_>, processes: &[ProcessIndex]) -> String {
    use crate::history::Exit;
    let gone = |process: &ProcessIndex| {
        let exit = evidence.history.processes[*process].exit;
        !matches!(exit, None | Some(Exit::Ended))
    };
    let all =
        |is: &dyn Fn(&ProcessIndex) -> bool| !processes.is_empty() && processes.iter().all(is);
    let word = if all(&gone) {
        ", long gone"
    } else if all(&|process| evidence.is_stopped(*process)) {
        ", which is stopped"
    } else {
        ""
    };
    word.to_owned()
}
