//! The numbers that `count` sends: which replica sends which, and that no two processes send the
//! same ones.

use std::collections::BTreeMap;
use std::ops::Range;

use super::values::AxisValues;
use crate::backend::{End, Lane};
use crate::case::model::every_step;
use crate::case::model::{Action, Process, Source, Term};
use crate::case::symbols::SymbolTable;
use crate::case::{Diagnostic, Diagnostics, Spanned};
use crate::plan::{self, Expected, Plan};

/// Which numbers a replica of a process sends: those of the first, moved on.
#[derive(Default)]
pub(super) struct ReplicaNumbers {
    moved: BTreeMap<End, u64>,
}

impl ReplicaNumbers {
    /// What replica `replica` adds to its numbers on each end, so that it goes on where the one
    /// before it stops. Ends and numbers that are wrong are left to be told with their steps.
    pub(super) fn of(
        process: &Process,
        replica: u64,
        symbols: &SymbolTable<'_>,
        values: &AxisValues<'_>,
    ) -> ReplicaNumbers {
        let mut spans: BTreeMap<End, Range<u64>> = BTreeMap::new();
        every_step(&process.steps, &mut |step| {
            let Action::Put(put) = &step.action else {
                return;
            };
            let Source::Count { count, from } = &put.source else {
                return;
            };
            let range = range(count, from.as_ref(), values);
            if let (Ok(end), Ok(range)) = (symbols.end(&put.on), range) {
                let span = spans.entry(end).or_insert(range.clone());
                span.start = span.start.min(range.start);
                span.end = span.end.max(range.end);
            }
        });
        let moved = spans
            .into_iter()
            .map(|(end, span)| (end, replica.saturating_mul(span.end - span.start)));
        ReplicaNumbers {
            moved: moved.collect(),
        }
    }

    /// The first number that a `count` sends on this end, and how many.
    pub(super) fn range(
        &self,
        end: End,
        count: &Spanned<Term<u64>>,
        from: Option<&Spanned<Term<u64>>>,
        values: &AxisValues<'_>,
    ) -> Result<(u64, u64), Diagnostic> {
        let range = range(count, from, values)?;
        let moved = self.moved.get(&end).copied().unwrap_or_default();
        Ok((range.start.saturating_add(moved), range.end - range.start))
    }
}

fn range(
    count: &Spanned<Term<u64>>,
    from: Option<&Spanned<Term<u64>>>,
    values: &AxisValues<'_>,
) -> Result<Range<u64>, Diagnostic> {
    let first = from.map_or(Ok(0), |from| values.number(from))?;
    let count = values.number(count)?;
    Ok(first..first.saturating_add(count))
}

/// Tells every two processes that send the same numbers on one lane.
pub(super) fn distinct(plan: &Plan, expected: &[Expected], errors: &mut Diagnostics) {
    struct SentRange {
        process: plan::ProcessIndex,
        step: plan::StepId,
        numbers: Range<i128>,
    }
    let mut lanes: BTreeMap<(Lane, Option<u64>), Vec<SentRange>> = BTreeMap::new();
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
                .push(SentRange {
                    process,
                    step: step.id,
                    numbers: first..first + i128::from(*count),
                });
        }
    }
    for sent in lanes.values_mut() {
        sent.sort_by_key(|one| one.numbers.start);
        // Of the ranges so far, the one that reaches furthest is the one to collide with.
        let mut furthest: Option<&SentRange> = None;
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
