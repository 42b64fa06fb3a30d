//! The speed of reading and judging histories, its growth, and the memory use; compared with the
//! linearizability tester of the crate stateright.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod memory;

use std::collections::VecDeque;
use std::hint::black_box;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, Throughput};
use ipc_conformance::internals::{OnlineJudge, Reading, Recipe, generate, write_line};
use ipc_conformance::linearizable::{
    Claims, Empty, History, Kind, NEVER, Operation, Order, Verdict, judge,
};
use stateright::semantics::{ConsistencyTester, LinearizabilityTester, SequentialSpec};

const CLAIMS: Claims = Claims {
    order: Order::Fifo,
    capacity: None,
    empty: Some(Empty::Strict),
};

/// Numbers of operations, and the maximum time to judge them.
const SIZES: [(u32, Option<Duration>); 4] = [
    (10_000, None),
    (100_000, None),
    (1_000_000, Some(Duration::from_millis(150))),
    (10_000_000, Some(Duration::from_millis(1_500))),
];

/// The maximum time to judge the largest history online.
const ONLINE: Duration = Duration::from_millis(500);

const MOST_MEMORY: u64 = 1 << 30;

/// The number of rounds. The fastest counts, because other programs use the machine too.
const ROUNDS: u32 = 5;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let small = history(100_000);
    let mut group = criterion.benchmark_group("histories");
    group.throughput(Throughput::Elements(small.operations.len() as u64));
    group.sample_size(20);
    group.bench_function("judge 100,000 operations", |bencher| {
        bencher.iter(|| black_box(judge(&small, &CLAIMS)));
    });
    let text = text(&small);
    group.bench_function("read 100,000 operations", |bencher| {
        bencher.iter_batched(
            Reading::new,
            |reading| read(reading, &text),
            BatchSize::PerIteration,
        );
    });
    group.finish();
    criterion.final_summary();

    reading();
    growth();
    // Last, because it continues in the background after the time limit.
    against_stateright();
}

/// Returns a history of eight peers that are always in an operation.
fn history(operations: u32) -> History {
    generate(&Recipe {
        operations,
        peers: 8,
        overlap: 1.0,
        capacity: None,
        faults: Vec::new(),
        seed: 0,
    })
}

/// Judges histories as a whole and online.
fn growth() {
    println!("\njudging histories of 8 overlapping peers");
    println!("operations        time   threshold  ns / (n log2 n)  of the first  as it comes");
    let mut first = None;
    let mut slow = Vec::new();
    for (operations, threshold) in SIZES {
        let mut history = history(operations);
        let n = history.operations.len() as f64;
        let took = fastest(|| {
            let judgement = judge(&history, &CLAIMS);
            assert_eq!(
                judgement.verdict,
                Verdict::Pass,
                "the history is of a correct queue"
            );
        });
        history.operations.sort_by_key(|operation| operation.start);
        let coming = fastest(|| {
            let mut watch = OnlineJudge::of(&CLAIMS).expect("such claims can be judged online");
            for (number, operation) in (0..).zip(&history.operations) {
                watch
                    .see(number, *operation)
                    .expect("operations are sorted by start");
            }
            let judgement = watch.finish().judgement;
            assert_eq!(
                judgement.verdict,
                Verdict::Pass,
                "the history is of a correct queue"
            );
        });
        let each = took.as_secs_f64() * 1e9 / (n * n.log2());
        let first = *first.get_or_insert(each);
        let limit = threshold.map_or("none".to_owned(), |limit| format!("{limit:.1?}"));
        println!(
            "{n:>10}  {took:>10.2?}  {limit:>10}  {each:>15.2}  {:>12.2}  {coming:>11.2?}",
            each / first
        );
        let late = threshold.is_some_and(|threshold| took >= threshold);
        if late || (operations == 10_000_000 && coming >= ONLINE) {
            slow.push(n);
        }
    }
    if let Some(peak) = memory::peak() {
        println!(
            "peak memory {} MiB; threshold {} MiB",
            peak >> 20,
            MOST_MEMORY >> 20
        );
        assert!(peak < MOST_MEMORY, "too much memory");
    }
    assert!(slow.is_empty(), "too slow: {slow:?} operations");
}

fn reading() {
    const OPERATIONS: u32 = 1_000_000;
    let text = text(&history(OPERATIONS));
    let took = fastest(|| {
        let operations = read(Reading::new(), &text);
        assert!(operations > 0, "operations were read");
    });
    let rate = text.len() as f64 / took.as_secs_f64() / 1e6;
    println!(
        "\nreading {OPERATIONS} operations, {} MB: {took:.2?}, {rate:.0} MB/s",
        text.len() / 1_000_000
    );
}

fn text(history: &History) -> String {
    let mut text = String::new();
    for operation in &history.operations {
        write_line(operation, "q", &mut text);
    }
    text
}

fn read(mut reading: Reading, text: &str) -> usize {
    for piece in text.as_bytes().chunks(1 << 18) {
        reading.feed(piece);
    }
    let recorded = reading.finish().expect("the text is well formed");
    recorded.operations()
}

fn fastest(mut work: impl FnMut()) -> Duration {
    let rounds = (0..ROUNDS).map(|_| {
        let started = Instant::now();
        work();
        started.elapsed()
    });
    rounds.min().expect("there are rounds")
}

/// The time limit for stateright.
const PATIENCE: Duration = Duration::from_secs(10);

/// Stateright recurses once for each operation.
const STACK: usize = 4 << 30;

const LEAST_RATIO: f64 = 100.0;

fn against_stateright() {
    println!("\nagainst stateright's LinearizabilityTester");
    println!("operations  overlap        ours  stateright     ratio  threshold");
    for overlap in [0.2, 1.0] {
        for operations in [20, 50, 100, 200, 400, 800, 1_600] {
            let history = generate(&Recipe {
                operations,
                peers: 8,
                overlap,
                capacity: None,
                faults: Vec::new(),
                seed: 1,
            });
            let n = history.operations.len();
            let ours = fastest(|| {
                black_box(judge(&history, &CLAIMS));
            });
            let Some(theirs) = stateright(history) else {
                println!("{n:>10}  {overlap:>7}  {ours:>10.2?}  more than {PATIENCE:?}");
                break;
            };
            let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
            println!(
                "{n:>10}  {overlap:>7}  {ours:>10.2?}  {theirs:>10.2?}  {ratio:>8.0}  {LEAST_RATIO:>9}"
            );
            assert!(
                ratio >= LEAST_RATIO || n < 200,
                "the speed-up over stateright is too small"
            );
        }
    }
}

/// Returns the time that stateright takes to judge the history; none if it exceeds the limit.
fn stateright(history: History) -> Option<Duration> {
    let (done, took) = mpsc::channel();
    let judging = move || {
        let tester = tester(&history);
        let started = Instant::now();
        let consistent = tester.is_consistent();
        // The receiver may have reached its time limit.
        let _ = done.send((started.elapsed(), consistent));
    };
    let thread = thread::Builder::new().stack_size(STACK).spawn(judging);
    let thread = thread.expect("a thread starts");
    let (took, consistent) = took.recv_timeout(PATIENCE).ok()?;
    thread.join().expect("the thread hasn't panicked");
    assert!(consistent, "both judges agree");
    Some(took)
}

#[derive(Clone, Debug, Default)]
struct Queue(VecDeque<u32>);

#[derive(Clone, Copy, Debug)]
enum Call {
    Put(u32),
    Get,
}

impl SequentialSpec for Queue {
    type Op = Call;
    type Ret = Option<u32>;

    fn invoke(&mut self, call: &Call) -> Option<u32> {
        match call {
            Call::Put(item) => {
                self.0.push_back(*item);
                None
            }
            Call::Get => self.0.pop_front(),
        }
    }
}

/// Returns the history as its starts and ends in their order.
fn tester(history: &History) -> LinearizabilityTester<u32, Queue> {
    let mut tester = LinearizabilityTester::new(Queue::default());
    let operations = history.operations.iter();
    let starts = operations
        .clone()
        .map(|operation| (operation.start, 0, operation));
    let ends = operations.filter(|operation| operation.end != NEVER);
    let ends = ends.map(|operation| (operation.end, 1, operation));
    let mut events: Vec<(u64, u8, &Operation)> = starts.chain(ends).collect();
    // An end and a start at the same time are concurrent, so starts come first.
    events.sort_by_key(|(at, which, _)| (*at, *which));
    for (_, which, operation) in events {
        let done = match (which, operation.kind) {
            (0, Kind::Put) => tester.on_invoke(operation.peer, Call::Put(operation.item)),
            (0, _) => tester.on_invoke(operation.peer, Call::Get),
            (_, Kind::Put) => tester.on_return(operation.peer, None),
            (_, _) => tester.on_return(operation.peer, Some(operation.item)),
        };
        done.expect("operations of a peer don't overlap");
    }
    tester
}
