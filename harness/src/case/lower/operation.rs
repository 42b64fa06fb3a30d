//! Lowers steps that operate on ends.

use toml::de::DeValue;

use super::fields::Fields;
use super::item::{self, term, until};
use super::word::{
    boolean, duration, end, identifier, key, number, target, term as reference_or, text, variable,
    whole, word,
};
use super::{Node, list, one_or_list, span, table};
use crate::backend::{Kind, Outcome, Wait};
use crate::case::diagnostic::{Diagnostic, Diagnostics, Spanned};
use crate::case::model::{
    ConnectionSetup, ExpectedOutcome, Get, Join, Limit, Listen, OperationOptions, Poll, Put,
    QueueCall, RawWrite, Source, Step, Term,
};

/// `put`, `send`, `write`.
pub(super) fn put(word: Spanned<Kind>, node: &Node<'_>, errors: &mut Diagnostics) -> Option<Put> {
    let what = match word.value {
        Kind::Pipe => "`send`",
        Kind::Stream => "`write`",
        _ => "`put`",
    };
    let mut fields = Fields::of(what, table(node, "`{ on, item, … }`", errors)?, span(node));
    let on = fields
        .require("on", errors)
        .and_then(|node| end(node, errors));
    let what_to_put = fields.take_one(&["item", "items", "count"], errors);
    let from = fields.take("from");
    let size = fields.take("size").and_then(|node| number(node, errors));
    let options = options(&mut fields, errors);
    fields.finish(errors);
    let Some((key, source)) = what_to_put else {
        let message = format!("{what} needs `item`, `items` or `count`");
        errors.push(Diagnostic::new(span(node), message));
        return None;
    };
    let source = match key {
        "item" => term(source, errors).map(Source::Item),
        "items" => list(source, "a list of items", errors, term).map(Source::Items),
        _ => {
            let from = from.and_then(|node| number(node, errors));
            number(source, errors).map(|count| Source::Count { count, from })
        }
    };
    if let (Some(node), false) = (from, key == "count") {
        let message = "`from` needs a `count`: it is the first of those numbers";
        errors.push(Diagnostic::new(span(node), message));
    }
    Some(Put {
        word,
        on: on?,
        source: source?,
        size,
        options,
    })
}

/// `get`, `recv`, `read`; `steps` lowers the list of steps in `each`.
pub(super) fn get(
    word: Spanned<Kind>,
    node: &Node<'_>,
    steps: impl FnOnce(&Node<'_>, &mut Diagnostics) -> Option<Vec<Step>>,
    errors: &mut Diagnostics,
) -> Option<Get> {
    let what = match word.value {
        Kind::Pipe => "`recv`",
        Kind::Stream => "`read`",
        _ => "`get`",
    };
    let mut fields = Fields::of(what, table(node, "`{ on, … }`", errors)?, span(node));
    let on = fields
        .require("on", errors)
        .and_then(|node| end(node, errors));
    let limit = match fields.take_one(&["count", "until", "item", "items"], errors) {
        None => Some(Limit::One),
        Some(("count", node)) => number(node, errors).map(Limit::Count),
        Some(("until", node)) => Some(Limit::Until(one_or_list(node, errors, until))),
        Some(("item", node)) => term(node, errors).map(Limit::Item),
        Some((_, node)) => list(node, "a list of items", errors, term).map(Limit::Items),
    };
    let size = fields.take("size").and_then(|node| number(node, errors));
    let buffer = fields.take("buffer");
    let element = fields.take("element");
    if let (Some(node), None) = (element, buffer) {
        let message = "`element` needs a `buffer`, which consists of elements of that many bytes";
        errors.push(Diagnostic::new(span(node), message));
    }
    let buffer = buffer.and_then(|node| number(node, errors));
    let element = element.and_then(|node| number(node, errors));
    let each = fields.take("each").and_then(|node| steps(node, errors));
    let into = fields.take("into").and_then(|node| {
        let name = text(node, "the name of a variable", errors)?;
        variable(name, span(node), "a variable", errors)
    });
    let options = options(&mut fields, errors);
    fields.finish(errors);
    Some(Get {
        word,
        on: on?,
        limit: limit?,
        size,
        buffer,
        element,
        each: each.unwrap_or_default(),
        into,
        options,
    })
}

/// `poll`.
pub(super) fn poll(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Poll> {
    let mut fields = Fields::of("`poll`", table(node, "`{ on, … }`", errors)?, span(node));
    let on = fields
        .require("on", errors)
        .map(|node| one_or_list(node, errors, end));
    let options = options(&mut fields, errors);
    fields.finish(errors);
    Some(Poll { on: on?, options })
}

/// `task-done`, `join-queue`, `size`, `is-empty`, `is-full`.
pub(super) fn queue_call(
    what: &'static str,
    node: &Node<'_>,
    errors: &mut Diagnostics,
) -> Option<QueueCall> {
    let mut fields = Fields::of(what, table(node, "`{ on, … }`", errors)?, span(node));
    let on = fields
        .require("on", errors)
        .and_then(|node| end(node, errors));
    let options = outcome_and_label(&mut fields, errors);
    fields.finish(errors);
    Some(QueueCall { on: on?, options })
}

/// `listen`: the name of the endpoint, or a table.
pub(super) fn listen(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Listen> {
    let DeValue::Table(table) = node.get_ref() else {
        return Some(Listen {
            on: identifier(node, "an endpoint", errors)?,
            replace: None,
            options: OperationOptions::default(),
        });
    };
    let mut fields = Fields::of("`listen`", table, span(node));
    let on = fields
        .require("on", errors)
        .and_then(|node| identifier(node, "an endpoint", errors));
    let replace = fields
        .take("replace")
        .and_then(|node| boolean(node, errors));
    let options = outcome_and_label(&mut fields, errors);
    fields.finish(errors);
    Some(Listen {
        on: on?,
        replace,
        options,
    })
}

/// `join`: the process, or a table.
pub(super) fn join(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Join> {
    let DeValue::Table(table) = node.get_ref() else {
        return Some(Join {
            of: target(node, errors)?,
            options: OperationOptions::default(),
        });
    };
    let mut fields = Fields::of("`join`", table, span(node));
    let of = fields
        .require("of", errors)
        .and_then(|node| target(node, errors));
    let options = options(&mut fields, errors);
    fields.finish(errors);
    Some(Join { of: of?, options })
}

/// `accept`.
pub(super) fn accept(node: &Node<'_>, errors: &mut Diagnostics) -> Option<ConnectionSetup> {
    let table = table(node, "`{ on, into, … }`", errors)?;
    setup(Fields::of("`accept`", table, span(node)), None, errors)
}

/// `connect`, which may use another key than the endpoint's.
pub(super) fn connect(node: &Node<'_>, errors: &mut Diagnostics) -> Option<ConnectionSetup> {
    let table = table(node, "`{ on, into, … }`", errors)?;
    let mut fields = Fields::of("`connect`", table, span(node));
    let key = fields.take("key").map(|node| key(node, errors));
    setup(fields, key, errors)
}

/// The fields of both `accept` and `connect`; `key` is what the step has under `key`, if anything.
fn setup(
    mut fields: Fields<'_, '_>,
    key: Option<Option<Spanned<Option<String>>>>,
    errors: &mut Diagnostics,
) -> Option<ConnectionSetup> {
    let on = fields
        .require("on", errors)
        .and_then(|node| identifier(node, "an endpoint", errors));
    let into = fields
        .require("into", errors)
        .and_then(|node| identifier(node, "a connection", errors));
    let options = options(&mut fields, errors);
    fields.finish(errors);
    Some(ConnectionSetup {
        on: on?,
        into: into?,
        key: match key {
            Some(key) => Some(key?),
            None => None,
        },
        options,
    })
}

/// `raw`.
pub(super) fn raw(node: &Node<'_>, errors: &mut Diagnostics) -> Option<RawWrite> {
    let what = "`{ on, length, bytes, from, to }`";
    let mut fields = Fields::of("`raw`", table(node, what, errors)?, span(node));
    let on = fields
        .require("on", errors)
        .and_then(|node| end(node, errors));
    let (length, bytes) = (fields.take("length"), fields.take("bytes"));
    if length.is_none() && bytes.is_none() {
        let message = "`raw` needs `length`, `bytes` or both";
        let help = "`length` writes the library's header for a message of that length";
        errors.push(Diagnostic::new(fields.span(), message).help(help));
    }
    let length = length.and_then(|node| reference_or(node, errors, whole));
    let bytes = bytes.and_then(|node| {
        let digits = text(node, "hexadecimal digits as text", errors)?;
        Some(span(node).with(item::bytes(digits, span(node), errors)?))
    });
    let from = fields.take("from").and_then(|node| number(node, errors));
    let to = fields.take("to").and_then(|node| number(node, errors));
    fields.finish(errors);
    Some(RawWrite {
        on: on?,
        length,
        bytes,
        from,
        to,
    })
}

fn options(fields: &mut Fields<'_, '_>, errors: &mut Diagnostics) -> OperationOptions {
    let wait = fields
        .take("wait")
        .and_then(|node| reference_or(node, errors, wait));
    let options = outcome_and_label(fields, errors);
    OperationOptions { wait, ..options }
}

/// The options of operations that don't wait.
fn outcome_and_label(fields: &mut Fields<'_, '_>, errors: &mut Diagnostics) -> OperationOptions {
    let expect = fields
        .take("expect")
        .map(|node| one_or_list(node, errors, expect));
    let label = fields
        .take("label")
        .and_then(|node| identifier(node, "a label", errors));
    OperationOptions {
        wait: None,
        expect: expect.unwrap_or_default(),
        label,
    }
}

fn wait(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Wait> {
    match text(node, "a duration or \"never\"", errors)? {
        "never" => Some(Wait::Never),
        _ => duration(node, errors).map(Wait::For),
    }
}

fn expect(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Spanned<Term<ExpectedOutcome>>> {
    reference_or(node, errors, |node, errors| {
        let outcomes =
            Outcome::ALL.map(|outcome| (outcome.word(), ExpectedOutcome::Outcome(outcome)));
        let words: Vec<_> = outcomes
            .into_iter()
            .chain([("any", ExpectedOutcome::Any)])
            .collect();
        Some(word(node, "outcome", &words, errors)?.value)
    })
}
