//! Expands a case to permutations, one for each combination of the values of its axes.

use std::sync::Arc;

use crate::case::symbols::SymbolTable;
use crate::case::{Case, Diagnostics};
use crate::plan::Permutation;

mod barriers;
mod buffers;
mod codecs;
mod combinations;
mod context;
mod deadlocks;
mod depth;
mod encoding;
mod endpoints;
mod labels;
mod layout;
mod numbers;
mod operations;
mod padding;
mod permutation;
mod property;
mod raw;
mod rehearsal;
mod requires;
mod steps;
mod sweep;
mod traffic;
mod turns;
mod values;
mod victims;

use combinations::combinations;
pub(crate) use property::Property;
use values::AxisValues;

/// Everything that a case expands to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Expansion {
    /// The permutations, in the order of rows and axes. For a property, those with the simplest values
    /// drawn.
    pub permutations: Vec<Permutation>,
    /// For a property, one for each permutation; otherwise empty.
    pub properties: Vec<Arc<Property>>,
}

/// Returns every permutation of the case, and the property for each if values are drawn.
///
/// # Errors
/// As [`permutations`]; also mistakes that occur only with the smallest or the largest values drawn.
pub(crate) fn expand(name: &str, case: &Arc<Case>) -> Result<Expansion, Diagnostics> {
    if case.property.is_none() {
        return Ok(Expansion {
            permutations: permutations(name, case)?,
            properties: Vec::new(),
        });
    }
    let mut errors = Diagnostics::new();
    let mut expansion = Expansion::default();
    for axes in combinations(case)? {
        match property::property(name, case, axes) {
            Ok((property, permutation)) => {
                expansion.permutations.push(permutation);
                expansion.properties.push(Arc::new(property));
            }
            Err(more) => errors.extend(more),
        }
    }
    errors.or(expansion)
}

/// Returns every permutation of the case, in the order of rows and axes.
///
/// # Errors
/// Mistakes that depend on the values of axes; and names that refer to nothing, which
/// [`crate::case::check()`] reports as well.
pub(crate) fn permutations(name: &str, case: &Case) -> Result<Vec<Permutation>, Diagnostics> {
    let symbols = SymbolTable::of(case);
    let mut errors = Diagnostics::new();
    let mut permutations = Vec::new();
    for values in combinations(case)? {
        match permutation::permutation(name, case, &symbols, &AxisValues::new(&symbols, values)) {
            Ok(whole) => match &case.sweep {
                None => permutations.push(whole),
                Some(sweep) => match sweep::sweep(sweep, &whole, permutations.len()) {
                    Ok(swept) => permutations.extend(swept),
                    Err(more) => errors.extend(more),
                },
            },
            Err(more) => errors.extend(more),
        }
    }
    errors.or(permutations)
}

#[cfg(test)]
mod tests;
