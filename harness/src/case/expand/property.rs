//! Properties: cases with values that are drawn for each run.

use std::sync::Arc;

use super::permutation;
use super::values::AxisValues;
use crate::case::model::{Case, Term};
use crate::case::symbols::SymbolTable;
use crate::case::{self, Binding, Diagnostics, Draw, Spanned};
use crate::plan::{Item, Permutation};

/// A property with the values of its axes filled in, and those that it draws still open.
#[derive(Clone, Debug)]
pub struct Property {
    name: String,
    case: Arc<Case>,
    axes: Vec<(String, Item)>,
    /// The number of runs that the case asks for.
    pub runs: u64,
}

impl Property {
    /// Returns what the case draws, in file order.
    pub fn draws(&self) -> impl Iterator<Item = &Binding<Draw>> {
        let property = self.case.property.iter();
        property.flat_map(|property| &property.value.draw)
    }

    /// Returns the permutation with these values drawn, in the order of [`Property::draws`].
    ///
    /// # Errors
    /// The mistakes in the case with these values.
    pub fn permutation(&self, drawn: &[Item]) -> Result<Permutation, Diagnostics> {
        let symbols = SymbolTable::of(&self.case);
        let mut values = self.axes.clone();
        values.extend(self.named(drawn));
        let values = AxisValues::new(&symbols, values);
        let mut permutation = permutation::permutation(&self.name, &self.case, &symbols, &values)?;
        // The name of the permutation doesn't depend on the values drawn.
        permutation.values.clone_from(&self.axes);
        Ok(permutation)
    }

    /// Returns a case file without draws that has these values; `why` becomes its `why`.
    pub fn instance(&self, drawn: &[Item], why: &str) -> String {
        let mut case = Case::clone(&self.case);
        let position = case.title.span;
        let title = format!("an instance of: {}", case.title.value);
        case.title = position.with(title);
        case.why = Some(position.with(why.to_owned()));
        case.property = None;
        case.axes.clear();
        let values = self.axes.iter().cloned().chain(self.named(drawn));
        let row: Vec<Binding<Item>> = values
            .map(|(name, item)| Binding {
                name: position.with(name),
                value: position.with(item),
            })
            .collect();
        case.rows = if row.is_empty() {
            Vec::new()
        } else {
            vec![position.with(row)]
        };
        case::write(&case)
    }

    fn named(&self, drawn: &[Item]) -> impl Iterator<Item = (String, Item)> {
        let names = self.draws().map(|draw| draw.name.value.clone());
        names.zip(drawn.iter().cloned())
    }
}

/// Returns the property of the case with these values of its axes, and its permutation with the
/// simplest values drawn.
///
/// # Errors
/// The mistakes in the case with the smallest or the largest values drawn.
pub(super) fn property(
    name: &str,
    case: &Arc<Case>,
    axes: Vec<(String, Item)>,
) -> Result<(Property, Permutation), Diagnostics> {
    let symbols = SymbolTable::of(case);
    let values = AxisValues::new(&symbols, axes.clone());
    let runs = case.property.as_ref().map_or(Ok(0), |property| {
        let runs: &Spanned<Term<u64>> = &property.value.runs;
        values.number(runs)
    });
    let mut errors = Diagnostics::new();
    let runs = runs.unwrap_or_else(|error| {
        errors.push(error);
        0
    });
    let property = Property {
        name: name.to_owned(),
        case: Arc::clone(case),
        axes,
        runs,
    };
    for extreme in extremes(&property).skip(1) {
        if !errors.is_empty() {
            break;
        }
        errors.extend(property.permutation(&extreme).err().unwrap_or_default());
    }
    let simplest = extremes(&property).next().unwrap_or_default();
    match property.permutation(&simplest) {
        Ok(permutation) => errors.or((property, permutation)),
        Err(more) => {
            errors.extend(more);
            Err(errors)
        }
    }
}

/// Returns the simplest values, then the largest of all draws, then the largest of each draw alone.
fn extremes(property: &Property) -> impl Iterator<Item = Vec<Item>> {
    let (least, most): (Vec<Item>, Vec<Item>) = property
        .draws()
        .map(|draw| match &draw.value.value {
            Draw::Range { from, to } => (Item::Int(*from), Item::Int(*to)),
            Draw::OneOf(items) => {
                let end = |item: Option<&Spanned<Item>>| {
                    item.map_or(Item::None, |item| item.value.clone())
                };
                (end(items.first()), end(items.last()))
            }
        })
        .unzip();
    let alone: Vec<Vec<Item>> = (0..least.len())
        .map(|position| {
            let mut values = least.clone();
            values[position].clone_from(&most[position]);
            values
        })
        .collect();
    [least, most].into_iter().chain(alone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::expand;

    const CASE: &str = r#"
title = "items arrive in order"
clauses = ["queue.order.fifo-per-producer"]
[axes]
capacity = [1, 2]
[property]
runs = 20
[property.draw]
count = { from = 1, to = 300 }
size = { one-of = [8, 4096] }
[channels.q]
kind = "queue"
capacity = "$capacity"
[processes.producer]
steps = [{ put = { on = "q", count = "$count", size = "$size" } }]
[processes.consumer]
steps = [{ get = { on = "q", count = "$count" } }]
"#;

    fn properties(text: &str) -> Result<Vec<Property>, Diagnostics> {
        let case = case::parse(text).unwrap();
        let expanded = expand::expand("queue/order", &Arc::new(case))?;
        Ok(expanded
            .properties
            .iter()
            .map(|p| Property::clone(p))
            .collect())
    }

    #[test]
    fn each_combination_of_axes_is_a_property() {
        let properties = properties(CASE).unwrap();
        assert_eq!(properties.len(), 2);
        assert_eq!(properties[0].runs, 20);
        let drawn = [Item::Int(200), Item::Int(8)];
        let permutation = properties[1].permutation(&drawn).unwrap();
        assert_eq!(permutation.name(), "capacity=2");
        assert_eq!(permutation.plan.channels[0].capacity, Some(2));
    }

    #[test]
    fn an_instance_is_a_case_file_with_the_same_plan() {
        let property = &properties(CASE).unwrap()[1];
        let drawn = [Item::Int(200), Item::Int(8)];
        let text = property.instance(&drawn, "drawn with seed 0");
        insta::assert_snapshot!(text);
        let case = case::parse(&text).unwrap();
        let alone = expand::permutations("queue/order", &case).unwrap();
        let inside = property.permutation(&drawn).unwrap();
        assert_eq!(alone.len(), 1);
        assert_eq!(alone[0].plan, inside.plan);
    }

    #[test]
    fn a_mistake_in_the_bounds_of_a_draw_is_found_before_any_run() {
        let text = CASE.replace("from = 1, to = 300", "from = -1, to = 300");
        let wrong = properties(&text).unwrap_err();
        let page = wrong.render("queue/order.toml", &text, false);
        assert!(
            page.contains("`$count` is `-1` in one permutation"),
            "{page}"
        );
    }
}
