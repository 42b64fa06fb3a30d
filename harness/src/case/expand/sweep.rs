//! Expands a sweep: one permutation for each operation of a process on an end, and each moment of it.

use super::combinations::too_many;
use crate::backend::Outcome;
use crate::case::limits::PERMUTATIONS;
use crate::case::model::{MOMENTS, Sweep};
use crate::case::{Diagnostic, Diagnostics, Spanned};
use crate::plan::trace::{PlannedOperation, Uncertain, trace};
use crate::plan::{
    ExpectedExit, Injection, InjectionPoint, Item, Moment, Permutation, ProcessIndex,
};

/// Returns the permutations of the sweep for one permutation of the case, in order of operations; `before`
/// is the number of those that the case already has.
pub(super) fn sweep(
    sweep: &Spanned<Sweep>,
    whole: &Permutation,
    before: usize,
) -> Result<Vec<Permutation>, Diagnostics> {
    let mut errors = Diagnostics::new();
    let points = points(sweep, whole).unwrap_or_else(|error| {
        errors.push(error);
        Vec::new()
    });
    let all = before.saturating_add(points.len());
    if all > PERMUTATIONS {
        return Err(too_many(sweep.span, all).into());
    }
    let permutations = points.into_iter().map(|point| at(whole, point));
    errors.or(permutations.collect())
}

fn points(sweep: &Spanned<Sweep>, whole: &Permutation) -> Result<Vec<InjectionPoint>, Diagnostic> {
    let word = sweep.fault.word();
    if whole.values.iter().any(|(axis, _)| axis == word) {
        let message = format!(
            "no axis can be called `{word}`: names of permutations use that for this sweep"
        );
        return Err(Diagnostic::new(sweep.span, message));
    }
    let process = process(sweep, whole)?;
    let mut points = Vec::new();
    let at = |operation, moment| InjectionPoint {
        process,
        operation,
        moment,
        fault: sweep.fault,
    };
    let moments = sweep.at.iter().map(|moment| moment.value);
    let of_operations = moments.filter(|moment| *moment != Moment::Running);
    if of_operations.clone().next().is_some() {
        let operations = trace(&whole.plan, &whole.expected, process)
            .map_err(|uncertain| unknown(sweep, whole, uncertain))?;
        for (n, operation) in (0..).zip(operations) {
            let moments = of_operations.clone();
            let moments = moments.filter(|moment| is_there(*moment, operation));
            points.extend(moments.map(|moment| at(n, moment)));
        }
    }
    if sweep.at.iter().any(|at| at.value == Moment::Running) {
        let count = sweep.moments.as_ref().map_or(MOMENTS, |count| count.value);
        if count > PERMUTATIONS as u64 {
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            return Err(too_many(sweep.span, count));
        }
        points.extend((0..count).map(|n| at(n, Moment::Running)));
    }
    if points.is_empty() {
        let message = format!(
            "`{}` has no operation at which this sweep could inject its fault",
            sweep.process.value
        );
        return Err(Diagnostic::new(sweep.process.span, message));
    }
    Ok(points)
}

/// Returns whether the operation has this moment: one that never blocks has no inside.
fn is_there(moment: Moment, operation: PlannedOperation) -> bool {
    moment != Moment::Inside || operation.can_block
}

fn process(sweep: &Spanned<Sweep>, whole: &Permutation) -> Result<ProcessIndex, Diagnostic> {
    let target = &sweep.process;
    let processes = whole.plan.processes.iter().enumerate();
    let replicas: Vec<ProcessIndex> = processes
        .filter(|(_, process)| process.group == target.process)
        .map(|(index, _)| index)
        .collect();
    let one = match target.replica {
        Some(replica) => usize::try_from(replica).ok(),
        None => (replicas.len() == 1).then_some(0),
    };
    one.and_then(|one| replicas.get(one).copied())
        .ok_or_else(|| {
            let message = format!(
                "a sweep needs one process, but `{}` has {} replicas in one permutation",
                target.value,
                replicas.len()
            );
            let help = format!("the first replica is `{}#0`", target.process);
            Diagnostic::new(target.span, message).help(help)
        })
}

fn unknown(sweep: &Spanned<Sweep>, whole: &Permutation, uncertain: Uncertain) -> Diagnostic {
    let position = whole.expected(uncertain.step).span.clone();
    let message = format!(
        "the number of operations of `{}`, which a sweep needs, isn't certain: {}",
        sweep.process.value, uncertain.why
    );
    Diagnostic::new(position.into(), message)
        .context(sweep.span, "this sweep")
        .help("use `count`, or an item that only one process sends")
}

/// Returns the same permutation with this fault, and what can still be expected.
fn at(whole: &Permutation, point: InjectionPoint) -> Permutation {
    let mut permutation = whole.clone();
    permutation.plan.fault = Some(point);
    // Names count operations from 1.
    let name = format!("{}-{}", point.moment.word(), point.operation + 1);
    let axis = point.fault.word().to_owned();
    permutation.values.push((axis, Item::Text(name)));
    if point.fault == Injection::Pause {
        // A process that is resumed costs the others only time.
        return permutation;
    }
    permutation.exits[point.process] = match point.moment {
        Moment::Before | Moment::After => ExpectedExit::Killed,
        // It may never block there, or be done before.
        Moment::Inside | Moment::Running => ExpectedExit::Any,
    };
    cut_short(&mut permutation, point.process);
    permutation
}

/// Allows every outcome that the case doesn't state itself in processes other than the victim, because
/// they may receive less.
fn cut_short(permutation: &mut Permutation, victim: ProcessIndex) {
    let steps = permutation.plan.steps();
    for (process, step) in steps {
        let expected = &mut permutation.expected[step.id as usize];
        if process != victim && !expected.explicit {
            expected.outcomes = Outcome::ALL.to_vec();
        }
    }
}
