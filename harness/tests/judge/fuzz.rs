//! Random and malformed files are judged or rejected; nothing panics or hangs.
//!
//! `cargo test` tries a few thousand files. To try more: `IPC_CONFORMANCE_FUZZ=1000000 cargo test
//! --release --test harness judge::fuzz`.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::{Duration, Instant};

use fastrand::Rng;
use ipc_conformance::internals::{Hazard, JudgedFile, Reading, Recipe, generate, write_line};
use ipc_conformance::linearizable::{Claims, Empty, NEVER, Operation, Order, Outcome, Verdict};
use serde_json::value::RawValue;

const FILES: u64 = 3_000;

/// The maximum time for one file. All files are small.
const LIMIT: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
struct Tally {
    refused: u64,
    pass: u64,
    fail: u64,
    unknown: u64,
}

#[test]
fn random_files_are_judged_or_rejected() {
    let files = match std::env::var("IPC_CONFORMANCE_FUZZ") {
        Ok(number) => number
            .parse()
            .expect("IPC_CONFORMANCE_FUZZ is a number of files"),
        Err(_) => FILES,
    };
    let mut tally = Tally::default();
    for seed in 0..files {
        let mut rng = Rng::with_seed(seed);
        let file = file(&mut rng);
        let started = Instant::now();
        let judged = std::panic::catch_unwind(|| judge(&file, seed));
        let took = started.elapsed();
        match judged {
            Ok(None) => tally.refused += 1,
            Ok(Some(Verdict::Pass)) => tally.pass += 1,
            Ok(Some(Verdict::Fail)) => tally.fail += 1,
            Ok(Some(Verdict::Unknown)) => tally.unknown += 1,
            Err(_) => panic!("seed {seed}:\n{}", String::from_utf8_lossy(&file)),
        }
        assert!(
            took < LIMIT,
            "seed {seed} took {took:?}:\n{}",
            String::from_utf8_lossy(&file)
        );
    }
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{files} files: {tally:?}").expect("standard output is open");
    for kind in [tally.refused, tally.pass, tally.fail, tally.unknown] {
        assert!(kind > 0, "{tally:?} of {files}");
    }
}

/// Returns the verdict on a file, after writing it in both formats; none if the file was rejected.
fn judge(file: &[u8], seed: u64) -> Option<Verdict> {
    let mut rng = Rng::with_seed(!seed);
    let claims = claims(&mut rng);
    let mut reading = match rng.bool() {
        true => Reading::new(),
        false => Reading::keeping(rng.usize(0..20), claims),
    };
    let mut rest = file;
    while !rest.is_empty() {
        let (piece, more) = rest.split_at(rng.usize(1..=rest.len()));
        reading.feed(piece);
        rest = more;
    }
    let recorded = match reading.finish() {
        Ok(recorded) => recorded,
        Err(mistakes) => {
            assert!(!mistakes.is_empty());
            let lines = 1 + file.iter().filter(|byte| **byte == b'\n').count() as u64;
            for mistake in mistakes {
                assert!((1..=lines).contains(&mistake.line), "{mistake:?}");
                assert!(!mistake.render("file", rng.bool()).is_empty());
            }
            return None;
        }
    };
    let judged = recorded.judge(&claims);
    let verdict = judged.verdict;
    assert_eq!(judged.operations, recorded.operations());
    if verdict == Verdict::Pass {
        assert_eq!(judged.violations, []);
    }
    let report = JudgedFile {
        file: "file".to_owned(),
        judged: Some(judged),
        read: Duration::ZERO,
        judging: Duration::ZERO,
    };
    let mut page = Vec::new();
    report
        .write_text(&mut page)
        .expect("a vector accepts all bytes");
    let mut line = Vec::new();
    report
        .write_json(&mut line)
        .expect("a vector accepts all bytes");
    // Keeps numbers as written, because they may be out of range here.
    let line: BTreeMap<String, &RawValue> =
        serde_json::from_slice(&line).expect("the line is JSON");
    let is_right = line["violations"].get() == "[]";
    assert_eq!(
        is_right,
        verdict == Verdict::Pass || recorded.operations() == 0
    );
    Some(verdict)
}

fn claims(rng: &mut Rng) -> Claims {
    let pick = |rng: &mut Rng| rng.usize(0..3);
    Claims {
        order: [Order::Fifo, Order::PerProducer, Order::Unordered][pick(rng)],
        capacity: rng.bool().then(|| [1, 2, 3, u64::MAX][rng.usize(0..4)]),
        empty: [None, Some(Empty::Strict), Some(Empty::Timeout)][pick(rng)],
    }
}

/// Returns a history of a correct queue, changed first as operations and then, in half of the files,
/// as text.
fn file(rng: &mut Rng) -> Vec<u8> {
    let mut operations = generate(&Recipe {
        operations: rng.u32(0..24),
        peers: rng.u32(1..6),
        overlap: rng.f64(),
        capacity: rng.bool().then(|| rng.u64(1..4)),
        faults: Hazard::ALL.into_iter().filter(|_| rng.bool()).collect(),
        seed: rng.u64(..),
    })
    .operations;
    for _ in 0..rng.u32(0..4) {
        twist(&mut operations, rng);
    }
    let mut text = String::new();
    for operation in &operations {
        write_line(
            operation,
            ["q", "r"][usize::from(rng.u8(0..8) == 0)],
            &mut text,
        );
    }
    let mut bytes = text.into_bytes();
    if rng.bool() {
        for _ in 0..rng.u32(1..6) {
            garble(&mut bytes, rng);
        }
    }
    bytes
}

fn twist(operations: &mut Vec<Operation>, rng: &mut Rng) {
    if operations.is_empty() {
        return;
    }
    let (one, other) = (
        rng.usize(0..operations.len()),
        rng.usize(0..operations.len()),
    );
    let stamps = [
        0,
        1,
        NEVER - 1,
        rng.u64(0..1_000),
        operations[other].start,
        operations[other].end,
    ];
    let stamp = stamps[rng.usize(0..stamps.len())].min(NEVER - 1);
    let twisted = &mut operations[one];
    match rng.u8(0..8) {
        0 => twisted.start = stamp.min(twisted.end),
        1 if twisted.end != NEVER => twisted.end = stamp.max(twisted.start),
        2 => {
            twisted.end = NEVER;
            twisted.outcome = Outcome::Pending;
        }
        3 => operations.swap(one, other),
        4 => {
            let item = operations[one].item;
            operations[one].item = operations[other].item;
            operations[other].item = item;
        }
        5 => {
            operations.remove(one);
        }
        6 => operations[one].peer = operations[other].peer,
        _ => operations.push(operations[other]),
    }
}

const WORDS: [&str; 24] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    "\\",
    "\n",
    "\r\n",
    "null",
    "true",
    "-1",
    "1e999",
    "0",
    "18446744073709551615",
    "18446744073709551614",
    "\"item\":",
    "\"error\"",
    "\"definite\":true,",
    "\u{feff}",
    "\\ud800",
    "🦀",
    "\u{1b}[2J",
];

fn garble(bytes: &mut Vec<u8>, rng: &mut Rng) {
    let at = rng.usize(0..=bytes.len());
    let to = at + rng.usize(0..=(bytes.len() - at).min(100));
    match rng.u8(0..7) {
        0 if at < bytes.len() => bytes[at] = rng.u8(..),
        1 if at < bytes.len() => bytes[at] ^= 1 << rng.u8(0..8),
        2 => bytes.truncate(at),
        3 => {
            bytes.drain(at..to);
        }
        4 => {
            let piece = bytes[at..to].to_vec();
            let at = rng.usize(0..=bytes.len());
            bytes.splice(at..at, piece);
        }
        _ => {
            let word = WORDS[rng.usize(0..WORDS.len())].bytes();
            bytes.splice(at..to.min(at + rng.usize(0..4)), word);
        }
    }
}
