//! No report prints a text of others in a form that a terminal obeys or that passes for a line of the
//! harness.

use serde_json::Value;

use super::comparison;
use super::json;
use super::junit::JunitReport;
use super::merged;
use super::sources::{CaseText, Sources};
use super::text::{Detail, TextReport};
use crate::clause::Catalogue;
use crate::event::comparison::Comparison;
use crate::event::{Event, EventLog, Texts};
use crate::judge::{
    AlsoBroken, Break, FileLine, Hang, HangCause, Instance, PendingOperation, ReturnedError,
    TrialReport, Verdict, WaitFor,
};
use crate::test_support::reports::{failed, footer, header, page};

const NASTY: &str =
    "\n9999 trials on Linux: 9999 pass\u{1b}[2J\u{9b}2J\u{202e}\u{200b}\r\u{7f}\u{feff}";

/// Returns a report in which every field has a value.
fn full() -> TrialReport {
    let mut page = page();
    page.also = vec![AlsoBroken {
        clause: "pipe.eof.sticky".into(),
        invariant: "end".to_owned(),
        expected: "more".to_owned(),
        actual: "less".to_owned(),
    }];
    page.events[1].raw = Some("BrokenPipe (32)".to_owned());
    page.stderr = vec![("consumer".to_owned(), "panicked".to_owned())];
    page.notes = vec!["a note".to_owned()];
    let raw = crate::backend::RawError {
        kind: Some("EOFError".into()),
        code: Some(1),
    };
    let mut report = failed("seed/pipe", "size=4096");
    report.failures = vec![page];
    report.why = Some("the adapter exited".to_owned());
    report.clauses[0].breaks = vec![Break {
        step: "recv p.rx".to_owned(),
        label: Some("label".to_owned()),
        outcome: crate::backend::Outcome::Error,
        raw: Some(raw),
        operation: None,
    }];
    report.clauses[0].divergence = Some(FileLine {
        file: "golden/divergences/x.toml".to_owned(),
        line: 1,
    });
    report.errors = vec![ReturnedError {
        process: "consumer".to_owned(),
        step: "recv p.rx".to_owned(),
        outcome: crate::backend::Outcome::Error,
        raw,
    }];
    report.wait_for = Some(WaitFor {
        causes: vec![HangCause {
            hang: Hang::DeadPeer,
            what: "it was killed".to_owned(),
            operations: Vec::new(),
        }],
        waits: vec![PendingOperation {
            process: "consumer".to_owned(),
            operation: crate::history::OperationId {
                process: 0,
                index: 0,
            },
            text: "recv p.rx".to_owned(),
            place: 1,
            since: 1,
            lasted: 1,
            awaited: Vec::new(),
            whom: ", for producer".to_owned(),
            kernel: Vec::new(),
            seen: vec!["in poll(2)".to_owned()],
        }],
    });
    report.instance = Some(Instance {
        text: "title = \"a case\"".to_owned(),
        found: 1,
        of: 2,
        broke: 1,
        tried: 1,
    });
    let output = |process: &str| (process.to_owned(), format!("said{NASTY}").into_bytes());
    report.stdout = vec![output("producer"), output("consumer")];
    report
}

/// Returns these records with each of their texts made nasty, one at a time and then all at once. Words
/// of the format stay.
fn spoilt(event: &Event) -> Vec<Event> {
    let whole = serde_json::to_value(event).unwrap();
    let mut all = whole.clone();
    let mut events = Vec::new();
    for place in 0..texts(&mut whole.clone()).len() {
        let mut one = whole.clone();
        let spoil = |value: &mut Value| texts(value)[place].push_str(NASTY);
        spoil(&mut one);
        // Its reader refuses what isn't a word of the format.
        if let Ok(event) = serde_json::from_value::<Event>(one) {
            spoil(&mut all);
            events.push(event);
        }
    }
    assert!(!events.is_empty());
    events.push(serde_json::from_value(all).unwrap());
    events
}

fn texts(value: &mut Value) -> Vec<&mut String> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter_mut().flat_map(texts).collect(),
        Value::Object(fields) => fields.values_mut().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// Fails if the text has a character that a terminal obeys, or a line that isn't the harness's.
#[track_caller]
fn assert_harmless(text: &str) {
    let mut plain = String::new();
    let mut rest = text;
    // Colours of the harness.
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        let colour = after
            .strip_prefix('[')
            .and_then(|after| after.split_once('m'));
        let (numbers, after) = colour.unwrap_or_else(|| panic!("an escape in {text:?}"));
        let is_number = |c: char| c.is_ascii_digit() || c == ';';
        assert!(numbers.chars().all(is_number), "an escape in {text:?}");
        rest = after;
    }
    plain.push_str(rest);
    for line in plain.lines() {
        assert!(!line.starts_with("9999"), "a forged line in {plain}");
    }
    let harmful: String = plain
        .chars()
        .filter(|c| *c != '\n' && NASTY.contains(*c))
        .collect();
    let harmful = harmful.replace(|c: char| c == ' ' || c.is_ascii_graphic(), "");
    assert_eq!(harmful, "", "in {plain}");
}

fn sources() -> Sources {
    let case = CaseText {
        path: format!("cases/{NASTY}.toml"),
        text: format!("title = \"a{}\"\n", NASTY.replace('\n', "")),
    };
    let clauses = "[[clause]]\nid = \"pipe.order.single-writer\"\nlevel = \"must\"\nprofile = \"core\"\n\
                   source = \"ours\"\nsentence = \"\"\"A line.\n9999 trials on Linux\\u001B[2J\"\"\"\n";
    Sources {
        cases: [("seed/pipe".to_owned(), case)].into(),
        catalogue: Catalogue::parse(clauses).unwrap(),
        ..Sources::default()
    }
}

/// Returns all reports about these events.
fn reports(events: &[Event]) -> Vec<String> {
    let sources = sources();
    let mut reports = Vec::new();
    for detail in [Detail::Trials, Detail::Matrix] {
        let mut out = Vec::new();
        let mut report = TextReport::new(&mut out, &sources, detail).lists_divergences(true);
        for event in events {
            report.event(event).unwrap();
        }
        reports.push(String::from_utf8(out).unwrap());
    }
    let mut junit = JunitReport::new(&sources);
    events.iter().for_each(|event| junit.event(event));
    let mut out = Vec::new();
    junit.write(&mut out).unwrap();
    reports.push(String::from_utf8(out).unwrap());
    let (mut header, mut footer, mut of_trials) = (None, None, Vec::new());
    for event in events.iter().cloned() {
        match event {
            Event::Header(one) => header = Some(one),
            Event::Footer(one) => footer = Some(one),
            Event::Finished(report) => of_trials.push(*report),
            Event::Started { .. } | Event::Texts(_) => {}
        }
    }
    let log = EventLog {
        path: "a.jsonl".to_owned(),
        header: header.unwrap(),
        reports: of_trials,
        texts: Texts::default(),
        footer: footer.unwrap(),
    };
    let mut other = log.clone();
    other.header.program = "0.0.1".to_owned();
    other.reports.clear();
    let logs = [log, other];
    reports.push(merged::draw(&logs, &sources.catalogue));
    reports.push(merged::markdown(&logs, &sources.catalogue));
    reports.push(comparison::draw(&Comparison::of(&logs)));
    reports
}

#[test]
fn no_report_prints_a_harmful_text() {
    let [header, footer] = [header(1), footer(&[(Verdict::Fail, 1)])];
    let harmful = |event: &Event| spoilt(event).into_iter().map(Event::printable);
    for header in harmful(&header) {
        let trial = Event::Finished(Box::new(full()));
        let events = [header, trial.printable(), footer.clone()];
        reports(&events)
            .iter()
            .for_each(|text| assert_harmless(text));
    }
    for verdict in [
        Verdict::Fail,
        Verdict::AdapterError,
        Verdict::Diverges,
        Verdict::Unpromised,
    ] {
        for with_page in [true, false] {
            let mut report = full();
            report.verdict = verdict;
            report.clauses[0].verdict = verdict;
            if !with_page {
                report.failures.clear();
            }
            for trial in harmful(&Event::Finished(Box::new(report))) {
                let events = [header.clone(), trial, footer.clone()];
                reports(&events)
                    .iter()
                    .for_each(|text| assert_harmless(text));
            }
        }
    }
}

/// A log may come from another program.
#[test]
fn a_log_is_read_with_harmless_texts() {
    let trial = spoilt(&Event::Finished(Box::new(full()))).pop().unwrap();
    let mut log = Vec::new();
    for event in [&header(1), &trial, &footer(&[(Verdict::Fail, 1)])] {
        json::write(event, &mut log).unwrap();
    }
    let events = json::read(log.as_slice()).unwrap();
    assert_eq!(events[1], trial.printable());
    assert_eq!(events[1].clone().printable(), events[1]);
}
