//! Every step has the outcome and the items that its case expects, and every printed line is in the
//! standard output.
//!
//! This is the invariant `expectation`.

use super::charge::{self, Deviation};
use crate::backend::{Kind, Outcome, Wait};
use crate::clause::ClauseId;
use crate::history::pairing::Traffic;
use crate::history::{Operation, OperationId, OperationKind, ProcessHistory};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::replay::{StepExecution, replay};
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::witness;
use crate::plan::{Action, Content, End, Event, Expected, Start, StepId, content_of};

/// A deviation for which [`charge`] has no clause is charged to the most fitting clause that the case
/// lists, whichever that is.
pub(crate) const INVARIANT: Invariant = Invariant {
    name: "expectation",
    about: "every step has the outcome and the items that its case expects",
    clauses: charge::CLAUSES,
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    replay(evidence, |execution| {
        let Some(expected) = evidence
            .permutation
            .expected
            .get(execution.step.id as usize)
        else {
            return;
        };
        match &execution.step.action {
            Action::Poll { ends, .. } if ends.len() > 1 => {
                for id in judged_polls(evidence, execution, expected) {
                    judge_outcome(evidence, &mut tally, execution, expected, id);
                }
            }
            _ => judge_outcome(evidence, &mut tally, execution, expected, execution.last()),
        }
        judge_items(evidence, &mut tally, execution, expected);
    });
    for process in 0..evidence.history.processes.len() {
        judge_output(evidence, &mut tally, process);
    }
    tally.findings()
}

/// Returns the operations of a poll of several ends that are judged: all, if the case states the
/// outcome of the poll, and otherwise a ready one if there is one.
fn judged_polls(
    evidence: &Evidence<'_>,
    execution: &StepExecution<'_>,
    expected: &Expected,
) -> Vec<OperationId> {
    let polls = (0..execution.operations.len()).map(|n| execution.id(n));
    if expected.explicit {
        return polls.collect();
    }
    let is_ready = |id: &OperationId| evidence.operation(*id).outcome == Some(Outcome::Ok);
    let ready = polls.into_iter().find(is_ready);
    vec![ready.unwrap_or(execution.last())]
}

fn judge_outcome(
    evidence: &Evidence<'_>,
    tally: &mut Tally<'_>,
    execution: &StepExecution<'_>,
    expected: &Expected,
    last: OperationId,
) {
    let operation = evidence.operation(last);
    let Some(actual) = operation.outcome else {
        // The invariants about waiting judge operations that never return.
        return;
    };
    let is_cut_short = !execution.is_whole && actual == Outcome::Ok;
    let is_own = evidence.is_own_doing(operation);
    if is_cut_short || !is_own || lacks_time(evidence, last, expected, actual) {
        return;
    }
    if let Some((steps, clause)) = awaited_blocked(evidence, execution) {
        match (actual, returned_early(evidence, operation, &steps)) {
            (Outcome::Ok, _) => tally.upheld(&clause, 1),
            // After a kill of the sweep it may find what the victim would have received.
            (_, Some(_)) if evidence.may_stay_pending(operation) => {}
            (_, Some(blocked)) => tally.broken(&clause, || {
                let name = evidence.name_with_caller(blocked);
                witness(
                    [blocked, last],
                    format!("{name} blocks"),
                    "it returned at once",
                )
            }),
            // The step had not started when the await gave up.
            (_, None) => {}
        }
        return;
    }
    if is_of_no_connection(operation) && !expected.explicit {
        return;
    }
    if is_about_processes(operation.kind) {
        // Such a step fails because of other steps, which are judged themselves.
        return;
    }
    let right = expected.outcomes.is_empty() || expected.outcomes.contains(&actual);
    if right && !expected.explicit {
        return;
    }
    let clause = clause(evidence, last, expected, actual);
    if right {
        match clause {
            Some(clause) => tally.upheld(clause, 1),
            // Another outcome would break this clause.
            None if is_meeting(operation.kind) => {
                tally.upheld(fallback(evidence, operation).as_str(), 1);
            }
            None => {}
        }
        return;
    }
    let clause = clause.map_or_else(|| fallback(evidence, operation), ClauseId::from);
    tally.broken(clause.as_str(), || {
        let actual = match (actual, operation.content) {
            (Outcome::Ok, Some(_)) if operation.kind == OperationKind::Get => {
                format!("ok, with {}", evidence.item_of(last))
            }
            _ => actual.to_string(),
        };
        let before = execution.operations.len().checked_sub(2);
        let before = before.map(|n| execution.id(n));
        witness(
            before.into_iter().chain([last]),
            words(&expected.outcomes),
            actual,
        )
    });
}

fn is_meeting(kind: OperationKind) -> bool {
    use OperationKind::{Accept, Connect, Listen};
    matches!(kind, Accept | Connect | Listen)
}

/// Whether the operation used a connection whose other side never connected.
fn is_of_no_connection(operation: &Operation) -> bool {
    use OperationKind::{Get, Poll, Put};
    operation.end.is_none() && matches!(operation.kind, Get | Poll | Put)
}

/// Whether the operation gave up waiting for what the plan's fault delayed: a process was paused.
fn lacks_time(
    evidence: &Evidence<'_>,
    id: OperationId,
    expected: &Expected,
    actual: Outcome,
) -> bool {
    use Outcome::{Empty, Full, Timeout};
    let gave_up = matches!(actual, Empty | Full | Timeout);
    gave_up && !expected.outcomes.contains(&actual) && evidence.is_delayed_by_fault(id)
}

fn words(outcomes: &[Outcome]) -> String {
    let words: Vec<_> = outcomes.iter().map(|outcome| outcome.word()).collect();
    words.join(" or ")
}

/// Returns the clause that an operation breaks if it has this outcome against the case's expectation.
pub(crate) fn own_clause(evidence: &Evidence<'_>, id: OperationId, actual: Outcome) -> ClauseId {
    let operation = evidence.operation(id);
    let expected = evidence.expected(operation);
    let clause = expected.and_then(|expected| clause(evidence, id, expected, actual));
    clause.map_or_else(|| fallback(evidence, operation), ClauseId::from)
}

fn is_about_processes(kind: OperationKind) -> bool {
    use OperationKind::{Await, Barrier, Join, Kill, Pause, Resume, Signal};
    [Await, Barrier, Join, Kill, Pause, Resume, Signal].contains(&kind)
}

/// Returns the clause that this outcome concerns, if [`charge`] has one.
fn clause(
    evidence: &Evidence<'_>,
    id: OperationId,
    expected: &Expected,
    actual: Outcome,
) -> Option<&'static str> {
    let operation = evidence.operation(id);
    let step = evidence.step(operation.step)?;
    let processes = &evidence.permutation.plan.processes;
    let limit = match &step.action {
        Action::Get { limit, .. } => Some(limit),
        _ => None,
    };
    let returned = operation.returned.unwrap_or(operation.start);
    let bystander = operation.end.is_some_and(|end| {
        let holders = evidence.holders();
        let bystander = holders.bystander(end.receives_from().sending(), operation.start, returned);
        bystander.is_some()
    });
    let deviation = Deviation {
        kind: evidence.kind(operation),
        operation: operation.kind,
        wait: evidence.wait(operation).unwrap_or(Wait::Deadline),
        bounded: operation.end.is_some_and(|end| {
            let channel = &evidence.permutation.plan.channels[end.channel];
            channel.capacity.is_some()
        }),
        limit,
        expected: &expected.outcomes,
        actual,
        after_end: after_end(evidence, id),
        bystander,
        forked: processes.iter().any(|p| p.start == Start::Fork),
    };
    deviation.clause()
}

/// Whether an earlier receive of the same process returned the end.
fn after_end(evidence: &Evidence<'_>, id: OperationId) -> bool {
    let operation = evidence.operation(id);
    evidence.lanes().any(|(traffic, _)| {
        let same = operation.end.map(End::receives_from) == Some(traffic.lane);
        let before = |end: &crate::history::pairing::Entry| {
            end.process() == id.process && evidence.history.is_before(end.id(), id)
        };
        same && traffic.ends.iter().any(before)
    })
}

/// Returns the most fitting clause that the case lists: one about this kind of channel, or the first.
fn fallback(evidence: &Evidence<'_>, operation: &Operation) -> ClauseId {
    let kind = evidence.kind(operation);
    let listed = &evidence.permutation.clauses;
    let fits = |clause: &&ClauseId| {
        let area = match kind {
            Kind::Process => "proc.",
            Kind::Queue => "queue.",
            Kind::Pipe => "pipe.",
            Kind::Stream => "stream.",
            Kind::Endpoint => "name.",
        };
        clause.as_str().starts_with(area)
    };
    let fitting = listed.iter().find(fits).or(listed.first());
    fitting.cloned().unwrap_or_else(|| "live.deadline".into())
}

/// Returns, for an await of blocked steps, those steps and the clause that says that they block.
fn awaited_blocked(
    evidence: &Evidence<'_>,
    execution: &StepExecution<'_>,
) -> Option<(Vec<StepId>, String)> {
    let Action::Await {
        event: Event::Blocked(steps),
    } = &execution.step.action
    else {
        return None;
    };
    let action = &evidence.step(*steps.first()?)?.action;
    let channels = &evidence.permutation.plan.channels;
    let clause = match action {
        Action::Put { end, .. } if channels[end.channel].kind == Kind::Queue => {
            "queue.cap.maxsize".to_owned()
        }
        _ => fallback(evidence, evidence.operation(execution.last())).to_string(),
    };
    Some((steps.clone(), clause))
}

/// Returns an operation of these steps that had returned when the await gave up, instead of blocking.
fn returned_early(
    evidence: &Evidence<'_>,
    awaited: &Operation,
    steps: &[StepId],
) -> Option<OperationId> {
    let before = |op: &Operation| op.returned <= awaited.returned && !op.is_pending();
    let operations = evidence.history.operations();
    let of_steps = operations.filter(|(_, op)| steps.contains(&op.step) && before(op));
    of_steps.map(|(id, _)| id).last()
}

/// Judges that a get returns the items that the case expects, in order.
fn judge_items(
    evidence: &Evidence<'_>,
    tally: &mut Tally<'_>,
    execution: &StepExecution<'_>,
    expected: &Expected,
) {
    let (Some(items), Action::Get { end, .. }) = (&expected.items, &execution.step.action) else {
        return;
    };
    let channel = &evidence.permutation.plan.channels[end.channel];
    if channel.kind == Kind::Stream {
        return;
    }
    for (n, value) in items.iter().enumerate().take(execution.operations.len()) {
        let id = execution.id(n);
        let operation = evidence.operation(id);
        let (Some(Outcome::Ok), Some(content)) = (operation.outcome, operation.content) else {
            return;
        };
        let Some(wanted) = execution.variables.resolve(evidence, value) else {
            continue;
        };
        let clause = |was_put| match (channel.kind, was_put) {
            (Kind::Queue, true) => "queue.order.fifo-per-producer",
            (Kind::Queue, false) => "queue.mpmc.exactly-once",
            (_, true) => "pipe.order.single-writer",
            (_, false) => "pipe.frame.boundaries-preserved",
        };
        if content_of(&wanted, channel.codec).is_ok_and(|wanted| wanted == content) {
            continue;
        }
        let lane = operation.end.unwrap_or(*end).receives_from();
        let traffic = evidence.lanes().find(|(traffic, _)| traffic.lane == lane);
        let was_put = traffic.is_some_and(|(traffic, _)| is_put(traffic, content));
        return tally.broken(clause(was_put), || {
            let wanted = content_of(&wanted, channel.codec);
            let wanted = wanted.map(|wanted| evidence.item(end.channel, wanted));
            let wanted = wanted.unwrap_or_else(|error| error.to_string());
            witness([id], wanted, evidence.item_of(id))
        });
    }
}

fn is_put(traffic: &Traffic, content: Content) -> bool {
    let same = |put: &crate::history::pairing::Entry| put.content.cmp(&content);
    traffic.puts.binary_search_by(same).is_ok()
}

/// Judges that every line that a process printed is in its standard output, with the lines of each
/// thread in order.
fn judge_output(evidence: &Evidence<'_>, tally: &mut Tally<'_>, process: usize) {
    let operations = &evidence.history.processes[process].operations;
    let last = operations.iter().map(|operation| operation.thread).max();
    // Lines printed outside `threads` belong to every thread.
    let first = u16::from(last > Some(0));
    for thread in first..=last.unwrap_or(0) {
        judge_output_of(evidence, tally, process, thread);
    }
}

fn judge_output_of(evidence: &Evidence<'_>, tally: &mut Tally<'_>, process: usize, thread: u16) {
    let ProcessHistory {
        operations, stdout, ..
    } = &evidence.history.processes[process];
    let mut rest = &stdout[..];
    let in_turn = |(_, print): &(usize, &Operation)| [0, thread].contains(&print.thread);
    for (index, print) in operations.iter().enumerate().filter(in_turn) {
        let (OperationKind::Print, Some(Outcome::Ok), Some(text)) =
            (print.kind, print.outcome, print.content)
        else {
            continue;
        };
        match after_line(rest, text) {
            Some(after) => rest = after,
            None => {
                let clause = fallback(evidence, print);
                return tally.broken(clause.as_str(), || {
                    let length = text.length();
                    witness(
                        [OperationId { process, index }],
                        format!("the printed line of {length} bytes"),
                        format!("{:?}", String::from_utf8_lossy(head(rest))),
                    )
                });
            }
        }
    }
}

/// Returns the output after the first line with this content, if there is one.
fn after_line(mut output: &[u8], text: Content) -> Option<&[u8]> {
    let length = usize::try_from(text.length()).ok()?;
    loop {
        // A printed text may contain line ends, so only its length says where it ends.
        if let Some((line, [b'\n', after @ ..])) = output.split_at_checked(length)
            && Content::of(line) == text
        {
            return Some(after);
        }
        let next = output.iter().position(|byte| *byte == b'\n')?;
        output = &output[next + 1..];
    }
}

fn head(output: &[u8]) -> &[u8] {
    &output[..output.len().min(80)]
}

#[cfg(test)]
mod tests;
