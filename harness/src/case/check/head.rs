//! Checks the top level of a case: title, deadline, clauses, rows, axes and their names.

use std::collections::BTreeMap;

use super::status::ClauseStatus;
use crate::case::Draw;
use crate::case::diagnostic::{Diagnostic, Diagnostics, Span, Spanned};
use crate::case::limits::PERMUTATIONS;
use crate::case::model::{Action, Case, ChannelKind, every_step};
use crate::clause::ClauseId;

pub(super) fn check(case: &Case, clauses: &dyn Fn(&str) -> ClauseStatus, errors: &mut Diagnostics) {
    if case.title.trim().is_empty() {
        let empty = Diagnostic::new(
            case.title.span,
            "the title is empty: say what the case shows",
        );
        errors.push(empty);
    }
    if case.deadline.is_zero() {
        let message = "the deadline is zero, so every run misses it";
        errors.push(Diagnostic::new(case.deadline.span, message));
    }
    if case.processes.is_empty() {
        let message = "a case needs at least one process";
        errors.push(Diagnostic::new(Span::default(), message));
    }
    listed(case, clauses, errors);
    rows(case, errors);
    axes(case, errors);
    clashes(case, errors);
}

fn listed(case: &Case, clauses: &dyn Fn(&str) -> ClauseStatus, errors: &mut Diagnostics) {
    if case.clauses.is_empty() {
        let message = "a case needs at least one clause: the promise that it tests";
        errors.push(Diagnostic::new(case.title.span, message));
    }
    let mut seen = BTreeMap::new();
    for clause in &case.clauses {
        let id = clause.as_str();
        if let Some(first) = seen.insert(id, clause.span) {
            errors.push(
                Diagnostic::new(clause.span, format!("`{id}` is listed twice"))
                    .context(first, "already listed here"),
            );
        }
        match clauses(id) {
            ClauseStatus::Judged => of_other_kind(case, clause, errors),
            ClauseStatus::Unjudged => {
                let message = format!("no invariant judges `{id}`, so no run could uphold it");
                errors.push(Diagnostic::new(clause.span, message));
            }
            ClauseStatus::Unknown { nearest } => {
                let help = match nearest {
                    Some(nearest) => format!("did you mean `{nearest}`?"),
                    None => "`list clauses` shows all clauses".to_owned(),
                };
                let message = format!("no clause is called `{id}`");
                errors.push(Diagnostic::new(clause.span, message).help(help));
            }
        }
    }
}

/// Adds a mistake if the clause is a promise of another kind of channel than those of the case, which no
/// run of the case could try.
fn of_other_kind(case: &Case, clause: &Spanned<ClauseId>, errors: &mut Diagnostics) {
    use ChannelKind::{Endpoint, Pipe, Queue, Stream};
    let family = clause.as_str().split('.').next().unwrap_or_default();
    let kinds: &[ChannelKind] = match (clause.as_str(), family) {
        ("proc.isolation.snapshot-at-put" | "fault.kill.blocked-on-dead-consumer", _)
        | (_, "queue") => &[Queue],
        ("proc.isolation.snapshot-at-send" | "proc.orphan.sees-eof", _) | (_, "pipe" | "wire") => {
            &[Pipe, Endpoint]
        }
        (_, "stream") => &[Stream],
        (_, "name" | "sec") => &[Endpoint],
        // A stream has no messages, only bytes.
        (
            "fault.kill.mid-message"
            | "fault.kill.holding-write-lock"
            | "fault.kill.holding-read-lock",
            _,
        )
        | (_, "value") => &[Queue, Pipe, Endpoint],
        _ => return,
    };
    let channel = case.channels.first();
    if channel.is_some_and(|channel| kinds.contains(&channel.kind.value)) {
        return;
    }
    let names: Vec<&str> = kinds.iter().map(|kind| kind.word()).collect();
    let (id, names) = (clause.as_str(), names.join(" or "));
    let message = format!("no run can try `{id}`: it is a promise of a {names}");
    let mistake = Diagnostic::new(clause.span, message);
    errors.push(match channel {
        Some(channel) => {
            let label = format!("the case has a {}", channel.kind.value.word());
            mistake.context(channel.kind.span, label)
        }
        None => mistake.help("the case has no channel"),
    });
}

/// Checks that every row gives values to the same names, and that no row is repeated.
fn rows(case: &Case, errors: &mut Diagnostics) {
    let Some(first) = case.rows.first() else {
        return;
    };
    if first.is_empty() {
        errors.push(Diagnostic::new(
            first.span,
            "the row is empty: give a value to at least one name",
        ));
    }
    // More are refused, and comparing each with each takes too long.
    for (n, row) in case.rows.iter().enumerate().take(PERMUTATIONS).skip(1) {
        let missing = first
            .iter()
            .find(|one| !row.iter().any(|other| other.name == one.name));
        if let Some(missing) = missing {
            let name = &missing.name.value;
            errors.push(
                Diagnostic::new(row.span, format!("this row has no `{name}`"))
                    .context(missing.name.span, "the first row has it"),
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
                Diagnostic::new(row.span, "this row is repeated").context(same.span, "first here"),
            );
        }
    }
}

fn axes(case: &Case, errors: &mut Diagnostics) {
    for axis in &case.axes {
        let values = &axis.value.value;
        if values.is_empty() {
            let message = format!(
                "the axis `{}` has no values, so the case has no permutations",
                axis.name.value
            );
            errors.push(Diagnostic::new(axis.value.span, message));
        }
        for (n, value) in values.iter().enumerate().take(PERMUTATIONS) {
            if let Some(same) = values[..n].iter().find(|other| *other == value) {
                errors.push(
                    Diagnostic::new(value.span, "this value is repeated")
                        .context(same.span, "first here"),
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

/// Checks that axes, draws and variables have different names.
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
    // A get may store an item in a variable, but not in an axis.
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
