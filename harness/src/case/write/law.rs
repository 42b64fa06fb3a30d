//! Tests that the canonical text of a case is read as the same case.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use crate::backend::{Capability, Kind, Outcome, Side, System, Wait};
use crate::case::model::*;
use crate::case::{Span, Spanned, parse, write};
use crate::clause::ClauseId;
use crate::plan::{ExpectedExit, Hint, Signal, Start};
use crate::test_support::strategy::item;

proptest! {
    #[test]
    fn a_written_case_is_read_as_the_same_case(case in case()) {
        let text = write(&case);
        let read = parse(&text);
        prop_assert!(read.is_ok(), "{}\n{text}", read.unwrap_err().render("case", &text, false));
        prop_assert_eq!(read.unwrap(), case, "{}", text);
    }
}

fn at<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>) -> impl Strategy<Value = Spanned<T>> {
    strategy.prop_map(|value| Span::default().with(value))
}

fn few<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<T>> {
    prop::collection::vec(strategy, 0..3)
}

fn any_of<T: Clone + std::fmt::Debug + 'static>(all: &[T]) -> impl Strategy<Value = T> + use<T> {
    prop::sample::select(all.to_vec())
}

fn identifier() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9-]{0,6}"
}

fn variable() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9_]{0,6}".prop_filter("has a meaning of its own", |name| {
        !["item", "n", "i", "none", "end", "unsendable", "undecodable"].contains(&name.as_str())
    })
}

/// A name that may follow `$`.
fn reference() -> impl Strategy<Value = String> {
    prop_oneof![variable(), any_of(&["item", "n", "i"].map(str::to_owned))]
}

fn term<T: Clone + std::fmt::Debug + 'static>(
    literal: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Spanned<Term<T>>> {
    at(prop_oneof![
        literal.prop_map(Term::Literal),
        reference().prop_map(Term::Reference)
    ])
}

/// A number up to the largest TOML integer.
fn number() -> impl Strategy<Value = Spanned<Term<u64>>> {
    term(0..=i64::MAX.unsigned_abs())
}

fn duration() -> impl Strategy<Value = Duration> {
    (0..100_000u64).prop_map(Duration::from_millis)
}

fn end() -> impl Strategy<Value = Spanned<EndName>> {
    let side = any_of(&[Side::Queue, Side::Tx, Side::Rx, Side::A, Side::B]);
    at((identifier(), side).prop_map(|(channel, side)| EndName { channel, side }))
}

fn target() -> impl Strategy<Value = Spanned<Target>> {
    let target = (identifier(), prop::option::of(0..2000u64));
    at(target.prop_map(|(process, replica)| Target { process, replica }))
}

/// Bindings with distinct names.
fn bindings<T: std::fmt::Debug>(
    value: impl Strategy<Value = T>,
) -> impl Strategy<Value = Vec<Binding<T>>> {
    prop::collection::btree_map(variable(), at(value), 0..3).prop_map(|bindings| {
        let bound = |(name, value)| Binding {
            name: Span::default().with(name),
            value,
        };
        bindings.into_iter().map(bound).collect()
    })
}

fn options() -> impl Strategy<Value = OperationOptions> {
    let wait = prop_oneof![Just(Wait::Never), duration().prop_map(Wait::For)];
    let outcome = any_of(&Outcome::ALL).prop_map(ExpectedOutcome::Outcome);
    let expect = prop_oneof![Just(ExpectedOutcome::Any), outcome];
    let parts = (
        prop::option::of(term(wait)),
        few(term(expect)),
        prop::option::of(at(identifier())),
    );
    parts.prop_map(|(wait, expect, label)| OperationOptions {
        wait,
        expect,
        label,
    })
}

fn word() -> impl Strategy<Value = Spanned<Kind>> {
    at(any_of(&[Kind::Queue, Kind::Pipe, Kind::Stream]))
}

fn put() -> impl Strategy<Value = Put> {
    let source = prop_oneof![
        term(item()).prop_map(Source::Item),
        few(term(item())).prop_map(Source::Items),
        (number(), prop::option::of(number()))
            .prop_map(|(count, from)| Source::Count { count, from }),
    ];
    let parts = (word(), end(), source, prop::option::of(number()), options());
    parts.prop_map(|(word, on, source, size, options)| Put {
        word,
        on,
        source,
        size,
        options,
    })
}

fn get(each: impl Strategy<Value = Vec<Step>>) -> impl Strategy<Value = Get> {
    let until = prop_oneof![
        Just(Until::End),
        term(item()).prop_map(|term| Until::Item(term.value))
    ];
    let limit = prop_oneof![
        Just(Limit::One),
        number().prop_map(Limit::Count),
        few(at(until)).prop_map(Limit::Until),
        term(item()).prop_map(Limit::Item),
        few(term(item())).prop_map(Limit::Items),
    ];
    let size = prop::option::of(number());
    let buffer = prop::option::of((number(), prop::option::of(number()))).boxed();
    let into = prop::option::of(at(variable()));
    let parts = (word(), end(), limit, size, buffer, each, into, options());
    parts.prop_map(|(word, on, limit, size, buffer, each, into, options)| Get {
        word,
        on,
        limit,
        size,
        element: buffer.clone().and_then(|(_, element)| element),
        buffer: buffer.map(|(bytes, _)| bytes),
        each,
        into,
        options,
    })
}

fn listen() -> impl Strategy<Value = Listen> {
    let parts = (
        at(identifier()),
        prop::option::of(at(any::<bool>())),
        outcome_and_label(),
    );
    parts.prop_map(|(on, replace, options)| Listen {
        on,
        replace,
        options,
    })
}

fn setup() -> impl Strategy<Value = ConnectionSetup> {
    (at(identifier()), at(identifier()), options()).prop_map(|(on, into, options)| {
        ConnectionSetup {
            on,
            into,
            key: None,
            options,
        }
    })
}

/// A `connect`, which may have a key.
fn connect() -> impl Strategy<Value = ConnectionSetup> {
    let key = prop::option::of(at(prop::option::of(key())));
    (setup(), key).prop_map(|(setup, key)| ConnectionSetup { key, ..setup })
}

fn key() -> impl Strategy<Value = String> {
    "[ -~]{1,6}"
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        at(identifier()).prop_map(Event::Started),
        at(identifier()).prop_map(Event::Blocked),
        at(identifier()).prop_map(Event::Done),
        target().prop_map(Event::Exited),
    ]
}

/// Pieces of a text. No two literal ones are adjacent, because the parser would join them.
fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let pair = (reference(), "[ $!∠]{1,4}");
    (prop::option::of("[a-z $∠\n]{1,4}"), few(pair)).prop_map(|(first, pairs)| {
        let pairs = pairs.into_iter();
        let first = first.map(Piece::Text).into_iter();
        first
            .chain(pairs.flat_map(|(name, text)| [Piece::Reference(name), Piece::Text(text)]))
            .collect()
    })
}

/// The options of steps without `wait`.
fn outcome_and_label() -> impl Strategy<Value = OperationOptions> {
    options().prop_map(|options| OperationOptions {
        wait: None,
        ..options
    })
}

fn queue_call() -> impl Strategy<Value = QueueCall> {
    (end(), outcome_and_label()).prop_map(|(on, options)| QueueCall { on, options })
}

fn raw() -> impl Strategy<Value = RawWrite> {
    let length = prop::option::of(term(any::<i64>()));
    let bytes = prop::option::of(at(any::<Vec<u8>>()));
    let (from, to) = (prop::option::of(number()), prop::option::of(number()));
    let any = (end(), length, bytes, from, to);
    let raw = any.prop_map(|(on, length, bytes, from, to)| RawWrite {
        on,
        length,
        bytes,
        from,
        to,
    });
    raw.prop_filter("a header or bytes", |raw| {
        raw.length.is_some() || raw.bytes.is_some()
    })
}

fn signal() -> impl Strategy<Value = SignalStep> {
    let names = any_of(&Signal::ALL);
    (target(), term(names)).prop_map(|(to, name)| SignalStep { to, name })
}

/// A step without nested steps.
fn simple_step() -> impl Strategy<Value = Action> {
    let on_ends = prop_oneof![
        put().prop_map(Action::Put),
        get(Just(Vec::new())).prop_map(Action::Get),
        (few(end()), options()).prop_map(|(on, options)| Action::Poll(Poll { on, options })),
        queue_call().prop_map(Action::TaskDone),
        queue_call().prop_map(Action::JoinQueue),
        (any_of(&Hint::ALL), queue_call()).prop_map(|(hint, call)| Action::Hint(hint, call)),
        end().prop_map(Action::Close),
        end().prop_map(Action::HalfClose),
        at(identifier()).prop_map(Action::Open),
        listen().prop_map(Action::Listen),
        setup().prop_map(Action::Accept),
        connect().prop_map(Action::Connect),
        raw().prop_map(Action::Raw),
    ];
    let on_processes = prop_oneof![
        target().prop_map(Action::Start),
        (target(), options()).prop_map(|(of, options)| Action::Join(Join { of, options })),
        target().prop_map(Action::Kill),
        target().prop_map(Action::Terminate),
        target().prop_map(Action::Pause),
        target().prop_map(Action::Resume),
        signal().prop_map(Action::Signal),
        at(0..=255i32).prop_map(Action::Exit),
        term(any_of(&[Crash::Kill, Crash::Abort, Crash::Exit])).prop_map(Action::Crash),
    ];
    let others = prop_oneof![
        at(identifier()).prop_map(Action::Barrier),
        event().prop_map(Action::Await),
        at(prop::option::of(duration())).prop_map(Action::Idle),
        bindings(term(item()).prop_map(|term| term.value)).prop_map(Action::Set),
        at(pieces()).prop_map(Action::Print),
    ];
    prop_oneof![on_ends.boxed(), on_processes.boxed(), others.boxed()]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = |action| Step {
        span: Span::default(),
        action,
    };
    let simple = simple_step().prop_map(step);
    let any = simple.prop_recursive(2, 8, 2, move |inner| {
        let inside = few(inner.clone()).boxed();
        prop_oneof![
            (number(), inside.clone())
                .prop_map(|(count, steps)| Action::Repeat(Repeat { count, steps })),
            get(inside.clone()).prop_map(Action::Get).boxed(),
            few(inside).prop_map(Action::Threads),
        ]
        .prop_map(step)
    });
    few(any)
}

fn channels() -> impl Strategy<Value = Vec<Channel>> {
    let kinds = [
        ChannelKind::Queue,
        ChannelKind::Pipe,
        ChannelKind::Stream,
        ChannelKind::Endpoint,
    ];
    let parts = (
        at(any_of(&kinds)),
        prop::option::of(number()),
        prop::option::of(at(any::<bool>())),
        prop::option::of(at(0..=0o7777u32)),
        prop::option::of(number()),
        prop::option::of(number()),
        prop::option::of(at(key())),
    );
    prop::collection::btree_map(identifier(), parts, 0..3).prop_map(|channels: BTreeMap<_, _>| {
        let channel = |(name, (kind, capacity, duplex, mode, length, backlog, key))| Channel {
            name: Span::default().with(name),
            kind,
            capacity,
            duplex,
            mode,
            length,
            backlog,
            key,
        };
        channels.into_iter().map(channel).collect()
    })
}

fn processes() -> impl Strategy<Value = Vec<Process>> {
    let starts = Start::ALL;
    let exit = prop_oneof![
        (0..=255i32).prop_map(ExpectedExit::Code),
        Just(ExpectedExit::Killed),
        Just(ExpectedExit::Any),
    ];
    let parts = (
        prop::option::of(number()),
        prop::option::of(term(any_of(&starts))),
        few(end()),
        prop::option::of(term(exit)),
        steps(),
    );
    // At least one: an empty table of processes is written like no table.
    prop::collection::btree_map(identifier(), parts, 1..3).prop_map(|processes: BTreeMap<_, _>| {
        let process = |(name, (count, start, holds, exit, steps))| Process {
            name: Span::default().with(name),
            count,
            start,
            holds,
            exit,
            steps,
        };
        processes.into_iter().map(process).collect()
    })
}

fn property() -> impl Strategy<Value = PropertyTable> {
    let draw = prop_oneof![
        any::<(i64, i64)>().prop_map(|(from, to)| Draw::Range { from, to }),
        few(at(item())).prop_map(Draw::OneOf),
    ];
    (number(), bindings(draw)).prop_map(|(runs, draw)| PropertyTable { runs, draw })
}

fn sweep() -> impl Strategy<Value = Sweep> {
    let parts = (
        any_of(&[Injection::Kill, Injection::Pause]),
        target(),
        few(at(any_of(&Moment::ALL))),
        prop::option::of(at(0..9u64)),
    );
    parts.prop_map(|(fault, process, at, moments)| {
        let runs = at.iter().any(|at| at.value == Moment::Running);
        Sweep {
            fault,
            process,
            at,
            moments: moments.filter(|_| runs),
        }
    })
}

fn case() -> impl Strategy<Value = Case> {
    let systems = [System::Linux, System::Macos, System::Windows];
    let head = (
        at(any::<String>()),
        prop::option::of(at(any::<String>())),
        few(at(
            "[a-z.-]{1,12}".prop_map(|id| ClauseId::from(id.as_str()))
        )),
        few(at(any_of(&Capability::ALL))),
        few(at(any_of(&systems))),
        at(duration()),
    );
    let body = (
        few(at(bindings(item()))),
        bindings(few(at(item()))),
        prop::option::of(at(property())),
        prop::option::of(at(sweep())),
        bindings(item()),
        channels(),
        processes(),
    );
    (head, body).prop_map(|(head, body)| {
        let (title, why, clauses, requires, systems, deadline) = head;
        let (rows, axes, property, sweep, vars, channels, processes) = body;
        Case {
            title,
            why,
            clauses,
            requires,
            systems,
            deadline,
            rows,
            axes,
            property,
            sweep,
            vars,
            channels,
            processes,
        }
    })
}
