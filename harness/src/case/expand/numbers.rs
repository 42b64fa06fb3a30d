//! The numbers that `count` sends: which replica sends which, and that no two processes send the
//! same ones.

use std::collections::BTreeMap;
use std::ops::Range;

use super::steps::Place;
use super::values::Values;
use crate::backend::{End, Lane};
use crate::case::model::{Action, Process, Source, Term};
use crate::case::scope::{Scope, every_step};
use crate::case::{Diagnostic, Diagnostics, Span, Spanned};
use crate::plan::content::payload::largest_number;
use crate::plan::{self, Expected, Item, Plan, Value};

/// Which numbers a replica of a process sends: those of the first, moved on.
#[derive(Default)]
pub(super) struct Numbers {
    moved: BTreeMap<End, u64>,
}

impl Numbers {
    /// What replica `replica` adds to its numbers on each end, so that it goes on where the one
    /// before it stops. Ends and numbers that are wrong are left to be told with their steps.
    pub(super) fn of(
        process: &Process,
        replica: u64,
        scope: &Scope<'_>,
        values: &Values<'_>,
    ) -> Numbers {
        let mut spans: BTreeMap<End, Range<u64>> = BTreeMap::new();
        every_step(&process.steps, &mut |step| {
            let Action::Put(put) = &step.action else {
                return;
            };
            let Source::Count { count, from } = &put.source else {
                return;
            };
            let range = range(count, from.as_ref(), values);
            if let (Ok(end), Ok(range)) = (scope.end(&put.on), range) {
                let span = spans.entry(end).or_insert(range.clone());
                span.start = span.start.min(range.start);
                span.end = span.end.max(range.end);
            }
        });
        let moved = spans
            .into_iter()
            .map(|(end, span)| (end, replica.saturating_mul(span.end - span.start)));
        Numbers {
            moved: moved.collect(),
        }
    }

    /// The first number that a `count` sends on this end, and how many.
    pub(super) fn range(
        &self,
        end: End,
        count: &Spanned<Term<u64>>,
        from: Option<&Spanned<Term<u64>>>,
        values: &Values<'_>,
    ) -> Result<(u64, u64), Diagnostic> {
        let range = range(count, from, values)?;
        let moved = self.moved.get(&end).copied().unwrap_or_default();
        Ok((range.start.saturating_add(moved), range.end - range.start))
    }
}

fn range(
    count: &Spanned<Term<u64>>,
    from: Option<&Spanned<Term<u64>>>,
    values: &Values<'_>,
) -> Result<Range<u64>, Diagnostic> {
    let first = from.map_or(Ok(0), |from| values.number(from))?;
    let count = values.number(count)?;
    Ok(first..first.saturating_add(count))
}

/// The item as it is sent: with a size, the payload that carries its number.
pub(super) fn padded(
    item: &Spanned<Term<Item>>,
    size: Option<u64>,
    at: &Place<'_>,
) -> Result<Value, Diagnostic> {
    let value = at.values.value(&item.value, item.span)?;
    match size {
        None => Ok(value),
        Some(size) => sized(value, size, at.rounds, item.span),
    }
}

pub(super) fn all_padded(
    items: &[Spanned<Term<Item>>],
    size: Option<u64>,
    at: &Place<'_>,
) -> Result<Vec<Value>, Diagnostic> {
    items.iter().map(|item| padded(item, size, at)).collect()
}

/// The payload that carries this value; `rounds` bounds what `$n` can be.
fn sized(value: Value, size: u64, rounds: Option<u64>, place: Span) -> Result<Value, Diagnostic> {
    match value {
        Value::Literal(Item::Int(number)) if number >= 0 => {
            payload(number.unsigned_abs(), size, place)?;
            Ok(Value::Literal(Item::Payload {
                number: number.unsigned_abs(),
                size,
            }))
        }
        Value::Literal(item) => {
            let message = format!("only numbers are padded to a `size`, and this is `{item}`");
            Err(Diagnostic::new(place, message))
        }
        Value::Reference(name) => {
            if let ("n", Some(last)) = (name.as_str(), rounds.and_then(|n| n.checked_sub(1))) {
                payload(last, size, place)?;
            }
            Ok(Value::Sized {
                number: Box::new(Value::Reference(name)),
                size,
            })
        }
        Value::Sized { .. } => Ok(value),
    }
}

/// That a payload of this size can carry this number.
pub(super) fn payload(number: u64, size: u64, place: Span) -> Result<(), Diagnostic> {
    let largest = largest_number(size);
    if number <= largest {
        return Ok(());
    }
    let message = format!("a payload of {size} bytes can't carry the number {number}");
    let help = format!("the largest that fits is {largest}");
    Err(Diagnostic::new(place, message).help(help))
}

/// Tells every two processes that send the same numbers on one lane.
pub(super) fn distinct(plan: &Plan, expected: &[Expected], errors: &mut Diagnostics) {
    struct Sent {
        process: plan::ProcessIndex,
        step: plan::StepId,
        numbers: Range<i128>,
    }
    let mut lanes: BTreeMap<(Lane, Option<u64>), Vec<Sent>> = BTreeMap::new();
    for (process, step) in plan.steps() {
        if let plan::Action::Put {
            end,
            source: plan::Source::Count { from, count, size },
            ..
        } = &step.action
        {
            let first = i128::from(*from);
            lanes
                .entry((plan.joint(end.sends_on()), *size))
                .or_default()
                .push(Sent {
                    process,
                    step: step.id,
                    numbers: first..first + i128::from(*count),
                });
        }
    }
    for sent in lanes.values_mut() {
        sent.sort_by_key(|one| one.numbers.start);
        // Of the ranges so far, the one that reaches furthest is the one to collide with.
        let mut furthest: Option<&Sent> = None;
        for one in sent.iter().filter(|one| !one.numbers.is_empty()) {
            if let Some(other) = furthest
                && one.numbers.start < other.numbers.end
                && one.process != other.process
            {
                let [first, second] = [other.step.min(one.step), other.step.max(one.step)];
                let span = |step: plan::StepId| expected[step as usize].span.clone().into();
                let names = [other.process, one.process].map(|p| plan.processes[p].name());
                let both = format!("`{}` and `{}`", names[0], names[1]);
                errors.push(
                    Diagnostic::new(span(second), format!("{both} send the same numbers"))
                        .context(span(first), "sent here already")
                        .help("`from` says where the numbers of one of them begin"),
                );
            }
            if furthest.is_none_or(|other| other.numbers.end < one.numbers.end) {
                furthest = Some(one);
            }
        }
    }
}
