//! The results of `judge`, as text and as JSON.

use std::io::{self, Write};
use std::time::Duration;

use serde::Serialize;
use serde_json::value::RawValue;

use super::sequence;
use super::style::{self, BAD, STRONG, paint};
use super::words::counted;
use crate::judge::{ShownEvent, Verdict};
use crate::linearizable;
use crate::linearizable::recorded::{FileJudgement, RecordedOperation, RecordedViolation};
use crate::printable;

/// A file of histories, and its result.
#[derive(Clone, Debug)]
pub struct JudgedFile {
    /// The path, as it was given.
    pub file: String,
    /// The result; `None` if the file couldn't be read.
    pub judged: Option<FileJudgement>,
    /// How long reading took.
    pub read: Duration,
    /// How long judging took.
    pub judging: Duration,
}

impl JudgedFile {
    fn verdict(&self) -> Verdict {
        match self.judged.as_ref().map(|judged| judged.verdict) {
            Some(linearizable::Verdict::Pass) => Verdict::Pass,
            Some(linearizable::Verdict::Fail) => Verdict::Fail,
            Some(linearizable::Verdict::Unknown) | None => Verdict::Unknown,
        }
    }

    fn violations(&self) -> &[RecordedViolation] {
        self.judged
            .as_ref()
            .map_or(&[], |judged| &judged.violations)
    }

    fn operations(&self) -> usize {
        self.judged.as_ref().map_or(0, |judged| judged.operations)
    }

    /// Writes a line with the verdict, and for each violation a sentence and the operations that
    /// prove it, in the order of time.
    pub fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        let verdict = self.verdict();
        let word = paint(style::of(verdict), verdict.word());
        let note = match &self.judged {
            None => "not read".to_owned(),
            Some(judged) => counted(judged.operations, "operation"),
        };
        writeln!(
            out,
            "{word}  {}  ({note})",
            paint(STRONG, printable::line(&self.file))
        )?;
        for violation in self.violations() {
            let pattern = paint(BAD, violation.pattern.word());
            writeln!(
                out,
                "  {pattern} on {}: {}",
                violation.readable_channel(),
                violation.message
            )?;
            for line in sequence::draw(&events(&violation.operations)).lines() {
                writeln!(out, "    {line}")?;
            }
        }
        Ok(())
    }

    /// Writes one line of JSON.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let record = FileRecord {
            file: &self.file,
            verdict: self.verdict(),
            operations: self.operations(),
            read_ms: milliseconds(self.read),
            judge_ms: milliseconds(self.judging),
            violations: self.violations().iter().map(ViolationRecord::of).collect(),
        };
        serde_json::to_writer(&mut *out, &record)?;
        writeln!(out)
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1_000.0
}

/// The JSON object of a file.
#[derive(Serialize)]
struct FileRecord<'a> {
    file: &'a str,
    verdict: Verdict,
    operations: usize,
    read_ms: f64,
    judge_ms: f64,
    violations: Vec<ViolationRecord<'a>>,
}

/// A violation, with the lines, items and peers of the operations that prove it.
#[derive(Serialize)]
struct ViolationRecord<'a> {
    pattern: &'static str,
    message: &'a str,
    channel: Option<&'a RawValue>,
    lines: Vec<u64>,
    items: Vec<&'a RawValue>,
    peers: Vec<&'a RawValue>,
}

impl ViolationRecord<'_> {
    fn of(violation: &RecordedViolation) -> ViolationRecord<'_> {
        let operations = &violation.operations;
        ViolationRecord {
            pattern: violation.pattern.word(),
            message: &violation.message,
            channel: serde_json::from_str(&violation.channel).ok(),
            lines: operations.iter().map(|operation| operation.line).collect(),
            items: values(
                operations
                    .iter()
                    .filter_map(|operation| operation.item.as_deref()),
            ),
            peers: values(operations.iter().map(|operation| operation.peer.as_str())),
        }
    }
}

/// Returns each of these JSON values once.
fn values<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a RawValue> {
    let mut values: Vec<&RawValue> = Vec::new();
    for text in texts {
        if values.iter().all(|value| value.get() != text)
            && let Ok(value) = serde_json::from_str(text)
        {
            values.push(value);
        }
    }
    values
}

/// Returns the operations in the order of time, each with its line and its timestamps.
fn events(operations: &[RecordedOperation]) -> Vec<ShownEvent> {
    let mut operations: Vec<&RecordedOperation> = operations.iter().collect();
    operations.sort_by_key(|operation| (operation.start, operation.end, operation.line));
    operations.dedup();
    let line = widest(operations.iter().map(|operation| operation.line));
    let start = widest(operations.iter().map(|operation| operation.start));
    let end = widest(operations.iter().filter_map(|operation| operation.end)).max(1);
    let put = |item: &String| {
        let mut operations = operations.iter();
        operations.position(|put| put.kind == "put" && put.item.as_ref() == Some(item))
    };
    let event = |operation: &&RecordedOperation| {
        let ended = operation.end.map_or("…".to_owned(), |end| end.to_string());
        let what = match operation.readable_item() {
            Some(item) if operation.kind == "put" => format!("put {item}"),
            Some(item) => format!("{} -> {item}", operation.kind),
            None => operation.kind.to_owned(),
        };
        ShownEvent {
            process: operation.readable_peer(),
            index: operation.peer_number as usize,
            thread: 0,
            text: format!(
                "line {:<line$}  {:>start$} to {ended:<end$}  {what}",
                operation.line, operation.start,
            ),
            outcome: operation.outcome.map(str::to_owned),
            raw: None,
            wrong: false,
            from: match (operation.kind, &operation.item) {
                ("get", Some(item)) => put(item),
                _ => None,
            },
            start: operation.start,
            returned: operation.end,
        }
    };
    operations.iter().map(event).collect()
}

fn widest(numbers: impl Iterator<Item = u64>) -> usize {
    let digits = |number: u64| number.checked_ilog10().unwrap_or(0) as usize + 1;
    numbers.map(digits).max().unwrap_or(0)
}
