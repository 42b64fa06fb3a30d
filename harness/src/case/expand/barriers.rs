//! Checks that all processes pass a barrier equally often.

use std::collections::BTreeMap;

use crate::case::{Diagnostic, Diagnostics};
use crate::plan::{Action, Expected, Plan, Step, StepId};

/// How often a process passes a barrier, and the first step at which it does.
#[derive(Clone, Copy)]
struct BarrierPasses {
    /// None if it depends on the items received.
    times: Option<u64>,
    step: StepId,
}

/// Adds a mistake for every barrier that two processes don't pass equally often, which is a certain
/// deadlock.
pub(super) fn agree(plan: &Plan, expected: &[Expected], errors: &mut Diagnostics) {
    let mut barriers: BTreeMap<&str, Vec<(usize, BarrierPasses)>> = BTreeMap::new();
    for (index, process) in plan.processes.iter().enumerate() {
        let mut passes = BTreeMap::new();
        count(&process.steps, Some(1), &mut passes);
        for (name, passes) in passes {
            barriers.entry(name).or_default().push((index, passes));
        }
    }
    for (name, processes) in barriers {
        let mut known = processes
            .iter()
            .filter_map(|(index, passes)| Some((*index, passes.times?, passes.step)));
        let Some((first, times, step)) = known.next() else {
            continue;
        };
        if let Some((other, other_times, other_step)) = known.find(|(_, n, _)| *n != times) {
            let name_of = |index: usize| plan.processes[index].name();
            let message = format!(
                "barrier `{name}` is passed {} by `{}` and {} by `{}`",
                in_words(times),
                name_of(first),
                in_words(other_times),
                name_of(other)
            );
            let span = |step: StepId| expected[step as usize].span.clone().into();
            errors.push(
                Diagnostic::new(span(other_step), message)
                    .context(span(step), "the other process passes it here")
                    .help("a barrier opens when every process that names it has reached it"),
            );
        }
    }
}

fn count<'p>(steps: &'p [Step], times: Option<u64>, passes: &mut BTreeMap<&'p str, BarrierPasses>) {
    for step in steps {
        match &step.action {
            Action::Barrier { name } => {
                let entry = passes.entry(name).or_insert(BarrierPasses {
                    times: Some(0),
                    step: step.id,
                });
                entry.times = entry
                    .times
                    .zip(times)
                    .map(|(before, more)| before.saturating_add(more));
            }
            Action::Repeat {
                count: rounds,
                steps,
            } => {
                count(
                    steps,
                    times.map(|times| times.saturating_mul(*rounds)),
                    passes,
                );
            }
            Action::Get { each, .. } => count(each, None, passes),
            Action::Threads { threads } => {
                let threads = threads.iter();
                threads.for_each(|steps| count(steps, times, passes));
            }
            _ => {}
        }
    }
}

fn in_words(times: u64) -> String {
    match times {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        other => format!("{other} times"),
    }
}
