//! Operations and processes in the words of the case language.

use crate::backend::Wait;
use crate::history::naming::Naming;
use crate::history::{Operation, OperationId, OperationKind};
use crate::judge::invariant::Evidence;
use crate::plan::{Action, Event, ProcessIndex, StepId};

/// Returns the operation without its item, as in `send p.tx`.
pub(super) fn step(evidence: &Evidence<'_>, id: OperationId) -> String {
    let operation = evidence.operation(id);
    let object = object(evidence, operation);
    let verb = operation.kind.word(evidence.kind(operation));
    object.map_or(verb.to_owned(), |object| format!("{verb} {object}"))
}

/// Returns the operation without its item, and the time that it waits, as in `recv p.rx for at most
/// 50ms`.
pub(super) fn timed_step(evidence: &Evidence<'_>, id: OperationId) -> String {
    let limit = evidence.wait(evidence.operation(id)).and_then(time_limit);
    let words = [Some(step(evidence, id)), limit];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Returns the operation with the item that it puts and the time that it waits, as in `send p.tx 3`.
pub(super) fn operation(evidence: &Evidence<'_>, naming: &mut Naming, id: OperationId) -> String {
    let operation = evidence.operation(id);
    let mut words = vec![step(evidence, id)];
    if let (OperationKind::Put, Some(end), Some(content)) =
        (operation.kind, operation.end, operation.content)
    {
        words.push(naming.name(end.channel, content).to_string());
    }
    words.extend(evidence.wait(operation).and_then(time_limit));
    words.join(" ")
}

fn object(evidence: &Evidence<'_>, operation: &Operation) -> Option<String> {
    let plan = &evidence.permutation.plan;
    if let Some(end) = operation.end {
        return Some(plan.end_name(end));
    }
    match &evidence.step(operation.step)?.action {
        Action::Open { channel } => Some(plan.channels[*channel].name.clone()),
        Action::Start { processes }
        | Action::Join { processes, .. }
        | Action::Kill {
            processes,
            terminates: false,
        }
        | Action::Pause { processes }
        | Action::Resume { processes } => Some(groups(evidence, processes)),
        Action::Kill {
            processes,
            terminates: true,
        } => Some(format!("{} by SIGTERM", groups(evidence, processes))),
        Action::Signal { processes, signal } => {
            Some(format!("{} {}", signal.word(), groups(evidence, processes)))
        }
        Action::Crash { how } => Some(how.word().to_owned()),
        Action::Barrier { name } => Some(name.clone()),
        Action::Await { event } => Some(match event {
            Event::Started(steps) => format!("started {}", labels(evidence, steps)),
            Event::Blocked(steps) => format!("blocked {}", labels(evidence, steps)),
            Event::Done(steps) => format!("done {}", labels(evidence, steps)),
            Event::Exited(processes) => format!("exited {}", groups(evidence, processes)),
        }),
        _ => None,
    }
}

fn time_limit(wait: Wait) -> Option<String> {
    match wait {
        Wait::Deadline => None,
        Wait::Never => Some("without waiting".to_owned()),
        Wait::For(time) => Some(format!("for at most {time:?}")),
    }
}

/// Returns the names of processes; replicas have one name together.
pub(super) fn groups(evidence: &Evidence<'_>, processes: &[ProcessIndex]) -> String {
    let plan = &evidence.permutation.plan.processes;
    let mut names: Vec<&str> = processes
        .iter()
        .map(|process| plan[*process].group.as_str())
        .collect();
    names.dedup();
    names.join(" and ")
}

fn labels(evidence: &Evidence<'_>, steps: &[StepId]) -> String {
    let mut names: Vec<&str> = steps
        .iter()
        .filter_map(|step| evidence.permutation.expected(*step).label.as_deref())
        .collect();
    names.dedup();
    names.join(" and ")
}
