//! From a case and its axes' values to permutations.

use std::sync::Arc;

use crate::case::symbols::SymbolTable;
use crate::case::{Case, Diagnostics};
use crate::plan::{Item, Permutation};

mod barriers;
mod codecs;
mod context;
mod deadlocks;
mod depth;
mod endpoints;
mod layout;
mod numbers;
mod padding;
mod permutation;
mod property;
mod requires;
mod steps;
mod sweep;
mod values;

pub use property::Property;
use values::AxisValues;

/// All that a case is run as.
#[derive(Clone, Debug, Default)]
pub struct Expansion {
    /// Its permutations, in the order of its rows and axes; those of a property with the simplest
    /// values drawn.
    pub permutations: Vec<Permutation>,
    /// Where the case is a property: one for each permutation.
    pub properties: Vec<Arc<Property>>,
}

/// Every permutation of the case, and what it draws for each.
///
/// # Errors
///
/// As [`permutations`], and what is wrong where the least or the largest values are drawn.
pub fn expand(name: &str, case: &Arc<Case>) -> Result<Expansion, Diagnostics> {
    if case.property.is_none() {
        return Ok(Expansion {
            permutations: permutations(name, case)?,
            properties: Vec::new(),
        });
    }
    let mut errors = Diagnostics::new();
    let mut expansion = Expansion::default();
    for axes in combinations(case) {
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

/// Every permutation of the case, in the order of its rows and axes.
///
/// # Errors
///
/// What is wrong with some of them and only shows with the axes' values filled in; and names that
/// refer to nothing, which [`crate::case::check()`] tells as well.
pub fn permutations(name: &str, case: &Case) -> Result<Vec<Permutation>, Diagnostics> {
    let symbols = SymbolTable::of(case);
    let mut errors = Diagnostics::new();
    let mut permutations = Vec::new();
    for values in combinations(case) {
        match permutation::permutation(name, case, &symbols, &AxisValues::new(&symbols, values)) {
            Ok(whole) => match &case.sweep {
                None => permutations.push(whole),
                Some(sweep) => match sweep::sweep(sweep, &whole) {
                    Ok(swept) => permutations.extend(swept),
                    Err(more) => errors.extend(more),
                },
            },
            Err(more) => errors.extend(more),
        }
    }
    errors.or(permutations)
}

/// The values of the axes, for each permutation: rows times axes, the last axis fastest.
fn combinations(case: &Case) -> Vec<Vec<(String, Item)>> {
    let row = |bindings: &[crate::case::model::Binding<Item>]| {
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
    all
}

#[cfg(test)]
mod tests;
