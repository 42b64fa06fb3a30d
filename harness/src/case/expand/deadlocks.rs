//! Gets that certainly never return: nobody sends what they wait for, or the process itself keeps
//! open what it waits to see closed.

use crate::backend::{End, Kind, Lane, Outcome, Wait};
use crate::case::{Diagnostic, Diagnostics};
use crate::plan::{Action, Expected, Item, Limit, Plan, Process, Source, Step, Value, flat};

/// Tells every get that certainly never returns. A case that deadlocks on purpose says so, with
/// `expect` or `wait`.
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
                    "`{}` waits for the end, and holds `{name}` itself: the end never comes",
                    process.name()
                );
                let help = format!("`close = \"{name}\"` before, or leave it to another process");
                errors.push(Diagnostic::new(position, message).help(help));
            } else if expected.outcomes == [Outcome::Ok]
                && (kind == Kind::Queue || keeper.is_some())
                && !is_ever_sent(plan, plan.joint(end.receives_from()), awaited)
            {
                let items: Vec<_> = awaited.iter().map(shown).collect();
                let message = format!("nobody ever sends {}", items.join(" or "));
                let help = "if that is what the case is about, say what to `expect`";
                errors.push(Diagnostic::new(position, message).help(help));
            }
        });
    }
}

/// The end with which the process itself keeps open what it gets from, if it does.
fn keeps_open(process: &Process, end: End, kind: Kind, closed: &[End]) -> Option<End> {
    let sending = End {
        channel: end.channel,
        side: end.side.opposite(),
    };
    let given = process.ends.iter().find(|given| given.end == sending)?;
    // Whoever only gets from a queue doesn't keep it open.
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
                // Any of them may close first.
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

/// Whether some step may send one of these on the lane. What a reference comes to isn't known.
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

fn shown(value: &Value) -> String {
    match value {
        Value::Literal(item) => format!("`{item}`"),
        Value::Reference(name) => format!("`${name}`"),
        Value::Sized { number, .. } => shown(number),
    }
}
