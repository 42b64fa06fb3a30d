mod swept;

use std::time::Duration;

use super::Transcript;
use crate::backend::{Kind, Outcome, Side, Wait};
use crate::history::naming::Naming;
use crate::history::{Exit, OperationId, OperationKind};
use crate::plan::{Action, Codec, End, Event, ExpectedExit, Item, Limit, Source, Value};
use crate::test_support::scene::{PermutationBuilder, get, ints, put};

fn transcript_of(scene: &PermutationBuilder) -> Transcript {
    let mut naming = Naming::of(&scene.permutation.plan);
    Transcript::of(&scene.permutation, &scene.history, &mut naming)
}

fn text(scene: &PermutationBuilder) -> String {
    transcript_of(scene).text()
}

fn item_reference() -> Source {
    Source::Items(vec![Value::Reference("item".into())])
}

#[test]
fn one_producer_and_one_consumer_keep_their_order() {
    let mut scene = PermutationBuilder::new();
    let q = scene.queue("q");
    let producer = scene.process("producer");
    let consumer = scene.process("consumer");
    scene.puts(producer, q, ints(0..5));
    scene.puts(producer, q, [Item::None]);
    scene.gets(consumer, q, ints(0..5).chain([Item::None]), None);
    scene.printed(consumer, "Received 0\nReceived 1\n");
    insta::assert_snapshot!(text(&scene), @r"
    producer
      put  q  0..4
      put  q  None
    consumer
      get  q  0..4, None
      | Received 0
      | Received 1
    ");
}

#[test]
fn competing_consumers_are_one() {
    let mut scene = PermutationBuilder::new();
    let q = scene.queue("q");
    let producers = scene.replicas("producer", 2);
    let closer = scene.process("closer");
    let consumers = scene.replicas("consumer", 3);
    for (n, producer) in producers.into_iter().enumerate() {
        let first = 10 * n as i64;
        scene.puts(producer, q, ints(first..first + 10));
    }
    scene.puts(closer, q, [Item::None, Item::None, Item::None]);
    let shares: [&[i64]; 3] = [&[7, 0, 19], &[], &[1, 2, 3]];
    for (consumer, share) in consumers.into_iter().zip(shares) {
        let items = ints(share.iter().copied()).chain([Item::None]);
        scene.gets(consumer, q, items, None);
        scene.printed(consumer, &format!("{} here\n", share.len()));
    }
    insta::assert_snapshot!(text(&scene), @r"
    producer ×2
      put  q  0..19 (in any order)
    closer
      put  q  None ×3
    consumer ×3
      get  q  0..3, 7, 19, None ×3 (in any order)
      printed, in any order:
      | 0 here
      | 3 here
      | 3 here
    ");
}

#[test]
fn the_shares_of_two_competing_consumers_are_not_shown() {
    let transcript = |first: &[i64], second: &[i64]| {
        let mut scene = PermutationBuilder::new();
        let q = scene.queue("q");
        let producer = scene.process("producer");
        let (left, right) = (scene.process("left"), scene.process("right"));
        scene.puts(producer, q, ints(0..4));
        scene.gets(left, q, ints(first.iter().copied()), Some(Outcome::End));
        scene.gets(right, q, ints(second.iter().copied()), Some(Outcome::End));
        text(&scene)
    };
    let one = transcript(&[0, 2], &[1, 3]);
    assert_eq!(one, transcript(&[], &[0, 1, 2, 3]));
    insta::assert_snapshot!(one, @r"
    producer
      put  q  0..3
    left + right
      get  q  0..3 (in any order) -> end ×2
    ");
}

#[test]
fn items_passed_on_by_a_racing_receiver_race_too() {
    let mut scene = PermutationBuilder::new();
    let q = scene.queue("q");
    let (tx, rx) = scene.pipe("p");
    let producers = scene.replicas("producer", 2);
    let relay = scene.process("relay");
    let sink = scene.process("sink");
    scene.puts(producers[0], q, ints([0]));
    scene.puts(producers[1], q, ints([1]));
    let send = scene.inner(put(tx, item_reference()));
    let sent = send.id;
    let step = scene.step(relay, get(q, vec![send]));
    for n in [1, 0] {
        scene.got(relay, step, q, Item::Int(n));
        let what = (Some(tx), Some(Item::Int(n)));
        scene.record(relay, sent, OperationKind::Put, what, Some(Outcome::Ok));
    }
    scene.gets(sink, rx, ints([1, 0]), Some(Outcome::End));
    insta::assert_snapshot!(text(&scene), @r"
    producer ×2
      put  q  0..1 (in any order)
    relay
      get     q     0..1 (in any order)
        send  p.tx  0..1 (in any order)
    sink
      recv  p.rx  0..1 (in any order) -> end
    ");
}

#[test]
fn repeated_steps_fold_into_one_line_each() {
    let mut scene = PermutationBuilder::new();
    let channel = scene.channel("line", Kind::Pipe, Codec::Bytes);
    let end = |side| End { channel, side };
    let (a, b) = (end(Side::A), end(Side::B));
    let client = scene.process("client");
    let server = scene.process("server");
    let sized = Value::Sized {
        number: Box::new(Value::Reference("n".into())),
        size: 4096,
    };
    let send = scene.inner(put(a, Source::Items(vec![sized])));
    let recv = scene.inner(Action::Get {
        end: a,
        limit: Limit::Count(1),
        each: Vec::new(),
        into: None,
        buffer: None,
        wait: Wait::Deadline,
    });
    let (sent, received) = (send.id, recv.id);
    let steps = vec![send, recv];
    scene.step(client, Action::Repeat { count: 3, steps });
    let reply = scene.inner(put(b, item_reference()));
    let replied = reply.id;
    let served = scene.step(server, get(b, vec![reply]));
    for number in 0..3 {
        let payload = || Item::Payload { number, size: 4096 };
        let ok = Some(Outcome::Ok);
        let what = |end| (Some(end), Some(payload()));
        scene.record(client, sent, OperationKind::Put, what(a), ok);
        scene.got(server, served, b, payload());
        scene.record(server, replied, OperationKind::Put, what(b), ok);
        scene.got(client, received, a, payload());
    }
    let close = scene.step(client, Action::Close { end: a });
    let what = (Some(a), None);
    scene.record(client, close, OperationKind::Close, what, Some(Outcome::Ok));
    let what = (Some(b), None);
    scene.record(server, served, OperationKind::Get, what, Some(Outcome::End));
    insta::assert_snapshot!(text(&scene), @r"
    client
      repeat ×3
        send  line.a  #0..#2 (4096 bytes)
        recv  line.a  #0..#2 (4096 bytes)
      close   line.a
    server
      recv    line.b  #0..#2 (4096 bytes) -> end
        send  line.b  #0..#2 (4096 bytes)
    ");
}

#[test]
fn a_stream_is_shown_as_a_count_of_bytes() {
    let transcript = |cuts: &[&str]| {
        let mut scene = PermutationBuilder::new();
        let channel = scene.channel("s", Kind::Stream, Codec::Text);
        let end = |side| End { channel, side };
        let writer = scene.process("writer");
        let reader = scene.process("reader");
        scene.puts(writer, end(Side::Tx), [Item::from("hello, world")]);
        let items = cuts.iter().map(|text| Item::from(*text));
        scene.gets(reader, end(Side::Rx), items, Some(Outcome::End));
        text(&scene)
    };
    let one = transcript(&["hello, ", "world"]);
    assert_eq!(one, transcript(&["h", "e", "llo, wor", "ld"]));
    insta::assert_snapshot!(one, @r"
    writer
      write  s.tx  12 bytes
    reader
      read  s.rx  12 bytes -> end
    ");
}

/// A writer that is killed after its messages, or anywhere if its killer doesn't await them.
fn killed_writer(awaited: bool, sent: i64) -> PermutationBuilder {
    let mut scene = PermutationBuilder::new();
    let (tx, rx) = scene.pipe("p");
    let writer = scene.process("writer");
    let killer = scene.process("killer");
    let reader = scene.process("reader");
    scene.permutation.exits[writer] = ExpectedExit::Killed;
    scene.history.processes[writer].exit = Some(Exit::Killed);
    let step = scene.puts(writer, tx, ints(0..sent));
    scene.step(writer, Action::Idle { time: None });
    if awaited {
        let event = Event::Done(vec![step]);
        scene.step(killer, Action::Await { event });
    }
    let processes = vec![writer];
    scene.step(
        killer,
        Action::Kill {
            processes,
            terminates: false,
        },
    );
    scene.gets(reader, rx, ints(0..sent), Some(Outcome::End));
    scene.printed(reader, &"got one\n".repeat(sent as usize));
    scene
}

#[test]
fn steps_awaited_before_a_kill_are_certain() {
    insta::assert_snapshot!(text(&killed_writer(true, 3)), @r"
    writer
      send  p.tx  0..2
      killed
    reader
      recv  p.rx  0..2 -> end
      | got one
      | got one
      | got one
    ");
}

#[test]
fn steps_that_a_kill_may_interrupt_are_left_open() {
    let one = text(&killed_writer(false, 1));
    assert_eq!(one, text(&killed_writer(false, 2)));
    insta::assert_snapshot!(one, @r"
    writer
      send  p.tx  …
      killed
    reader
      recv  p.rx  … -> end
      | …
    ");
}

/// A putter that is killed while it waits for room, and what a consumer got.
fn killed_putter(got: &[Item]) -> PermutationBuilder {
    let mut scene = PermutationBuilder::new();
    let q = scene.queue("q");
    let putter = scene.process("putter");
    let killer = scene.process("killer");
    let consumer = scene.process("consumer");
    scene.permutation.exits[putter] = ExpectedExit::Killed;
    scene.history.processes[putter].exit = Some(Exit::Killed);
    scene.puts(putter, q, ints(0..1));
    let waiting = scene.puts(putter, q, ["too much".into()]);
    let put = scene.history.processes[putter].operations.last_mut();
    let put = put.expect("it was put");
    (put.returned, put.outcome) = (None, None);
    let event = Event::Blocked(vec![waiting]);
    scene.step(killer, Action::Await { event });
    let processes = vec![putter];
    scene.step(
        killer,
        Action::Kill {
            processes,
            terminates: false,
        },
    );
    scene.gets(consumer, q, got.iter().cloned(), None);
    scene
}

#[test]
fn an_item_that_was_being_put_at_a_kill_may_arrive_or_not() {
    let not = text(&killed_putter(&[Item::Int(0)]));
    assert_eq!(
        not,
        text(&killed_putter(&[Item::Int(0), "too much".into()]))
    );
    insta::assert_snapshot!(not, @r#"
    putter
      put  q  0
      put  q  "too much" -> pending
      killed
    consumer
      get  q  0
    "#);
}

#[test]
fn a_get_that_names_its_items_is_certain_of_them() {
    let mut scene = killed_writer(false, 1);
    let last = scene.permutation.expected.len() - 1;
    scene.permutation.expected[last].items = Some(vec![Value::Literal(Item::Int(0))]);
    assert!(text(&scene).contains("recv  p.rx  0 -> end"));
}

#[test]
fn a_get_that_names_its_items_is_certain_of_their_order() {
    let mut scene = PermutationBuilder::new();
    let q = scene.queue("q");
    let producers = scene.replicas("producer", 2);
    let consumer = scene.process("consumer");
    for (producer, n) in producers.into_iter().zip([1, 2]) {
        scene.puts(producer, q, ints([n]));
    }
    let step = scene.gets(consumer, q, ints([2, 1]), None);
    assert!(text(&scene).contains("get  q  1..2 (in any order)"));
    let named = ints([2, 1]).map(Value::Literal).collect();
    scene.permutation.expected[step as usize].items = Some(named);
    assert!(text(&scene).contains("get  q  2, 1\n"));
}

#[test]
fn refused_items_are_shown_with_their_outcome() {
    let mut scene = PermutationBuilder::new();
    let q = scene.queue("q");
    let producer = scene.process("producer");
    scene.puts(producer, q, ints(0..3));
    let too_many = Item::from("too many");
    let source = Source::Items(vec![Value::Literal(too_many.clone())]);
    let wait = Wait::Never;
    let step = scene.step(
        producer,
        Action::Put {
            end: q,
            source,
            wait,
        },
    );
    let what = (Some(q), Some(too_many));
    scene.record(
        producer,
        step,
        OperationKind::Put,
        what,
        Some(Outcome::Full),
    );
    insta::assert_snapshot!(text(&scene), @r#"
    producer
      put  q  0..2
      put  q  "too many" -> full
    "#);
}

#[test]
fn several_allowed_outcomes_are_shown_instead_of_the_actual_one() {
    let transcript = |outcome: Outcome, item: Option<Item>| {
        let mut scene = PermutationBuilder::new();
        let q = scene.queue("q");
        let consumer = scene.process("consumer");
        let wait = Wait::For(Duration::from_millis(1));
        let step = scene.step(
            consumer,
            Action::Get {
                end: q,
                limit: Limit::Count(1),
                each: Vec::new(),
                into: None,
                buffer: None,
                wait,
            },
        );
        let expected = &mut scene.permutation.expected[step as usize];
        expected.outcomes = vec![Outcome::Ok, Outcome::Timeout];
        expected.explicit = true;
        let what = (Some(q), item);
        scene.record(consumer, step, OperationKind::Get, what, Some(outcome));
        text(&scene)
    };
    let one = transcript(Outcome::Ok, Some(Item::Int(1)));
    assert_eq!(one, transcript(Outcome::Timeout, None));
    insta::assert_snapshot!(one, @r"
    consumer
      get  q  … -> ok or timeout
    ");
}

#[test]
fn an_operation_that_never_returned_is_pending() {
    let mut scene = PermutationBuilder::new();
    let q = scene.queue("q");
    let consumer = scene.process("consumer");
    let step = scene.gets(consumer, q, ints([7]), None);
    scene.record(consumer, step, OperationKind::Get, (Some(q), None), None);
    scene.history.processes[consumer].exit = Some(Exit::Ended);
    insta::assert_snapshot!(text(&scene), @r"
    consumer
      get  q  7 -> pending
      ended by the harness
    ");
}

#[test]
fn steps_that_only_synchronise_have_no_line() {
    let mut scene = PermutationBuilder::new();
    let parent = scene.process("parent");
    let child = scene.process("child");
    let processes = vec![child];
    let step = scene.step(parent, Action::Start { processes });
    let ok = Some(Outcome::Ok);
    scene.record(parent, step, OperationKind::Start, (None, None), ok);
    scene.printed(child, "\n");
    insta::assert_snapshot!(text(&scene), @r"
    child
      |
    ");
}

#[test]
fn only_unusual_exits_are_shown() {
    let mut scene = PermutationBuilder::new();
    let workers = scene.replicas("worker", 2);
    for worker in workers {
        scene.history.processes[worker].exit = Some(Exit::Code(3));
    }
    let never = scene.process("never");
    scene.history.processes[never].exit = None;
    let any = scene.process("any");
    scene.permutation.exits[any] = ExpectedExit::Any;
    scene.history.processes[any].exit = Some(Exit::Code(9));
    insta::assert_snapshot!(text(&scene), @r"
    worker ×2
      exit 3 ×2
    never
      never started
    ");
}

#[test]
fn a_line_has_its_operations() {
    let mut scene = PermutationBuilder::new();
    let q = scene.queue("q");
    let producer = scene.process("producer");
    scene.puts(producer, q, ints(0..2));
    scene.puts(producer, q, ints(2..3));
    let transcript = transcript_of(&scene);
    let id = |index| OperationId { process: 0, index };
    let operations: Vec<_> = transcript.lines.iter().map(|l| &l.operations[..]).collect();
    assert_eq!(operations, [&[][..], &[id(0), id(1)], &[id(2)]]);
}

/// A process with two threads that pass on items, and a third that puts those items.
fn pool(shares: [i64; 2]) -> PermutationBuilder {
    let mut scene = PermutationBuilder::new();
    let work = scene.queue("work");
    let done = scene.queue("done");
    let pool = scene.process("pool");
    let collector = scene.process("collector");
    let worker = |scene: &mut PermutationBuilder| {
        let each = vec![scene.inner(put(done, item_reference()))];
        scene.inner(get(work, each))
    };
    let feeding = Source::Items(ints(0..2).map(Value::Literal).collect());
    let threads = vec![
        vec![worker(&mut scene)],
        vec![worker(&mut scene)],
        vec![scene.inner(put(work, feeding))],
    ];
    let ids: Vec<_> = threads.iter().map(|steps| steps[0].id).collect();
    let puts: Vec<_> = threads[..2]
        .iter()
        .map(|t| t[0].inside()[0][0].id)
        .collect();
    scene.step(pool, Action::Threads { threads });
    let ok = Some(Outcome::Ok);
    for item in ints(0..2) {
        scene.record(
            pool,
            ids[2],
            OperationKind::Put,
            (Some(work), Some(item)),
            ok,
        );
    }
    for (n, share) in shares.into_iter().enumerate() {
        let item = || Some(Item::from(share));
        scene.record(pool, ids[n], OperationKind::Get, (Some(work), item()), ok);
        scene.record(pool, puts[n], OperationKind::Put, (Some(done), item()), ok);
    }
    scene.gets(collector, done, ints(shares), None);
    scene
}

#[test]
fn threads_are_shown_one_after_the_other_and_their_shares_are_open() {
    insta::assert_snapshot!(text(&pool([0, 1])), @r"
    pool
      thread 1
          put  done  …
      thread 2
          put  done  …
      thread 3
        put    work  0..1
    collector
      get  done  0..1 (in any order)
    pool, all threads
      get  work  0..1 (in any order)
    ");
    assert_eq!(text(&pool([0, 1])), text(&pool([1, 0])));
}

#[test]
fn steps_of_other_threads_are_open_at_a_kill() {
    let mut scene = PermutationBuilder::new();
    let [left, right] = ["left", "right"].map(|name| scene.queue(name));
    let victim = scene.process("victim");
    let killer = scene.process("killer");
    let one = |item: i64| Source::Items(vec![Value::Literal(item.into())]);
    let before = scene.inner(put(left, one(1)));
    let awaited = scene.inner(put(left, one(2)));
    let other = scene.inner(put(right, one(3)));
    let ids = [before.id, awaited.id, other.id];
    let threads = vec![vec![before, awaited], vec![other]];
    scene.step(victim, Action::Threads { threads });
    let ok = Some(Outcome::Ok);
    for (id, end, item) in [(ids[0], left, 1), (ids[1], left, 2), (ids[2], right, 3)] {
        let what = (Some(end), Some(item.into()));
        scene.record(victim, id, OperationKind::Put, what, ok);
    }
    let event = Event::Done(vec![ids[1]]);
    scene.step(killer, Action::Await { event });
    scene.step(
        killer,
        Action::Kill {
            processes: vec![victim],
            terminates: false,
        },
    );
    scene.permutation.exits[victim] = ExpectedExit::Killed;
    scene.history.processes[victim].exit = Some(Exit::Killed);
    insta::assert_snapshot!(text(&scene), @r"
    victim
      thread 1
        put  left   1
        put  left   2
      thread 2
        put  right  …
      killed
    ");
}
