//! Lowers the top level of a case file.

use toml::de::DeTable;

use super::channel::channel;
use super::fields::{Fields, in_file_order};
use super::process::process;
use super::word::{duration, natural, number, owned, target, text, variable, word};
use super::{Node, item, list, mismatch, span, table};
use crate::backend::{Capability, System};
use crate::case::diagnostic::{Diagnostic, Diagnostics, Span, Spanned};
use crate::case::model::{Case, DEADLINE, Injection, Moment, PropertyTable, Sweep};
use crate::case::{Binding, Draw};
use crate::clause::ClauseId;
use crate::plan::Item;
use toml::de::DeValue;

/// Lowers a whole case file.
pub(in crate::case) fn case(root: &DeTable<'_>, errors: &mut Diagnostics) -> Option<Case> {
    let mut fields = Fields::of("a case", root, Span::default());
    let title = fields
        .require("title", errors)
        .and_then(|node| owned(node, errors));
    let why = fields.take("why").and_then(|node| owned(node, errors));
    let clauses = fields
        .require("clauses", errors)
        .and_then(|node| list(node, "a list of clauses", errors, clause));
    let requires = fields
        .take("requires")
        .and_then(|node| list(node, "a list of capabilities", errors, capability));
    let systems = fields
        .take("systems")
        .and_then(|node| list(node, "a list of systems", errors, system));
    let deadline = fields
        .take("deadline")
        .and_then(|node| Some(span(node).with(duration(node, errors)?)));
    let rows = fields
        .take("rows")
        .and_then(|node| list(node, "a list of rows", errors, row));
    let axes = fields
        .take("axes")
        .and_then(|node| bindings(node, "an axis", errors, axis));
    let property = fields
        .take("property")
        .and_then(|node| property(node, errors));
    let sweep = fields.take("sweep").and_then(|node| sweep(node, errors));
    let vars = fields
        .take("vars")
        .and_then(|node| bindings(node, "a variable", errors, item::literal));
    let channels = fields
        .take("channels")
        .map(|node| each_named(node, "a table of channels", errors, channel));
    let processes = fields
        .require("processes", errors)
        .map(|node| each_named(node, "a table of processes", errors, process));
    fields.finish(errors);
    Some(Case {
        title: title?,
        why,
        clauses: clauses?,
        requires: requires.unwrap_or_default(),
        systems: systems.unwrap_or_default(),
        deadline: deadline.unwrap_or(Span::default().with(DEADLINE)),
        rows: rows.unwrap_or_default(),
        axes: axes.unwrap_or_default(),
        property,
        sweep,
        vars: vars.unwrap_or_default(),
        channels: channels.unwrap_or_default(),
        processes: processes?,
    })
}

fn clause(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Spanned<ClauseId>> {
    let id = text(node, "a clause's id", errors)?;
    Some(span(node).with(ClauseId::from(id)))
}

fn capability(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Spanned<Capability>> {
    let words = Capability::ALL.map(|capability| (capability.word(), capability));
    word(node, "capability", &words, errors)
}

fn system(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Spanned<System>> {
    let all = [System::Linux, System::Macos, System::Windows];
    word(
        node,
        "system",
        &all.map(|system| (system.word(), system)),
        errors,
    )
}

fn row(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Spanned<Vec<Binding<Item>>>> {
    let row = bindings(node, "a row's axis", errors, item::literal)?;
    Some(span(node).with(row))
}

fn axis(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Vec<Spanned<Item>>> {
    list(node, "a list of values", errors, |node, errors| {
        Some(span(node).with(item::literal(node, errors)?))
    })
}

/// Names and their values, in file order.
fn bindings<T>(
    node: &Node<'_>,
    what: &str,
    errors: &mut Diagnostics,
    mut lower: impl FnMut(&Node<'_>, &mut Diagnostics) -> Option<T>,
) -> Option<Vec<Binding<T>>> {
    let fields = in_file_order(table(node, "a table", errors)?);
    let lowered = fields.into_iter().filter_map(|field| {
        let name = variable(field.key, field.key_span, what, errors);
        let value = lower(field.node, errors);
        Some(Binding {
            name: name?,
            value: span(field.node).with(value?),
        })
    });
    Some(lowered.collect())
}

/// The tables under `[channels.…]` and `[processes.…]`, in file order.
fn each_named<T>(
    node: &Node<'_>,
    expected: &str,
    errors: &mut Diagnostics,
    mut lower: impl FnMut(&str, Span, &Node<'_>, &mut Diagnostics) -> Option<T>,
) -> Vec<T> {
    let fields = table(node, expected, errors).map(in_file_order);
    fields
        .unwrap_or_default()
        .into_iter()
        .filter_map(|field| lower(field.key, field.key_span, field.node, errors))
        .collect()
}

fn property(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Spanned<PropertyTable>> {
    let table = table(node, "a table", errors)?;
    let mut fields = Fields::of("a property", table, span(node));
    let runs = fields
        .require("runs", errors)
        .and_then(|node| number(node, errors));
    let drawn = fields
        .take("draw")
        .and_then(|node| bindings(node, "a draw", errors, draw));
    fields.finish(errors);
    Some(span(node).with(PropertyTable {
        runs: runs?,
        draw: drawn.unwrap_or_default(),
    }))
}

fn draw(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Draw> {
    let table = table(node, "`{ from, to }` or `{ one-of = […] }`", errors)?;
    let mut fields = Fields::of("a draw", table, span(node));
    let mut bound = |key| {
        let node = fields.take(key)?;
        match node.get_ref() {
            DeValue::Integer(digits) => item::integer(digits, span(node), errors),
            _ => mismatch(node, "an integer", errors),
        }
    };
    let (from, to) = (bound("from"), bound("to"));
    let one_of = fields.take("one-of").and_then(|node| axis(node, errors));
    fields.finish(errors);
    match (from, to, one_of) {
        (Some(from), Some(to), None) => Some(Draw::Range { from, to }),
        (None, None, Some(items)) => Some(Draw::OneOf(items)),
        _ => {
            let message = "a draw is `{ from = …, to = … }` or `{ one-of = […] }`";
            errors.push(Diagnostic::new(span(node), message));
            None
        }
    }
}

fn sweep(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Spanned<Sweep>> {
    let words = Moment::ALL.map(|moment| (moment.word(), moment));
    let table = table(node, "a table", errors)?;
    let mut fields = Fields::of("a sweep", table, span(node));
    let fault = fields.take_one(&["kill", "pause"], errors);
    let at = fields.require("at", errors).and_then(|node| {
        list(node, "a list of moments", errors, |node, errors| {
            word(node, "moment", &words, errors)
        })
    });
    let moments = fields.take("moments").and_then(|node| {
        let moments = natural(node, errors)?;
        Some(span(node).with(moments))
    });
    let position = fields.span();
    fields.finish(errors);
    let runs = |at: &Vec<Spanned<Moment>>| at.iter().any(|at| at.value == Moment::Running);
    if let (Some(moments), false) = (&moments, at.as_ref().is_none_or(runs)) {
        let message = "`moments` counts the moments of `\"running\"`, which `at` doesn't have";
        errors.push(Diagnostic::new(moments.span, message));
    }
    let Some((key, process)) = fault else {
        let message = "a sweep needs `kill` or `pause`, with the name of a process";
        errors.push(Diagnostic::new(position, message));
        return None;
    };
    Some(position.with(Sweep {
        fault: if key == "kill" {
            Injection::Kill
        } else {
            Injection::Pause
        },
        process: target(process, errors)?,
        at: at?,
        moments,
    }))
}
