//! The cost of recording: one operation's record by itself, and messages over a pipe between two
//! processes with and without recording.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::hint::black_box;
use std::io::{self, Read};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use criterion::Criterion;
use ipc_conformance::backend::{
    Attached, Backend, Channel, Grant, Handle, Kind, Outcome, Parcel, PipeEnd, Side, Wait,
};
use ipc_conformance::internals::End;
use ipc_conformance::internals::log::{self, BeginRecord, LogWriter, ReturnRecord};
use ipc_conformance::internals::{Content, OperationKind, StdPipe, clock};

/// The number of messages in a round.
const MESSAGES: u32 = 200_000;
const MESSAGE: [u8; 64] = [7; 64];
const ROUNDS: usize = 9;

/// Names the variable for a child of this program: its side, whether it records, its processor.
const SIDE: &str = "RECORDING_BENCH_SIDE";

fn main() {
    if let Ok(side) = std::env::var(SIDE) {
        return run_side(&side);
    }
    let mut criterion = Criterion::default().configure_from_args();
    criterion.bench_function("one record", |b| {
        b.iter_custom(|times| {
            let block = |block: u64| records(u64::from(RECORDS).min(times - block));
            (0..times).step_by(RECORDS as usize).map(block).sum()
        });
    });
    criterion.final_summary();

    let each = one_record();
    println!("\nrecording an operation, prefaulted\n{each:>6.0} ns  <= 100 ns");
    println!("\nrate of 64-byte messages, one way, with recording / without");
    println!(" ratio  threshold  placement");
    for (placement, processors) in [
        ("two processors", [0, 1]),
        ("one processor", [0, 0]),
        ("as the system likes", [-1, -1]),
    ] {
        let ratio = median((0..ROUNDS).map(|_| {
            let without = one_way(false, processors).as_secs_f64();
            without / one_way(true, processors).as_secs_f64()
        }));
        println!("{ratio:>6.2}     >= 0.8  {placement}");
    }
}

/// Returns the median cost in nanoseconds.
fn one_record() -> f64 {
    median((0..ROUNDS).map(|_| records(u64::from(RECORDS)).as_nanos() as f64 / f64::from(RECORDS)))
}

/// The number of records that fit into a log's chunk of 4 MiB. The first record is as long as all
/// others together.
const RECORDS: u32 = 60_000;

/// Returns the time for so many records, within one chunk.
fn records(count: u64) -> Duration {
    let mut log = new_log();
    (0..65_300).for_each(|_| record(&mut log, || ()));
    let began = Instant::now();
    (0..count).for_each(|_| record(&mut log, || black_box(())));
    began.elapsed()
}

fn new_log() -> LogWriter {
    LogWriter::open(log::create().expect("a log can be created")).expect("a log can be opened")
}

fn record<T>(log: &mut LogWriter, call: impl FnOnce() -> T) -> T {
    let end = End {
        channel: 0,
        side: Side::Tx,
    };
    let begin = BeginRecord::of(0, OperationKind::Put)
        .on(end)
        .with(Content::of(&MESSAGE[..16]));
    let begun = log.begin(begin).expect("the log has room");
    let result = call();
    let returned = clock::now();
    let content = begin.content;
    log.done(
        &begun,
        returned,
        ReturnRecord {
            outcome: Outcome::Ok,
            content,
            raw: None,
            definite: false,
        },
    );
    result
}

/// Returns the time until the receiver has all messages.
fn one_way(recording: bool, processors: [i32; 2]) -> Duration {
    let (reader, writer) = io::pipe().expect("a pipe can be created");
    let start = |side: &str, processor: i32| {
        let mut command =
            Command::new(std::env::current_exe().expect("the system knows this program's path"));
        command.env(SIDE, format!("{side} {recording} {processor}"));
        command
    };
    let mut sender = start("send", processors[0])
        .stdin(Stdio::null())
        .stdout(Handle::from(writer))
        .spawn()
        .expect("the sender starts");
    let mut receiver = start("recv", processors[1])
        .stdin(Handle::from(reader))
        .stdout(Stdio::piped())
        .spawn()
        .expect("the receiver starts");
    let mut nanoseconds = String::new();
    let mut said = receiver.stdout.take().expect("standard output is a pipe");
    said.read_to_string(&mut nanoseconds)
        .expect("the receiver prints its time");
    sender.wait().expect("the sender exits");
    receiver.wait().expect("the receiver exits");
    Duration::from_nanos(nanoseconds.trim().parse().expect("the output is a number"))
}

fn run_side(side: &str) {
    let parts: Vec<&str> = side.split(' ').collect();
    let recording = parts[1] == "true";
    pin(parts[2].parse().expect("the processor is a number"));
    let mut log = recording.then(new_log);
    if parts[0] == "send" {
        let mut end = attach(Side::Tx, standard(io::stdout()));
        for _ in 0..MESSAGES {
            operate(log.as_mut(), || end.send(&MESSAGE, Wait::Deadline))
                .expect("a message can be sent");
        }
    } else {
        let mut end = attach(Side::Rx, standard(io::stdin()));
        let mut message = Vec::new();
        operate(log.as_mut(), || end.recv(&mut message, Wait::Deadline))
            .expect("the first message arrives");
        let began = Instant::now();
        for _ in 1..MESSAGES {
            operate(log.as_mut(), || end.recv(&mut message, Wait::Deadline))
                .expect("a message arrives");
        }
        println!("{}", began.elapsed().as_nanos());
    }
}

fn operate<T>(log: Option<&mut LogWriter>, call: impl FnOnce() -> T) -> T {
    match log {
        Some(log) => record(log, call),
        None => call(),
    }
}

#[cfg(unix)]
fn standard(stream: impl std::os::fd::AsFd) -> Handle {
    stream
        .as_fd()
        .try_clone_to_owned()
        .expect("a handle can be duplicated")
}

#[cfg(windows)]
fn standard(stream: impl std::os::windows::io::AsHandle) -> Handle {
    stream
        .as_handle()
        .try_clone_to_owned()
        .expect("a handle can be duplicated")
}

fn attach(side: Side, handle: Handle) -> Box<dyn PipeEnd> {
    let channel = Channel::new("p", Kind::Pipe);
    let grant = Grant {
        side,
        puts: side == Side::Tx,
        gets: side == Side::Rx,
    };
    let attached = StdPipe::pipe().attach(&channel, grant, Parcel::of([handle]));
    match attached.expect("a pipe's handle is an end") {
        Attached::Pipe(end) => end,
        _ => unreachable!("it is a pipe's backend"),
    }
}

#[cfg(target_os = "linux")]
fn pin(processor: i32) {
    use rustix::thread::{CpuSet, sched_setaffinity};
    if let Ok(processor) = usize::try_from(processor) {
        let mut set = CpuSet::new();
        set.set(processor);
        sched_setaffinity(None, &set).expect("the processor is there");
    }
}

/// On other systems, the system chooses the processors.
#[cfg(not(target_os = "linux"))]
fn pin(_processor: i32) {}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
