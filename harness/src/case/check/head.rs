//! The top of a case, and its axes.

use std::collections::BTreeMap;

use super::status::ClauseStatus;
use crate::case::diagnostic::{Diagnostic, Diagnostics, Span, Spanned};
use crate::case::model::every_step;
use crate::case::model::{Action, Case, Draw};

pub(super) fn check(case: &Case, clauses: &dyn Fn(&str) -> ClauseStatus, errors: &mut Diagnostics) {
    if case.title.trim().is_empty() {
        let empty = Diagnostic::new(
            case.title.span,
            "a case has a title that says what it shows",
        );
        errors.push(empty);
    }
    if case.deadline.is_zero() {
        let message = "a deadline of nothing is missed by every case";
        errors.push(Diagnostic::new(case.deadline.span, message));
    }
    if case.processes.is_empty() {
        let message = "a case has at least one process";
        errors.push(Diagnostic::new(Span::default(), message));
    }
    listed(case, clauses, errors);
    rows(case, errors);
    axes(case, errors);
    clashes(case, errors);
}

fn listed(case: &Case, clauses: &dyn Fn(&str) -> ClauseStatus, errors: &mut Diagnostics) {
    if case.clauses.is_empty() {
        let message = "a case lists at least one clause: the promise that it puts to the test";
        errors.push(Diagnostic::new(case.title.span, message));
    }
    let mut seen = BTreeMap::new();
    for clause in &case.clauses {
        let id = clause.as_str();
        if let Some(first) = seen.insert(id, clause.span) {
            errors.push(
                Diagnostic::new(clause.span, format!("`{id}` is listed twice"))
                    .context(first, "listed here already"),
            );
        }
        match clauses(id) {
            ClauseStatus::Judged => {}
            ClauseStatus::Unjudged => {
                let message = format!("no invariant speaks of `{id}`, so no run could uphold it");
                errors.push(Diagnostic::new(clause.span, message));
            }
            ClauseStatus::Unknown { nearest } => {
                let help = match nearest {
                    Some(nearest) => format!("did you mean `{nearest}`?"),
                    None => "`list clauses` shows them all".to_owned(),
                };
                let message = format!("no clause is called `{id}`");
                errors.push(Diagnostic::new(clause.span, message).help(help));
            }
        }
    }
}

/// Every row gives values to the same names, and no two rows are the same.
fn rows(case: &Case, errors: &mut Diagnostics) {
    let Some(first) = case.rows.first() else {
        return;
    };
    if first.is_empty() {
        errors.push(Diagnostic::new(first.span, "a row gives values to names"));
    }
    for (n, row) in case.rows.iter().enumerate().skip(1) {
        let missing = first
            .iter()
            .find(|one| !row.iter().any(|other| other.name == one.name));
        if let Some(missing) = missing {
            let name = &missing.name.value;
            errors.push(
                Diagnostic::new(row.span, format!("this row has no `{name}`"))
                    .context(missing.name.span, "the first row has"),
            );
        }
        let surplus = row
            .iter()
            .find(|one| !first.iter().any(|other| other.name == one.name));
        if let Some(surplus) = surplus {
            let name = &surplus.name.value;
            errors.push(
                Diagnostic::new(surplus.name.span, format!("only this row has `{name}`"))
                    .context(first.span, "the first row has no such name"),
            );
        }
        if let Some(same) = case.rows[..n].iter().find(|other| *other == row) {
            errors.push(
                Diagnostic::new(row.span, "this row is there twice")
                    .context(same.span, "here already"),
            );
        }
    }
}

fn axes(case: &Case, errors: &mut Diagnostics) {
    for axis in &case.axes {
        let values = &axis.value.value;
        if values.is_empty() {
            let message = format!(
                "the axis `{}` has no values: no run is left",
                axis.name.value
            );
            errors.push(Diagnostic::new(axis.value.span, message));
        }
        for (n, value) in values.iter().enumerate() {
            if let Some(same) = values[..n].iter().find(|other| *other == value) {
                errors.push(
                    Diagnostic::new(value.span, "this value is there twice")
                        .context(same.span, "here already"),
                );
            }
        }
    }
    let drawn = case.property.iter().flat_map(|property| &property.draw);
    for draw in drawn {
        let empty = match &draw.value.value {
            Draw::Range { from, to } => from > to,
            Draw::OneOf(items) => items.is_empty(),
        };
        if empty {
            errors.push(Diagnostic::new(
                draw.value.span,
                "there is nothing to draw from",
            ));
        }
    }
}

/// An axis, a draw and a variable of one name couldn't be told apart.
fn clashes(case: &Case, errors: &mut Diagnostics) {
    let rows = case.rows.first().into_iter().flat_map(|row| &row.value);
    let drawn = case.property.iter().flat_map(|property| &property.draw);
    let names = (rows.map(|row| &row.name))
        .chain(case.axes.iter().map(|axis| &axis.name))
        .chain(drawn.map(|draw| &draw.name))
        .chain(case.vars.iter().map(|var| &var.name));
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for name in names {
        clash(name, seen.insert(name, name.span), errors);
    }
    // A get may keep an item in a variable; an axis is fixed.
    case.vars.iter().for_each(|var| {
        seen.remove(var.name.as_str());
    });
    for process in &case.processes {
        every_step(&process.steps, &mut |step| {
            if let Action::Get(get) = &step.action
                && let Some(into) = &get.into
            {
                clash(into, seen.get(into.as_str()).copied(), errors);
            }
        });
    }
}

fn clash(name: &Spanned<String>, other: Option<Span>, errors: &mut Diagnostics) {
    if let Some(other) = other {
        let message = format!("`{}` names two things", name.value);
        errors.push(Diagnostic::new(name.span, message).context(other, "the other one"));
    }
}
