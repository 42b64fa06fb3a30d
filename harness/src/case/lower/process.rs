//! Lowers `[processes.P]`.

use toml::de::DeValue;

use super::fields::Fields;
use super::step::steps;
use super::word::{code, end, named, number, term, word};
use super::{Node, list, table};
use crate::case::diagnostic::{Diagnostics, Span};
use crate::case::model::Process;
use crate::plan::{ExpectedExit, Start};

const STARTS: [(&str, Start); 3] = [
    ("spawn", Start::Spawn),
    ("fork", Start::Fork),
    ("forkserver", Start::Forkserver),
];

const EXITS: [(&str, ExpectedExit); 2] =
    [("killed", ExpectedExit::Killed), ("any", ExpectedExit::Any)];

/// One process.
pub(super) fn process(
    key: &str,
    key_span: Span,
    node: &Node<'_>,
    errors: &mut Diagnostics,
) -> Option<Process> {
    let name = named(key, key_span, "a process", errors);
    let mut fields = Fields::of("a process", table(node, "a table", errors)?, key_span);
    let count = fields.take("count").and_then(|node| number(node, errors));
    let start = fields.take("start").and_then(|node| {
        term(node, errors, |node, errors| {
            Some(word(node, "start method", &STARTS, errors)?.value)
        })
    });
    let holds = fields
        .take("holds")
        .and_then(|node| list(node, "a list of ends", errors, end));
    let exit = fields
        .take("exit")
        .and_then(|node| term(node, errors, exit));
    let steps = fields
        .require("steps", errors)
        .and_then(|node| steps(node, errors));
    fields.finish(errors);
    Some(Process {
        name: name?,
        count,
        start,
        holds: holds.unwrap_or_default(),
        exit,
        steps: steps?,
    })
}

fn exit(node: &Node<'_>, errors: &mut Diagnostics) -> Option<ExpectedExit> {
    match node.get_ref() {
        DeValue::String(_) => Some(word(node, "way to exit", &EXITS, errors)?.value),
        _ => code(node, errors).map(ExpectedExit::Code),
    }
}
