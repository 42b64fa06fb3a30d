//! The combinations of rows and axes, each the values of one permutation.

use crate::case::limits::{PERMUTATIONS, WRITTEN};
use crate::case::model::every_step;
use crate::case::{Binding, Case, Diagnostic, Diagnostics, Span};
use crate::plan::Item;

/// Returns the values of the axes for each permutation: rows times axes, with the last axis changing
/// fastest.
///
/// # Errors
/// If there are too many.
pub(super) fn combinations(case: &Case) -> Result<Vec<Vec<(String, Item)>>, Diagnostics> {
    let axes = case.axes.iter().map(|axis| axis.value.len());
    let count = axes.fold(case.rows.len().max(1), usize::saturating_mul);
    if count > PERMUTATIONS {
        return Err(too_many(position(case), count).into());
    }
    let written = written(case);
    if count.saturating_mul(written) > WRITTEN {
        let most = WRITTEN / written;
        let message = format!(
            "a case of {written} bytes can have at most {most} permutations, and this has {count}"
        );
        let mistake = Diagnostic::new(position(case), message);
        return Err(mistake
            .help("leave values or items out, or make several cases of it")
            .into());
    }
    let row = |bindings: &[Binding<Item>]| {
        bindings
            .iter()
            .map(|binding| (binding.name.value.clone(), binding.value.value.clone()))
            .collect()
    };
    let mut all: Vec<Vec<(String, Item)>> = match case.rows.as_slice() {
        [] => vec![Vec::new()],
        rows => rows.iter().map(|bindings| row(bindings)).collect(),
    };
    for axis in &case.axes {
        all = all
            .iter()
            .flat_map(|values| {
                axis.value.iter().map(|value| {
                    let mut longer = values.clone();
                    longer.push((axis.name.value.clone(), value.value.clone()));
                    longer
                })
            })
            .collect();
    }
    Ok(all)
}

/// Returns the place that makes for the most combinations.
fn position(case: &Case) -> Span {
    let longest = case.axes.iter().max_by_key(|axis| axis.value.len());
    let position = longest.map(|axis| axis.value.span);
    let position = position.or_else(|| case.rows.last().map(|row| row.span));
    position.unwrap_or_default()
}

/// Returns how long the case's text is up to its last step. A generated case has no text.
fn written(case: &Case) -> usize {
    let mut end = 0;
    for process in &case.processes {
        every_step(&process.steps, &mut |step| end = end.max(step.span.end));
    }
    end
}

/// The mistake of a case with this many permutations.
pub(super) fn too_many(position: Span, count: usize) -> Diagnostic {
    let message =
        format!("a case can have at most {PERMUTATIONS} permutations, and this has {count}");
    Diagnostic::new(position, message).help("leave values out, or make several cases of it")
}
