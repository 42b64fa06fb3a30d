//! The time to judge a million recorded operations with all invariants.

mod memory;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use ipc_conformance::backend::{Capabilities, Capability, Kind, Outcome, Side, Wait};
use ipc_conformance::internals::invariant::{self, Evidence};
use ipc_conformance::internals::{
    Action, Codec, Exit, Expected, ExpectedExit, Finding, FindingState, History, Item, Limit,
    Operation, OperationKind, Permutation, Plan, PlannedChannel, Process, ProcessHistory, Source,
    Start, Step, Value, content_of,
};
use ipc_conformance::internals::{End, GivenEnd};

const THRESHOLD: Duration = Duration::from_secs(2);
const MOST_MEMORY: u64 = 1 << 30;
const OPERATIONS: u64 = 1_000_000;
const PRODUCERS: u64 = 4;
const CONSUMERS: u64 = 4;
const ITEMS: u64 = (OPERATIONS / 2 - CONSUMERS) / PRODUCERS * PRODUCERS;
/// The time between two puts, in nanoseconds. An item is received after twice as long.
const PACE: u64 = 1_000;

const Q: End = End {
    channel: 0,
    side: Side::Queue,
};

fn process(group: &str, replica: u64, step: Step) -> Process {
    Process {
        group: group.to_owned(),
        replica: Some(replica),
        start: Start::Spawn,
        starter: None,
        vars: BTreeMap::new(),
        ends: vec![GivenEnd {
            end: Q,
            puts: group != "consumer",
            gets: group == "consumer",
        }],
        steps: vec![step],
    }
}

fn step(id: u64, action: Action) -> Step {
    Step {
        id: id as u32,
        watched: false,
        action,
    }
}

fn put(source: Source) -> Action {
    Action::Put {
        end: Q,
        source,
        wait: Wait::Deadline,
    }
}

/// Returns a plan of four producers, a closer and four consumers.
fn permutation() -> Permutation {
    let share = ITEMS / PRODUCERS;
    let mut processes = Vec::new();
    for n in 0..PRODUCERS {
        let source = Source::Count {
            from: (n * share) as i64,
            count: share,
            size: None,
        };
        processes.push(process("producer", n, step(n, put(source))));
    }
    let nones = vec![Value::Literal(Item::None); CONSUMERS as usize];
    let close = step(PRODUCERS, put(Source::Items(nones)));
    processes.push(process("closer", 0, close));
    for n in 0..CONSUMERS {
        let get = Action::Get {
            end: Q,
            limit: Limit::Until(vec![Value::Literal(Item::None)]),
            each: Vec::new(),
            into: None,
            buffer: None,
            wait: Wait::Deadline,
        };
        processes.push(process("consumer", n, step(PRODUCERS + 1 + n, get)));
    }
    let steps = processes.len();
    let expected = Expected {
        span: 0..0,
        label: None,
        outcomes: vec![Outcome::Ok],
        items: None,
        explicit: false,
    };
    let mut clauses: Vec<_> = invariant::ALL
        .iter()
        .flat_map(|invariant| invariant.clauses)
        .map(|clause| (*clause).into())
        .collect();
    clauses.sort();
    clauses.dedup();
    Permutation {
        case: "bench/judging".into(),
        values: Vec::new(),
        plan: Plan {
            channels: vec![PlannedChannel {
                capacity: Some(64),
                ..PlannedChannel::new("q", Kind::Queue, Codec::Tagged)
            }],
            processes,
            deadline: Duration::from_secs(60),
            seed: 0,
            fault: None,
        },
        expected: vec![expected; steps],
        exits: vec![ExpectedExit::Code(0); steps],
        clauses,
        requires: Vec::new(),
    }
}

fn history(permutation: &Permutation) -> History {
    let seen = |_| ProcessHistory {
        exit: Some(Exit::Code(0)),
        ..ProcessHistory::default()
    };
    let mut processes: Vec<_> = permutation.plan.processes.iter().map(seen).collect();
    let mut record = |process: u64, kind, item: &Item, start, returned| {
        let content = content_of(item, Codec::Tagged).expect("every item has a tagged form");
        processes[process as usize].operations.push(Operation {
            step: process as u32,
            thread: 0,
            kind,
            end: Some(Q),
            start,
            returned: Some(returned),
            outcome: Some(Outcome::Ok),
            content: Some(content),
            raw: None,
            definite: false,
        });
    };
    let share = ITEMS / PRODUCERS;
    for n in 0..ITEMS + CONSUMERS {
        let now = n * PACE;
        let (producer, item) = if n < ITEMS {
            let producer = n % PRODUCERS;
            let item = producer * share + n / PRODUCERS;
            (producer, Item::Int(item as i64))
        } else {
            (PRODUCERS, Item::None)
        };
        record(producer, OperationKind::Put, &item, now, now + 3 * PACE);
        let consumer = PRODUCERS + 1 + n % CONSUMERS;
        let got = now + 2 * PACE;
        record(consumer, OperationKind::Get, &item, got, got + 3 * PACE);
    }
    History {
        processes,
        ..History::default()
    }
}

fn judge(permutation: &Permutation, history: &History, claims: &Capabilities) -> Vec<Finding> {
    let evidence = Evidence::new(permutation, history, claims);
    invariant::judge(&evidence)
}

fn judging(criterion: &mut Criterion) {
    let permutation = permutation();
    let history = history(&permutation);
    let claims = Capabilities::new().native(Capability::ALL);
    let recorded: usize = history.processes.iter().map(|p| p.operations.len()).sum();

    let before = memory::peak();
    let started = Instant::now();
    let findings = judge(&permutation, &history, &claims);
    let took = started.elapsed();
    let broken = findings
        .iter()
        .find(|finding| matches!(finding.state, FindingState::Broken(_)));
    assert_eq!(broken, None, "the history is that of a correct queue");
    report(recorded, took, before);

    let mut group = criterion.benchmark_group("judging");
    group.sample_size(10);
    group.bench_function("1,000,000 operations", |bencher| {
        bencher.iter(|| black_box(judge(&permutation, &history, &claims)));
    });
    group.finish();
}

#[expect(clippy::print_stderr, reason = "a bench's output is what it prints")]
fn report(recorded: usize, took: Duration, before: Option<u64>) {
    eprintln!("{recorded} operations judged in {took:.2?}; threshold {THRESHOLD:?}");
    if let (Some(before), Some(after)) = (before, memory::peak()) {
        let mib = |bytes: u64| bytes >> 20;
        eprintln!(
            "peak memory {} MiB, {} MiB of it the history; threshold {} MiB",
            mib(after),
            mib(before),
            mib(MOST_MEMORY)
        );
        assert!(after < MOST_MEMORY, "too much memory");
    }
    assert!(took < THRESHOLD, "too slow");
}

criterion_group!(benches, judging);
criterion_main!(benches);
