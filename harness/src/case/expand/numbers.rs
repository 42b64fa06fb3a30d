//! The numbers that `count` sends: which replica sends which, and a check that no two processes send
//! the same ones.

use std::collections::BTreeMap;
use std::ops::Range;

use super::values::AxisValues;
use crate::case::model::{Action, Process, Source, Term, every_step};
use crate::case::symbols::SymbolTable;
use crate::case::{Diagnostic, Diagnostics, Spanned};
use crate::plan::{self, End, Expected, Lane, Plan};

/// The numbers that a replica sends: those of the first replica, plus an offset for each end.
#[derive(Default)]
pub(super) struct ReplicaNumbers {
    offsets: BTreeMap<End, u64>,
}

impl ReplicaNumbers {
    /// Computes the offset of replica `replica` on each end, so that its numbers follow those of the
    /// replica before. Mistakes in ends and numbers are reported with their steps.
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
        let offsets = spans
            .into_iter()
            .map(|(end, span)| (end, replica.saturating_mul(span.end - span.start)));
        ReplicaNumbers {
            offsets: offsets.collect(),
        }
    }

    /// Returns the first number that a `count` sends on this end, and how many it sends.
    pub(super) fn range(
        &self,
        end: End,
        count: &Spanned<Term<u64>>,
        from: Option<&Spanned<Term<u64>>>,
        values: &AxisValues<'_>,
    ) -> Result<(u64, u64), Diagnostic> {
        let range = range(count, from, values)?;
        let offsets = self.offsets.get(&end).copied().unwrap_or_default();
        Ok((range.start.saturating_add(offsets), range.end - range.start))
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

/// Adds a mistake for every two processes that send the same numbers on one lane.
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
        // Sorted by start, a range overlaps an earlier one only if it overlaps the one with the
        // greatest end.
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
                        .context(span(first), "already sent here")
                        .help("give one of them other numbers with `from`"),
                );
            }
            if furthest.is_none_or(|other| other.numbers.end < one.numbers.end) {
                furthest = Some(one);
            }
        }
    }
}
