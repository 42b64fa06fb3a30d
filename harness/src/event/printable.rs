//! Events whose texts are harmless to print, whatever they quote.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Event;
use crate::judge::TrialReport;
use crate::printable::{line, lines};

/// The fields with texts of several lines. Reports indent these lines.
const OF_LINES: [&str; 5] = ["why", "expected", "actual", "stderr", "instance"];

impl Event {
    /// Returns the event with texts that are harmless to print.
    pub(crate) fn printable(self) -> Event {
        match self {
            Event::Finished(report) => Event::Finished(Box::new(printable(*report))),
            // Their positions must stay right.
            Event::Texts(texts) => Event::Texts(texts),
            other => rewritten(other),
        }
    }
}

/// Returns the report with texts that are harmless to print. Standard output stays as it is, because
/// it is bytes.
pub(crate) fn printable(mut report: TrialReport) -> TrialReport {
    // These two may be long.
    let transcript = lines(&std::mem::take(&mut report.transcript));
    let stdout = std::mem::take(&mut report.stdout).into_iter();
    let stdout = stdout.map(|(process, bytes)| (line(&process).into_owned(), bytes));
    TrialReport {
        stdout: stdout.collect(),
        transcript,
        ..rewritten(report)
    }
}

fn rewritten<T: Serialize + DeserializeOwned>(record: T) -> T {
    let text = serde_json::to_string(&record);
    if text.as_deref().is_ok_and(is_printable) {
        return record;
    }
    let rewritten = serde_json::to_value(&record).and_then(|mut value| {
        rewrite(&mut value, line_of);
        serde_json::from_value(value)
    });
    rewritten.expect("a record can be read back, and words of the format are printable")
}

/// Whether no text in this JSON has a character to escape.
fn is_printable(json: &str) -> bool {
    let has_escapes = json.contains(r"\n") || json.contains(r"\r") || json.contains(r"\t");
    let has_escapes = has_escapes || [r"\b", r"\f", r"\u"].iter().any(|one| json.contains(one));
    !has_escapes && line(json) == json
}

fn line_of(text: &str) -> String {
    line(text).into_owned()
}

fn rewrite(value: &mut Value, printable: fn(&str) -> String) {
    match value {
        Value::String(text) => *text = printable(text),
        Value::Array(values) => values.iter_mut().for_each(|one| rewrite(one, printable)),
        Value::Object(fields) => fields.iter_mut().for_each(|(name, value)| {
            let has_lines = OF_LINES.contains(&name.as_str());
            rewrite(value, if has_lines { lines } else { printable });
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
