//! Writes steps, each on a line of its own.

use super::value::{bare_or_quoted, braces, duration, item, list, one_or_list, quoted, term, text};
use crate::backend::{Kind, Wait};
use crate::case::Spanned;
use crate::case::model::{
    Action, ConnectionSetup, Event, ExpectedOutcome, Get, Join, Limit, Listen, OperationOptions,
    Piece, Poll, Put, QueueCall, RawWrite, Repeat, SignalStep, Source, Step, Term, Until,
};
use crate::plan::{Item, hex};

/// Writes a list of steps, nested in `depth` other lists.
pub(super) fn block(steps: &[Step], depth: usize) -> String {
    if steps.is_empty() {
        return "[]".to_owned();
    }
    let indent = "  ".repeat(depth + 1);
    let lines: String = steps
        .iter()
        .map(|step| format!("{indent}{},\n", braces([action(&step.action, depth + 1)])))
        .collect();
    format!("[\n{lines}{}]", "  ".repeat(depth))
}

fn action(action: &Action, depth: usize) -> String {
    let (key, value) = match action {
        Action::Put(step) => (put_word(step.word.value), put(step)),
        Action::Get(step) => (get_word(step.word.value), get(step, depth)),
        Action::Poll(step) => ("poll", poll(step)),
        Action::TaskDone(call) => ("task-done", queue_call(call)),
        Action::JoinQueue(call) => ("join-queue", queue_call(call)),
        Action::Hint(hint, call) => (hint.word(), queue_call(call)),
        Action::Close(end) => ("close", quoted(&end.to_string())),
        Action::HalfClose(end) => ("half-close", quoted(&end.to_string())),
        Action::Open(channel) => ("open", quoted(channel)),
        Action::Listen(step) => ("listen", listen(step)),
        Action::Accept(step) => ("accept", setup(step)),
        Action::Connect(step) => ("connect", setup(step)),
        Action::Raw(step) => ("raw", raw(step)),
        Action::Start(target) => ("start", quoted(&target.to_string())),
        Action::Join(step) => ("join", join(step)),
        Action::Kill(target) => ("kill", quoted(&target.to_string())),
        Action::Terminate(target) => ("terminate", quoted(&target.to_string())),
        Action::Pause(target) => ("pause", quoted(&target.to_string())),
        Action::Resume(target) => ("resume", quoted(&target.to_string())),
        Action::Signal(step) => ("signal", signal(step)),
        Action::Exit(code) => ("exit", code.value.to_string()),
        Action::Crash(crash) => ("crash", term(crash, |crash| quoted(crash.word()))),
        Action::Barrier(name) => ("barrier", quoted(name)),
        Action::Await(event) => ("await", await_(event)),
        Action::Idle(time) => (
            "idle",
            time.value.map_or_else(|| quoted("forever"), duration),
        ),
        Action::Repeat(step) => ("repeat", repeat(step, depth)),
        Action::Threads(threads) => ("threads", all_threads(threads, depth)),
        Action::Set(vars) => {
            let pairs = vars.iter().map(|binding| {
                let value = term(&binding.value, item);
                format!("{} = {value}", bare_or_quoted(&binding.name))
            });
            ("set", braces(pairs))
        }
        Action::Print(text) => ("print", print(text)),
    };
    format!("{key} = {value}")
}

/// Writes the table only if it says more than the process.
fn join(step: &Join) -> String {
    let of = quoted(&step.of.to_string());
    if step.options == OperationOptions::default() {
        return of;
    }
    let mut pairs = vec![format!("of = {of}")];
    options(&step.options, &mut pairs);
    braces(pairs)
}

fn signal(step: &SignalStep) -> String {
    let name = term(&step.name, |name| quoted(name.word()));
    let to = format!("to = {}", quoted(&step.to.to_string()));
    braces([to, format!("name = {name}")])
}

fn queue_call(step: &QueueCall) -> String {
    let mut pairs = vec![format!("on = {}", quoted(&step.on.to_string()))];
    options(&step.options, &mut pairs);
    braces(pairs)
}

fn put_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Pipe => "send",
        Kind::Stream => "write",
        _ => "put",
    }
}

fn get_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Pipe => "recv",
        Kind::Stream => "read",
        _ => "get",
    }
}

fn put(step: &Put) -> String {
    let mut pairs = vec![format!("on = {}", quoted(&step.on.to_string()))];
    match &step.source {
        Source::Item(one) => pairs.push(format!("item = {}", term(one, item))),
        Source::Items(many) => pairs.push(format!("items = {}", list(many, one_item))),
        Source::Count { count, from } => {
            pairs.push(format!("count = {}", term(count, u64::to_string)));
            if let Some(from) = from {
                pairs.push(format!("from = {}", term(from, u64::to_string)));
            }
        }
    }
    if let Some(size) = &step.size {
        pairs.push(format!("size = {}", term(size, u64::to_string)));
    }
    options(&step.options, &mut pairs);
    braces(pairs)
}

fn get(step: &Get, depth: usize) -> String {
    let mut pairs = vec![format!("on = {}", quoted(&step.on.to_string()))];
    match &step.limit {
        Limit::One => {}
        Limit::Count(count) => pairs.push(format!("count = {}", term(count, u64::to_string))),
        Limit::Until(items) => pairs.push(format!("until = {}", untils(items))),
        Limit::Item(one) => pairs.push(format!("item = {}", term(one, item))),
        Limit::Items(many) => pairs.push(format!("items = {}", list(many, one_item))),
    }
    if let Some(size) = &step.size {
        pairs.push(format!("size = {}", term(size, u64::to_string)));
    }
    for (key, number) in [("buffer", &step.buffer), ("element", &step.element)] {
        if let Some(number) = number {
            pairs.push(format!("{key} = {}", term(number, u64::to_string)));
        }
    }
    match step.each.as_slice() {
        [] => {}
        [one] => pairs.push(format!("each = [{}]", braces([action(&one.action, depth)]))),
        many => pairs.push(format!("each = {}", block(many, depth))),
    }
    if let Some(into) = &step.into {
        pairs.push(format!("into = {}", quoted(into)));
    }
    options(&step.options, &mut pairs);
    braces(pairs)
}

fn one_item(value: &Term<Item>) -> String {
    match value {
        Term::Literal(value) => item(value),
        Term::Reference(name) => quoted(&format!("${name}")),
    }
}

/// Writes the items of `until`. A single item that is itself a list keeps the outer brackets.
fn untils(items: &[Spanned<Until>]) -> String {
    match items {
        [one] if matches!(&one.value, Until::Item(Term::Literal(Item::List(_)))) => {
            list(items, until)
        }
        _ => one_or_list(items, until),
    }
}

fn until(value: &Until) -> String {
    match value {
        Until::End => quoted("$end"),
        Until::Item(value) => one_item(value),
    }
}

fn poll(step: &Poll) -> String {
    let on = one_or_list(&step.on, |end| quoted(&end.to_string()));
    let mut pairs = vec![format!("on = {on}")];
    options(&step.options, &mut pairs);
    braces(pairs)
}

fn listen(step: &Listen) -> String {
    let mut pairs = vec![format!("on = {}", quoted(&step.on))];
    if let Some(replace) = &step.replace {
        pairs.push(format!("replace = {}", replace.value));
    }
    options(&step.options, &mut pairs);
    match pairs.as_slice() {
        [_] => quoted(&step.on),
        _ => braces(pairs),
    }
}

fn setup(step: &ConnectionSetup) -> String {
    let mut pairs = vec![
        format!("on = {}", quoted(&step.on)),
        format!("into = {}", quoted(&step.into)),
    ];
    if let Some(key) = &step.key {
        let written = key.value.as_deref().map_or_else(|| quoted("$none"), text);
        pairs.push(format!("key = {written}"));
    }
    options(&step.options, &mut pairs);
    braces(pairs)
}

fn raw(step: &RawWrite) -> String {
    let on = format!("on = {}", quoted(&step.on.to_string()));
    let length = step.length.as_ref();
    let bytes = step.bytes.as_ref();
    let (from, to) = (step.from.as_ref(), step.to.as_ref());
    let rest = [
        length.map(|length| format!("length = {}", term(length, i64::to_string))),
        bytes.map(|bytes| format!("bytes = {}", quoted(&hex::encode(bytes)))),
        from.map(|from| format!("from = {}", term(from, u64::to_string))),
        to.map(|to| format!("to = {}", term(to, u64::to_string))),
    ];
    braces([on].into_iter().chain(rest.into_iter().flatten()))
}

fn options(options: &OperationOptions, pairs: &mut Vec<String>) {
    if let Some(wait) = &options.wait {
        let written = term(wait, |wait| match wait {
            Wait::For(time) => duration(*time),
            // `Deadline` is the default, so a case never has it here.
            Wait::Never | Wait::Deadline => quoted("never"),
        });
        pairs.push(format!("wait = {written}"));
    }
    if !options.expect.is_empty() {
        let expect = one_or_list(&options.expect, |expect| match expect {
            Term::Literal(ExpectedOutcome::Any) => quoted("any"),
            Term::Literal(ExpectedOutcome::Outcome(outcome)) => quoted(outcome.word()),
            Term::Reference(name) => quoted(&format!("${name}")),
        });
        pairs.push(format!("expect = {expect}"));
    }
    if let Some(label) = &options.label {
        pairs.push(format!("label = {}", quoted(label)));
    }
}

fn await_(event: &Event) -> String {
    let (key, name) = match event {
        Event::Started(label) => ("started", label.value.clone()),
        Event::Blocked(label) => ("blocked", label.value.clone()),
        Event::Done(label) => ("done", label.value.clone()),
        Event::Exited(target) => ("exited", target.to_string()),
    };
    braces([format!("{key} = {}", quoted(&name))])
}

fn repeat(step: &Repeat, depth: usize) -> String {
    braces([
        format!("count = {}", term(&step.count, u64::to_string)),
        format!("steps = {}", block(&step.steps, depth)),
    ])
}

fn all_threads(threads: &[Vec<Step>], depth: usize) -> String {
    let threads: Vec<_> = threads.iter().map(|steps| block(steps, depth)).collect();
    format!("[{}]", threads.join(", "))
}

fn print(pieces: &[Piece]) -> String {
    let text: String = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.replace('$', "$$"),
            Piece::Reference(name) => format!("${name}"),
        })
        .collect();
    quoted(&text)
}
