//! The combinations of rows and axes, each the values of one permutation.

use crate::case::limits::PERMUTATIONS;
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
        let longest = case.axes.iter().max_by_key(|axis| axis.value.len());
        let position = longest.map(|axis| axis.value.span);
        let position = position.or_else(|| case.rows.last().map(|row| row.span));
        return Err(too_many(position.unwrap_or_default(), count).into());
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

/// The mistake of a case with this many permutations.
pub(super) fn too_many(position: Span, count: usize) -> Diagnostic {
    let message =
        format!("a case can have at most {PERMUTATIONS} permutations, and this has {count}");
    Diagnostic::new(position, message).help("leave values out, or make several cases of it")
}
