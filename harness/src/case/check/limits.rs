//! Checks that processes and adapters can carry the values and the steps of a case.

use crate::case::diagnostic::{Diagnostic, Diagnostics, Span, Spanned};
use crate::case::limits::{DIGITS, NESTED_ITEMS, NESTED_STEPS};
use crate::case::model::{Action, Case, Draw, Limit, Source, Step, Term, Until, every_step};
use crate::plan::Item;

pub(super) fn check(case: &Case, errors: &mut Diagnostics) {
    let rows = case.rows.iter().flat_map(|row| &row.value);
    rows.for_each(|binding| item(&binding.value, binding.value.span, errors));
    let axes = case.axes.iter().flat_map(|axis| &axis.value.value);
    axes.for_each(|value| item(value, value.span, errors));
    let vars = case.vars.iter();
    vars.for_each(|var| {
        item(&var.value, var.value.span, errors);
        kept(&var.value, var.value.span, errors);
    });
    let draws = case.property.iter().flat_map(|property| &property.draw);
    for draw in draws {
        if let Draw::OneOf(items) = &draw.value.value {
            items.iter().for_each(|one| item(one, one.span, errors));
        }
    }
    for process in &case.processes {
        nested(&process.steps, 1, errors);
        every_step(&process.steps, &mut |step| of_step(step, errors));
    }
}

/// Adds a mistake for every step that is nested too deep.
fn nested(steps: &[Step], depth: usize, errors: &mut Diagnostics) {
    for step in steps {
        if depth > NESTED_STEPS {
            let message = format!("steps can be nested at most {NESTED_STEPS} deep");
            errors.push(Diagnostic::new(step.span, message));
            return;
        }
        match &step.action {
            Action::Get(get) => nested(&get.each, depth + 1, errors),
            Action::Repeat(repeat) => nested(&repeat.steps, depth + 1, errors),
            Action::Threads(threads) => {
                let threads = threads.iter();
                threads.for_each(|steps| nested(steps, depth + 1, errors));
            }
            _ => {}
        }
    }
}

fn of_step(step: &Step, errors: &mut Diagnostics) {
    match &step.action {
        Action::Put(put) => match &put.source {
            Source::Item(one) => term(one, errors),
            Source::Items(items) => items.iter().for_each(|one| term(one, errors)),
            Source::Count { .. } => {}
        },
        Action::Get(get) => match &get.limit {
            Limit::Item(one) => term(one, errors),
            Limit::Items(items) => items.iter().for_each(|one| term(one, errors)),
            Limit::Until(awaited) => {
                for one in awaited {
                    if let Until::Item(Term::Literal(awaited)) = &one.value {
                        item(awaited, one.span, errors);
                    }
                }
            }
            Limit::One | Limit::Count(_) => {}
        },
        Action::Set(vars) => {
            for var in vars {
                term(&var.value, errors);
                if let Term::Literal(literal) = &var.value.value {
                    kept(literal, var.value.span, errors);
                }
            }
        }
        _ => {}
    }
}

fn term(term: &Spanned<Term<Item>>, errors: &mut Diagnostics) {
    if let Term::Literal(literal) = &term.value {
        item(literal, term.span, errors);
    }
}

fn item(item: &Item, position: Span, errors: &mut Diagnostics) {
    if is_nested(item) {
        let message = "`$unsendable` and `$undecodable` can't be inside a list or a map";
        errors.push(Diagnostic::new(position, message));
    }
    let depth = depth(item);
    if depth > NESTED_ITEMS {
        let message = format!(
            "lists and maps can be nested at most {NESTED_ITEMS} deep, and these are nested {depth} deep"
        );
        errors.push(Diagnostic::new(position, message));
    }
    let digits = digits(item);
    if digits > DIGITS {
        let message = format!("an integer can have at most {DIGITS} digits, and this has {digits}");
        errors.push(Diagnostic::new(position, message));
    }
}

/// Adds a mistake for a variable that keeps an item which only a put can have.
fn kept(item: &Item, position: Span, errors: &mut Diagnostics) {
    if item.fails_to_encode_or_decode() {
        let message = format!("`{item}` can only be put or sent, not kept in a variable");
        errors.push(Diagnostic::new(position, message));
    }
}

/// Returns whether a list or a map contains an item that can't be encoded or decoded.
fn is_nested(item: &Item) -> bool {
    let inside = |item: &Item| item.fails_to_encode_or_decode() || is_nested(item);
    match item {
        Item::List(items) => items.iter().any(inside),
        Item::Map(entries) => entries.values().any(inside),
        _ => false,
    }
}

/// Returns how many lists and maps are nested in one another.
fn depth(item: &Item) -> usize {
    1 + match item {
        Item::List(items) => items.iter().map(depth).max().unwrap_or(0),
        Item::Map(entries) => entries.values().map(depth).max().unwrap_or(0),
        _ => return 0,
    }
}

/// Returns the number of digits of the longest integer in the item.
fn digits(item: &Item) -> usize {
    match item {
        Item::BigInt(digits) => digits.as_str().trim_start_matches('-').len(),
        Item::List(items) => items.iter().map(digits).max().unwrap_or(0),
        Item::Map(entries) => entries.values().map(digits).max().unwrap_or(0),
        _ => 0,
    }
}
