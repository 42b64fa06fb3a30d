use super::*;
use crate::adapter::protocol::{Bytes, Exited, LibraryError, OperationBegan, OperationReturned};
use crate::backend::{Outcome, Side, Wait};
use crate::history::{Exit, OperationKind};
use crate::plan::{
    Action, Codec, End, GivenEnd, Item, Limit, NO_STEP, PlannedChannel, Process, Source, Start,
    Step, Value,
};
use rstest::rstest;
use std::collections::BTreeMap;
use std::time::Duration;

const Q: End = End {
    channel: 0,
    side: Side::Queue,
};
const RUN: RunNumber = 3;
/// The producer's step, and the two steps of the consumer. The second one is watched.
const PUT: StepId = 0;
const GET: StepId = 1;
const AWAIT: StepId = 2;
const PRODUCER: ProcessIndex = 0;
const CONSUMER: ProcessIndex = 1;
/// When the run begins, and when all messages are received.
const BEGIN: u64 = 1_000_000_000;
const NOW: u64 = 2_000_000_000;

fn step(id: StepId, action: Action) -> Step {
    Step {
        id,
        watched: id == AWAIT,
        action,
    }
}

fn process(group: &str, steps: Vec<Step>) -> Process {
    Process {
        group: group.to_owned(),
        replica: None,
        start: Start::Spawn,
        starter: None,
        vars: BTreeMap::new(),
        ends: vec![GivenEnd {
            end: Q,
            puts: true,
            gets: true,
        }],
        steps,
    }
}

fn plan(codec: Codec) -> Plan {
    let sized = Value::Sized {
        number: Box::new(Value::Literal(Item::Int(7))),
        size: 9,
    };
    let put = Action::Put {
        end: Q,
        source: Source::Items(vec![sized]),
        wait: Wait::Deadline,
    };
    let get = Action::Get {
        end: Q,
        limit: Limit::Count(1),
        each: Vec::new(),
        into: None,
        buffer: None,
        wait: Wait::Deadline,
    };
    let event = crate::plan::Event::Done(vec![PUT]);
    let steps = vec![step(GET, get), step(AWAIT, Action::Await { event })];
    Plan {
        channels: vec![PlannedChannel::new("q", crate::backend::Kind::Queue, codec)],
        processes: vec![
            process("producer", vec![step(PUT, put)]),
            process("consumer", steps),
        ],
        deadline: Duration::from_secs(1),
        seed: 0,
        fault: None,
    }
}

fn alive(process: ProcessIndex) -> FromAdapter {
    let pid = 100 + process as u32;
    FromAdapter::Alive {
        run: RUN,
        process,
        pid,
    }
}

fn began(
    process: ProcessIndex,
    operation: usize,
    step: StepId,
    kind: OperationKind,
) -> OperationBegan {
    let is_on_end = matches!(kind, OperationKind::Put | OperationKind::Get);
    OperationBegan {
        run: RUN,
        process,
        thread: 0,
        operation,
        step,
        kind,
        end: is_on_end.then_some(Q),
        at: BEGIN + 10,
        item: None,
        timed: false,
        text: None,
    }
}

fn put(item: Item) -> FromAdapter {
    FromAdapter::Began(OperationBegan {
        item: Some(item),
        ..began(PRODUCER, 0, PUT, OperationKind::Put)
    })
}

fn get() -> FromAdapter {
    FromAdapter::Began(began(CONSUMER, 0, GET, OperationKind::Get))
}

fn waits() -> OperationBegan {
    began(CONSUMER, 0, AWAIT, OperationKind::Await)
}

fn returned(process: ProcessIndex, outcome: Outcome, item: Option<Item>) -> OperationReturned {
    OperationReturned {
        run: RUN,
        process,
        operation: 0,
        at: BEGIN + 20,
        outcome,
        item,
        error: None,
        handles: None,
    }
}

fn got(item: Item) -> FromAdapter {
    FromAdapter::Returned(returned(CONSUMER, Outcome::Ok, Some(item)))
}

fn exited(process: ProcessIndex) -> FromAdapter {
    let exit = Exited::Code(0);
    FromAdapter::Exited {
        run: RUN,
        process,
        exit,
    }
}

fn done() -> FromAdapter {
    FromAdapter::Done { run: RUN }
}

fn payload() -> Item {
    Item::Payload { number: 7, size: 9 }
}

/// Returns the processes' histories after these messages, or the first breach.
fn account(codec: Codec, messages: Vec<FromAdapter>) -> Result<Vec<ProcessHistory>, Breach> {
    let plan = plan(codec);
    let mut account = Account::new(&plan, RUN, BEGIN);
    for message in messages {
        account.take(message, NOW)?;
    }
    Ok(account.processes(None))
}

#[test]
fn messages_become_the_histories_of_the_processes() {
    let error = Some(LibraryError {
        kind: Some("Empty".to_owned()),
        code: Some(7),
        message: None,
        definite: true,
    });
    let output = FromAdapter::Output {
        run: RUN,
        process: CONSUMER,
        stream: OutputStream::Stdout,
        bytes: Bytes(b"hello\n".to_vec()),
    };
    let empty = OperationReturned {
        error,
        ..returned(CONSUMER, Outcome::Empty, None)
    };
    let messages = vec![
        alive(PRODUCER),
        put(payload()),
        alive(CONSUMER),
        get(),
        FromAdapter::Returned(empty),
        output,
        exited(CONSUMER),
        done(),
    ];
    let processes = account(Codec::Bytes, messages).unwrap();
    let put = processes[PRODUCER].operations[0];
    assert!(put.is_pending());
    assert_eq!(put.content.map(|content| content.length()), Some(9));
    assert_eq!(processes[PRODUCER].exit, None);
    let get = processes[CONSUMER].operations[0];
    assert_eq!((get.start, get.returned), (BEGIN + 10, Some(BEGIN + 20)));
    assert_eq!(get.raw.unwrap().to_string(), "Empty (7)");
    assert!(get.definite);
    assert_eq!(processes[CONSUMER].stdout, b"hello\n");
    assert_eq!(processes[CONSUMER].exit, Some(Exit::Code(0)));
}

#[rstest]
#[case::as_bytes(Codec::Bytes)]
#[case::as_a_value(Codec::Tagged)]
fn short_bytes_are_recognized_as_a_payload_that_was_put(#[case] codec: Codec) {
    let Item::Payload { number, size } = payload() else {
        unreachable!("it is one");
    };
    let bytes = Item::Bytes(crate::plan::payload::generate(number, size));
    let messages = vec![
        alive(PRODUCER),
        alive(CONSUMER),
        // Received before the put is reported, because each process reports by itself.
        get(),
        got(bytes),
        put(payload()),
    ];
    let processes = account(codec, messages).unwrap();
    let content = |process: ProcessIndex| processes[process].operations[0].content;
    assert_eq!(content(CONSUMER), content(PRODUCER));
}

#[test]
fn an_excerpt_of_a_long_corrupt_message_is_kept() {
    let mut bytes = crate::plan::payload::generate(1, 100);
    bytes[50] ^= 1;
    let messages = vec![alive(CONSUMER), get(), got(Item::Bytes(bytes.clone()))];
    let processes = account(Codec::Bytes, messages).unwrap();
    let [aside] = &processes[CONSUMER].asides[..] else {
        panic!("{:?}", processes[CONSUMER].asides);
    };
    assert_eq!((aside.offset, &aside.bytes[..]), (50, &bytes[50..98]));
}

#[test]
fn everything_after_the_end_of_the_run_is_left_out() {
    let plan = plan(Codec::Bytes);
    let mut account = Account::new(&plan, RUN, BEGIN);
    for message in [alive(CONSUMER), get(), got(payload())] {
        account.take(message, NOW).unwrap();
    }
    let processes = account.processes(Some(BEGIN + 15));
    let operation = processes[CONSUMER].operations[0];
    assert!(operation.is_pending());
    assert_eq!((operation.outcome, operation.content), (None, None));
}

#[test]
fn a_process_is_gone_if_its_starter_exits_before_starting_it() {
    let mut plan = plan(Codec::Bytes);
    plan.processes[CONSUMER].starter = Some(PRODUCER);
    let start = Action::Start {
        processes: vec![CONSUMER],
    };
    plan.processes[PRODUCER].steps = vec![step(9, start)];
    let start = FromAdapter::Began(began(PRODUCER, 0, 9, OperationKind::Start));
    for (starts, expected) in [(false, true), (true, false)] {
        let mut account = Account::new(&plan, RUN, BEGIN);
        account.take(alive(PRODUCER), NOW).unwrap();
        if starts {
            account.take(start.clone(), NOW).unwrap();
        }
        // A start may wait for another process, which the harness gives time.
        assert_eq!(account.is_coming(CONSUMER), starts);
        account.take(exited(PRODUCER), NOW).unwrap();
        assert_eq!(account.is_gone(CONSUMER), expected);
    }
}

/// The starter exits in the middle of the start, so the adapter says what came of it.
#[test]
fn a_process_that_never_became_alive_is_gone_when_the_adapter_says_so() {
    let mut plan = plan(Codec::Bytes);
    let gone = FromAdapter::Gone {
        run: RUN,
        process: CONSUMER,
    };
    let mut account = Account::new(&plan, RUN, BEGIN);
    let why = account.take(gone.clone(), NOW).unwrap_err().to_string();
    assert!(why.contains("is gone before it was alive"), "{why}");

    plan.processes[CONSUMER].starter = Some(PRODUCER);
    let mut account = Account::new(&plan, RUN, BEGIN);
    assert_eq!(account.take(gone, NOW), Ok(News::Gone(CONSUMER)));
    assert!(account.is_gone(CONSUMER) && !account.is_coming(CONSUMER));
    assert!(account.take(alive(CONSUMER), NOW).is_err());
}

#[test]
fn an_unsupported_run_ends_with_its_reason() {
    let plan = plan(Codec::Bytes);
    let mut account = Account::new(&plan, RUN, BEGIN);
    let why = "no step `get`".to_owned();
    let unsupported = FromAdapter::Unsupported {
        run: RUN,
        why: why.clone(),
    };
    account.take(unsupported, NOW).unwrap();
    let news = account.take(done(), NOW).unwrap();
    assert_eq!(news, News::Done(RunCompletion::Unsupported(why)));
}

fn unsupported() -> FromAdapter {
    let why = "out of luck".to_owned();
    FromAdapter::Unsupported { run: RUN, why }
}

#[rstest]
#[case::of_another_run(
    vec![FromAdapter::Done { run: 9 }],
    "said `done` of run 9 in run 3"
)]
#[case::of_no_process(vec![alive(2)], "said `alive` of process 2, and the plan has 2")]
#[case::ready_again(
    vec![FromAdapter::Refused { why: String::new() }],
    "said `refused` in the middle of a run"
)]
#[case::an_error(
    vec![FromAdapter::Error { why: "what?".to_owned() }],
    "doesn't understand a message of the harness: what?"
)]
#[case::alive_twice(vec![alive(0), alive(0)], "producer is alive a second time")]
#[case::acts_unborn(vec![put(payload())], "producer does something before it is alive")]
#[case::acts_after_its_exit(
    vec![alive(0), exited(0), put(payload())],
    "producer does something after its exit"
)]
#[case::exits_unborn(vec![exited(0)], "producer exited before it was alive")]
#[case::exits_twice(vec![alive(0), exited(0), exited(0)], "producer exited twice")]
#[case::skips_a_number(
    vec![alive(1), FromAdapter::Began(OperationBegan { operation: 1, ..waits() })],
    "consumer began operation 1, where 0 comes next"
)]
#[case::does_two_things_at_once(
    vec![alive(1), get(), FromAdapter::Began(OperationBegan { operation: 1, ..waits() })],
    "consumer began operation 1 before operation 0 of the same thread returned"
)]
#[case::does_no_step(
    vec![alive(1), FromAdapter::Began(OperationBegan { step: 77, ..waits() })],
    "consumer does step 77, which isn't one of its steps"
)]
#[case::does_anothers_step(
    vec![alive(1), FromAdapter::Began(OperationBegan { step: PUT, ..waits() })],
    "consumer does step 0, which isn't one of its steps"
)]
#[case::does_a_step_otherwise(
    vec![alive(1), FromAdapter::Began(OperationBegan { kind: OperationKind::Idle, ..waits() })],
    "consumer does step 2 by an operation of another kind: Idle"
)]
#[case::does_it_on_another_thread(
    vec![alive(1), FromAdapter::Began(OperationBegan { thread: 1, ..waits() })],
    "consumer does step 2 on thread 1, but it belongs to thread 0"
)]
#[case::does_it_to_another_end(
    vec![alive(1), FromAdapter::Began(OperationBegan { end: Some(Q), ..waits() })],
    "consumer does step 2 on another end"
)]
#[case::does_something_unasked(
    vec![alive(1), FromAdapter::Began(OperationBegan { step: NO_STEP, ..waits() })],
    "consumer does something without a step, which only the exit may do"
)]
#[case::puts_nothing(
    vec![alive(0), FromAdapter::Began(began(0, 0, PUT, OperationKind::Put))],
    "producer began operation 0 without the item that it puts"
)]
#[case::gets_nothing(
    vec![alive(1), get(), FromAdapter::Returned(returned(1, Outcome::Ok, None))],
    "consumer received no item by operation 0, although its outcome is ok"
)]
#[case::gets_from_an_empty_queue(
    vec![alive(1), get(), FromAdapter::Returned(returned(1, Outcome::Empty, Some(payload())))],
    "consumer received an item by operation 0, which can't receive one"
)]
#[case::gets_more_than_memory_holds(
    vec![alive(1), get(), got(Item::Payload { number: 1, size: 1 << 60 })],
    "consumer has a payload of 1152921504606846976 bytes, and the plan's largest has 9"
)]
#[case::returns_unbegun(
    vec![alive(1), got(payload())],
    "consumer returned from operation 0, which never began"
)]
#[case::returns_twice(
    vec![alive(1), get(), got(payload()), got(payload())],
    "consumer returned from operation 0, which had returned"
)]
#[case::returns_and_does_not(
    vec![alive(1), get(), FromAdapter::Returned(returned(1, Outcome::Pending, None))],
    "consumer returned from operation 0 with the outcome `pending`"
)]
#[case::goes_back_in_time(
    vec![alive(1), get(), FromAdapter::Returned(OperationReturned {
        at: BEGIN + 9, ..returned(1, Outcome::Empty, None)
    })],
    "consumer did operation 0 before its previous one"
)]
#[case::acts_before_the_run(
    vec![alive(1), FromAdapter::Began(OperationBegan { at: 1, ..waits() })],
    "consumer did operation 0 before the run, by 998999999 ns"
)]
#[case::acts_in_the_future(
    vec![alive(1), FromAdapter::Began(OperationBegan { at: NOW + 9_000_000, ..waits() })],
    "consumer did operation 0 in the future, by 8000000 ns"
)]
#[case::is_done_with_an_unwatched_step(
    vec![alive(0), FromAdapter::StepDone { run: RUN, process: 0, step: PUT }],
    "producer is done with step 0, which isn't watched"
)]
#[case::is_done_before_it_returned(
    vec![
        alive(1),
        FromAdapter::Began(waits()),
        FromAdapter::StepDone { run: RUN, process: 1, step: AWAIT },
    ],
    "consumer is done with step 2, but its operation 0 hasn't returned"
)]
#[case::asks_for_something_else(
    vec![
        alive(1),
        FromAdapter::Began(waits()),
        FromAdapter::Ask { run: RUN, process: 1, thread: 0, what: Ask::Kill(vec![0]) },
    ],
    "consumer asks for something that its current step doesn't wait for: Kill([0])"
)]
#[case::supports_it_after_all(
    vec![unsupported(), alive(0)],
    "said `alive` of a run that it had called unsupported"
)]
#[case::supports_it_no_more(
    vec![alive(0), unsupported()],
    "producer is alive in a run that it then calls unsupported"
)]
fn a_contradiction_is_a_breach_of_the_adapter(
    #[case] messages: Vec<FromAdapter>,
    #[case] expected: &str,
) {
    let last = messages.len() - 1;
    let plan = plan(Codec::Bytes);
    let mut account = Account::new(&plan, RUN, BEGIN);
    for (number, message) in messages.into_iter().enumerate() {
        match account.take(message, NOW) {
            Ok(_) => assert_ne!(number, last, "nothing is wrong with it"),
            Err(breach) => {
                let breach = breach.to_string();
                assert_eq!(number, last, "{breach}");
                assert!(breach.starts_with("the adapter "), "{breach}");
                assert!(breach.contains(expected), "{breach}");
            }
        }
    }
}
