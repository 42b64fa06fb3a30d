//! Finds gets that certainly never return, because no process sends the item that they wait for, or
//! because the process waits for an end of stream that its own open end prevents.

use crate::backend::{Kind, Outcome, Wait};
use crate::case::{Diagnostic, Diagnostics};
use crate::plan::{
    Action, End, Expected, Item, Lane, Limit, Plan, Process, Source, Step, Value, flat,
};

/// Adds a mistake for every get that certainly never returns. A case that deadlocks on purpose says so
/// with `expect` or `wait`.
pub(super) fn certain(plan: &Plan, expected: &[Expected], errors: &mut Diagnostics) {
    for process in &plan.processes {
        let mut closed = Vec::new();
        follow(&process.steps, &mut closed, &mut |step, closed| {
            let Action::Get {
                end,
                limit: Limit::Until(awaited),
                wait: Wait::Deadline,
                ..
            } = &step.action
            else {
                return;
            };
            let expected = &expected[step.id as usize];
            let kind = plan.channels[end.channel].kind;
            let keeper = keeps_open(process, *end, kind, closed);
            let ends = expected.outcomes == [Outcome::End];
            if expected.explicit && !ends {
                return;
            }
            let position = expected.span.clone().into();
            if let (true, Some(keeper)) = (ends, keeper) {
                let name = plan.end_name(keeper);
                let message = format!(
                    "`{}` waits for the end of stream, which never comes because it holds `{name}` itself",
                    process.name()
                );
                let help = format!(
                    "write `close = \"{name}\"` before this step, or leave that end to another process"
                );
                errors.push(Diagnostic::new(position, message).help(help));
            } else if expected.outcomes == [Outcome::Ok]
                && (kind == Kind::Queue || keeper.is_some())
                && !is_ever_sent(plan, plan.joint(end.receives_from()), awaited)
            {
                let items: Vec<_> = awaited.iter().map(quoted).collect();
                let message = format!("no process ever sends {}", items.join(" or "));
                let help = "if the case is about that, state the outcome with `expect`";
                errors.push(Diagnostic::new(position, message).help(help));
            }
        });
    }
}

/// Returns the sending end by which the process itself prevents the end of stream, if it does.
fn keeps_open(process: &Process, end: End, kind: Kind, closed: &[End]) -> Option<End> {
    let sending = End {
        channel: end.channel,
        side: end.side.opposite(),
    };
    let given = process.ends.iter().find(|given| given.end == sending)?;
    // A process that only gets from a queue doesn't keep it open.
    let keeps = given.puts || kind != Kind::Queue;
    (keeps && !closed.contains(&sending)).then_some(sending)
}

fn follow(steps: &[Step], closed: &mut Vec<End>, visit: &mut impl FnMut(&Step, &[End])) {
    for step in steps {
        visit(step, closed);
        match &step.action {
            Action::Close { end } | Action::HalfClose { end } => closed.push(*end),
            Action::Get { each, .. } => follow(each, closed, visit),
            Action::Repeat { steps, .. } => follow(steps, closed, visit),
            Action::Threads { threads } => {
                // A thread may run after another one has closed an end.
                let inside = flat(std::slice::from_ref(step)).into_iter();
                closed.extend(inside.filter_map(|step| match step.action {
                    Action::Close { end } | Action::HalfClose { end } => Some(end),
                    _ => None,
                }));
                threads
                    .iter()
                    .for_each(|steps| follow(steps, closed, visit));
            }
            _ => {}
        }
    }
}

/// Returns whether a step may send one of these items on the lane. A reference may be any item.
fn is_ever_sent(plan: &Plan, lane: Lane, awaited: &[Value]) -> bool {
    let mut puts = plan.steps().filter_map(|(_, step)| match &step.action {
        Action::Put { end, source, .. } if plan.joint(end.sends_on()) == lane => Some(source),
        _ => None,
    });
    puts.any(|source| awaited.iter().any(|value| may_send(source, value)))
}

fn may_send(source: &Source, value: &Value) -> bool {
    let Value::Literal(item) = value else {
        return true;
    };
    match source {
        Source::Items(sent) => sent.iter().any(|one| match one {
            Value::Literal(sent) => sent == item,
            Value::Reference(_) => true,
            Value::Sized { size, .. } => {
                matches!(item, Item::Payload { size: wanted, .. } if wanted == size)
            }
        }),
        Source::Count { from, count, size } => {
            let number = match (item, size) {
                (Item::Int(number), None) => i128::from(*number),
                (Item::Payload { number, size }, Some(sent)) if size == sent => i128::from(*number),
                _ => return false,
            };
            let first = i128::from(*from);
            (first..first + i128::from(*count)).contains(&number)
        }
    }
}

fn quoted(value: &Value) -> String {
    match value {
        Value::Literal(item) => format!("`{item}`"),
        Value::Reference(name) => format!("`${name}`"),
        Value::Sized { number, .. } => quoted(number),
    }
}
