//! Lowers steps: tables with exactly one key.

use std::time::Duration;

use toml::de::DeValue;

use super::fields::{Fields, KeyValue, in_file_order};
use super::operation::{accept, connect, get, join, listen, poll, put, queue_call, raw};
use super::word::{code, duration, end, identifier, number, target, term, text, variable, word};
use super::{Node, item, list, mismatch, span, table};
use crate::backend::Kind;
use crate::case::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::case::model::{Action, Crash, Event, Repeat, SignalStep, Step, Term};
use crate::case::{Binding, name};
use crate::plan::{Hint, Item, Signal};

/// Every key that a step can have, except `print`.
const WORDS: [&str; 34] = [
    "put",
    "send",
    "write",
    "get",
    "recv",
    "read",
    "poll",
    "task-done",
    "join-queue",
    "size",
    "is-empty",
    "is-full",
    "close",
    "half-close",
    "open",
    "listen",
    "accept",
    "connect",
    "raw",
    "start",
    "join",
    "kill",
    "terminate",
    "pause",
    "resume",
    "signal",
    "exit",
    "crash",
    "barrier",
    "await",
    "idle",
    "repeat",
    "threads",
    "set",
];

const CRASHES: [(&str, Crash); 3] = [
    ("kill", Crash::Kill),
    ("abort", Crash::Abort),
    ("exit", Crash::Exit),
];

/// A list of steps.
pub(super) fn steps(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Vec<Step>> {
    list(node, "a list of steps", errors, step)
}

fn step(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Step> {
    let position = span(node);
    let fields = in_file_order(table(node, "a step, as in `{ close = \"p.tx\" }`", errors)?);
    let [field] = fields.as_slice() else {
        let message = format!("a step has exactly one key, not {}", fields.len());
        let help = "write each step as a table of its own: `{ … }, { … }`";
        errors.push(Diagnostic::new(position, message).help(help));
        return None;
    };
    Some(Step {
        span: position,
        action: action(*field, errors)?,
    })
}

fn action(field: KeyValue<'_, '_>, errors: &mut Diagnostics) -> Option<Action> {
    let KeyValue {
        key,
        key_span,
        node,
    } = field;
    let on_kind = |kind| key_span.with(kind);
    Some(match key {
        "put" => Action::Put(put(on_kind(Kind::Queue), node, errors)?),
        "send" => Action::Put(put(on_kind(Kind::Pipe), node, errors)?),
        "write" => Action::Put(put(on_kind(Kind::Stream), node, errors)?),
        "get" => Action::Get(get(on_kind(Kind::Queue), node, steps, errors)?),
        "recv" => Action::Get(get(on_kind(Kind::Pipe), node, steps, errors)?),
        "read" => Action::Get(get(on_kind(Kind::Stream), node, steps, errors)?),
        "poll" => Action::Poll(poll(node, errors)?),
        "task-done" => Action::TaskDone(queue_call("`task-done`", node, errors)?),
        "join-queue" => Action::JoinQueue(queue_call("`join-queue`", node, errors)?),
        "size" => Action::Hint(Hint::Size, queue_call("`size`", node, errors)?),
        "is-empty" => Action::Hint(Hint::IsEmpty, queue_call("`is-empty`", node, errors)?),
        "is-full" => Action::Hint(Hint::IsFull, queue_call("`is-full`", node, errors)?),
        "close" => Action::Close(end(node, errors)?),
        "half-close" => Action::HalfClose(end(node, errors)?),
        "open" => Action::Open(identifier(node, "a channel", errors)?),
        "listen" => Action::Listen(listen(node, errors)?),
        "accept" => Action::Accept(accept(node, errors)?),
        "connect" => Action::Connect(connect(node, errors)?),
        "raw" => Action::Raw(raw(node, errors)?),
        "start" => Action::Start(target(node, errors)?),
        "join" => Action::Join(join(node, errors)?),
        "kill" => Action::Kill(target(node, errors)?),
        "terminate" => Action::Terminate(target(node, errors)?),
        "pause" => Action::Pause(target(node, errors)?),
        "resume" => Action::Resume(target(node, errors)?),
        "signal" => Action::Signal(signal(node, errors)?),
        "exit" => Action::Exit(span(node).with(code(node, errors)?)),
        "crash" => Action::Crash(term(node, errors, |node, errors| {
            word(node, "way to crash", &CRASHES, errors).map(|crash| crash.value)
        })?),
        "barrier" => Action::Barrier(identifier(node, "a barrier", errors)?),
        "await" => Action::Await(event(node, errors)?),
        "idle" => Action::Idle(span(node).with(idle(node, errors)?)),
        "repeat" => Action::Repeat(repeat(node, errors)?),
        "threads" => Action::Threads(list(node, "a list of lists of steps", errors, steps)?),
        "set" => Action::Set(set(node, errors)?),
        "print" => Action::Print(item::pieces(node, errors)?),
        _ => return unknown(key, key_span, errors),
    })
}

fn unknown<T>(key: &str, position: Span, errors: &mut Diagnostics) -> Option<T> {
    let words = WORDS.into_iter().chain(["print"]);
    let help = match (key, name::nearest(key, words)) {
        ("sleep" | "delay" | "pause-for", _) => {
            "cases don't synchronise by time: use `await` or `barrier`".to_owned()
        }
        (_, Some(meant)) => format!("did you mean `{meant}`?"),
        _ => format!("a step is one of `{}`, `print`", WORDS.join("`, `")),
    };
    let message = format!("no step is called `{key}`");
    errors.push(Diagnostic::new(position, message).help(help));
    None
}

fn event(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Event> {
    let expected = "an event, as in `{ done = \"label\" }`";
    let fields = in_file_order(table(node, expected, errors)?);
    let [field] = fields.as_slice() else {
        let message = format!("`await` waits for exactly one event, not {}", fields.len());
        errors.push(Diagnostic::new(span(node), message));
        return None;
    };
    let label = |errors: &mut Diagnostics| identifier(field.node, "a label", errors);
    Some(match field.key {
        "started" => Event::Started(label(errors)?),
        "blocked" => Event::Blocked(label(errors)?),
        "done" => Event::Done(label(errors)?),
        "exited" => Event::Exited(target(field.node, errors)?),
        other => {
            let known = ["started", "blocked", "done", "exited"];
            let message = format!("no event is called `{other}`");
            let help = name::instead(other, &known);
            errors.push(Diagnostic::new(field.key_span, message).help(help));
            return None;
        }
    })
}

fn idle(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Option<Duration>> {
    match text(node, "a duration or \"forever\"", errors)? {
        "forever" => Some(None),
        _ => duration(node, errors).map(Some),
    }
}

fn repeat(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Repeat> {
    let table = table(node, "`{ count, steps }`", errors)?;
    let mut fields = Fields::of("`repeat`", table, span(node));
    let count = fields
        .require("count", errors)
        .and_then(|node| number(node, errors));
    let body = fields
        .require("steps", errors)
        .and_then(|node| steps(node, errors));
    fields.finish(errors);
    Some(Repeat {
        count: count?,
        steps: body?,
    })
}

fn signal(node: &Node<'_>, errors: &mut Diagnostics) -> Option<SignalStep> {
    let table = table(node, "`{ to, name }`", errors)?;
    let mut fields = Fields::of("`signal`", table, span(node));
    let to = fields
        .require("to", errors)
        .and_then(|node| target(node, errors));
    let name = fields.require("name", errors).and_then(|node| {
        term(node, errors, |node, errors| {
            let signals = Signal::ALL.map(|signal| (signal.word(), signal));
            word(node, "signal", &signals, errors).map(|signal| signal.value)
        })
    });
    fields.finish(errors);
    Some(SignalStep {
        to: to?,
        name: name?,
    })
}

fn set(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Vec<Binding<Term<Item>>>> {
    let DeValue::Table(table) = node.get_ref() else {
        return mismatch(node, "a table, as in `{ x = 1 }`", errors);
    };
    let lowered = in_file_order(table).into_iter().filter_map(|field| {
        let name = variable(field.key, field.key_span, "a variable", errors);
        let value = item::term(field.node, errors);
        Some(Binding {
            name: name?,
            value: value?,
        })
    });
    Some(lowered.collect())
}
