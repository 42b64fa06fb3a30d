use super::*;
use crate::backend::{Capabilities, Kind, Outcome, System};
use crate::clause::Catalogue;
use crate::event::{BackendInfo, Header, VERSION};
use crate::judge::{ClauseVerdict, FileLine, ShownEvent, TrialName};
use anstream::adapter::strip_str;

/// A catalogue with clauses of several profiles.
pub(in crate::report) fn catalogue() -> Catalogue {
    let clauses = [
        (
            "pipe.order.single-writer",
            "Messages of one writer arrive in the order in which it sent them.",
            "core",
        ),
        (
            "pipe.eof.sticky",
            "After a receiver sees end of stream, it sees nothing else.",
            "core",
        ),
        (
            "pipe.frame.boundaries-preserved",
            "Each send is received as one message.",
            "core",
        ),
        (
            "queue.order.fifo-per-producer",
            "Items of one producer are got in the order in which it put them.",
            "mp",
        ),
        ("live.deadline", "Every operation returns.", "harness"),
    ];
    let text: String = clauses
        .iter()
        .map(|(id, sentence, profile)| {
            format!(
                "[[clause]]\nid = \"{id}\"\nsentence = \"{sentence}\"\nlevel = \"must\"\n\
                 profile = \"{profile}\"\nsource = \"a test\"\n"
            )
        })
        .collect();
    Catalogue::parse(&text).unwrap()
}

/// The header of a run of so many trials.
pub(in crate::report) fn header(trials: usize) -> Event {
    Event::Header(Header {
        version: VERSION,
        program: "0.0.0".to_owned(),
        system: System::Linux,
        emulation: None,
        architecture: "x86_64".to_owned(),
        seed: 7,
        jobs: 2,
        trials,
        partition: None,
        backends: vec![BackendInfo {
            key: Key::new(Kind::Pipe, "std/pipe"),
            about: "a pipe".into(),
            capabilities: Capabilities::new(),
        }],
    })
}

/// The footer of a run with these verdicts.
pub(in crate::report) fn footer(counts: &[(Verdict, usize)]) -> Event {
    Event::Footer(Footer {
        counts: counts.to_vec(),
        interrupted: false,
        elapsed: 1,
        waited: 0,
    })
}

/// A trial that passed.
pub(in crate::report) fn passed(case: &str, permutation: &str) -> TrialReport {
    TrialReport {
        name: TrialName {
            case: case.to_owned(),
            permutation: permutation.to_owned(),
            backend: Key::new(Kind::Pipe, "std/pipe"),
        },
        verdict: Verdict::Pass,
        too_slow: false,
        why: None,
        clauses: vec![ClauseVerdict {
            clause: "pipe.order.single-writer".into(),
            verdict: Verdict::Pass,
            listed: true,
            evidence: 5,
            breaks: Vec::new(),
            divergence: None,
        }],
        findings: Vec::new(),
        failures: Vec::new(),
        errors: Vec::new(),
        wait_for: None,
        transcript: String::new(),
        composed: Vec::new(),
        stdout: vec![("consumer".to_owned(), b"Received 0\nReceived 1\n".to_vec())],
        operations: 12,
        waited: 0,
        instance: None,
        elapsed: 3,
        ended: None,
    }
}

/// A trial that failed because messages were swapped.
pub(in crate::report) fn failed(case: &str, permutation: &str) -> TrialReport {
    let mut report = passed(case, permutation);
    report.verdict = Verdict::Fail;
    report.clauses[0].verdict = Verdict::Fail;
    report.failures = vec![page()];
    report
}

/// The page of swapped messages.
pub(in crate::report) fn page() -> FailurePage {
    let event = |process: &str, index, text: &str, outcome: &str, from| ShownEvent {
        process: process.to_owned(),
        index,
        thread: 0,
        text: text.to_owned(),
        outcome: Some(outcome.to_owned()),
        raw: None,
        wrong: outcome == "1",
        from,
        start: 0,
        returned: Some(1),
    };
    FailurePage {
        clause: Some("pipe.order.single-writer".into()),
        invariant: "order".to_owned(),
        span: None,
        expected: "0 before 1, as producer sent them".to_owned(),
        actual: "consumer received 1 and then 0".to_owned(),
        events: vec![
            event("producer", 0, "send p.tx 0", "ok", None),
            event("producer", 0, "send p.tx 1", "ok", None),
            event("consumer", 1, "recv p.rx", "1", Some(1)),
            event("consumer", 1, "recv p.rx", "0", Some(0)),
        ],
        stderr: Vec::new(),
        notes: Vec::new(),
        also: Vec::new(),
    }
}

fn shown(detail: Detail, reports: Vec<TrialReport>) -> String {
    shown_with(detail, false, reports)
}

/// The report, with a list of divergences if `lists` says so.
fn shown_with(detail: Detail, lists: bool, reports: Vec<TrialReport>) -> String {
    let sources = Sources {
        catalogue: catalogue(),
        ..Sources::default()
    };
    let mut bytes = Vec::new();
    let mut text = TextReport::new(&mut bytes, &sources, detail).lists_divergences(lists);
    let mut counts = std::collections::BTreeMap::new();
    text.event(&header(reports.len())).unwrap();
    for report in reports {
        *counts.entry(report.verdict).or_insert(0) += 1;
        text.event(&Event::Finished(Box::new(report))).unwrap();
    }
    let counts: Vec<(Verdict, usize)> = counts.into_iter().collect();
    text.event(&footer(&counts)).unwrap();
    drop(text);
    strip_str(std::str::from_utf8(&bytes).unwrap()).to_string()
}

#[test]
fn a_few_trials_are_shown_one_by_one() {
    let mut none = passed("seed/isolation", "start=fork");
    none.verdict = Verdict::NotApplicable;
    none.why = Some("no fork".to_owned());
    none.stdout.clear();
    let mut two = passed("seed/two", "");
    two.stdout = vec![
        ("left".to_owned(), b"\n".to_vec()),
        ("right".to_owned(), "∠・ω no end".as_bytes().to_vec()),
    ];
    let reports = vec![passed("seed/pipe", ""), two, none];
    insta::assert_snapshot!(shown(Detail::Trials, reports));
}

#[test]
fn many_trials_are_shown_as_a_matrix() {
    let reports = vec![passed("seed/pipe", ""), passed("pipe/sizes", "size=1")];
    insta::assert_snapshot!(shown(Detail::Matrix, reports));
}

fn broke(outcome: Outcome) -> Break {
    Break {
        step: "recv p.rx".to_owned(),
        label: None,
        outcome,
        raw: None,
        operation: None,
    }
}

#[test]
fn a_trial_that_passed_shows_its_unpromised_breaks() {
    let mut report = passed("seed/pipe", "");
    report.clauses[0].verdict = Verdict::Unpromised;
    report.clauses[0].breaks = vec![broke(Outcome::Gone)];
    let text = shown(Detail::Trials, vec![report]);
    let lines: Vec<&str> = text.lines().take(2).collect();
    assert_eq!(
        lines,
        [
            "pass  seed/pipe@pipe:std/pipe",
            "  pipe.order.single-writer isn't kept, and isn't promised: recv p.rx -> gone",
        ]
    );
}

#[test]
fn one_line_counts_trials_that_diverge() {
    insta::assert_snapshot!(shown(Detail::Matrix, diverging_trials()));
}

#[test]
fn divergences_are_listed_on_request() {
    insta::assert_snapshot!(shown_with(Detail::Matrix, true, diverging_trials()));
}

#[test]
fn trials_that_are_documented_otherwise_are_counted_apart() {
    let mut reports = diverging_trials();
    reports[0].verdict = Verdict::Documented;
    reports[0].clauses[0].verdict = Verdict::Documented;
    let text = shown(Detail::Matrix, reports.clone());
    let counts = "1 trial is documented otherwise, 2 trials diverge as reviewed; `run";
    assert!(text.contains(counts), "{text}");
    let text = shown_with(Detail::Matrix, true, reports);
    for heading in [
        "documented  pipe:std/pipe, as its documents say\n",
        "diverges  pipe:std/pipe, as reviewed\n",
    ] {
        assert!(text.contains(heading), "{text}");
    }
}

#[test]
fn trials_that_are_shown_one_by_one_need_no_count_of_divergences() {
    let mut reports = diverging_trials();
    reports.truncate(1);
    let text = shown(Detail::Trials, reports.clone());
    assert!(!text.contains("as reviewed"), "{text}");
    let text = shown_with(Detail::Trials, true, reports);
    assert!(text.contains("in 1 trial "), "{text}");
}

/// Trials of one divergence that broke in two ways.
fn diverging_trials() -> Vec<TrialReport> {
    let diverging = |permutation, outcome| {
        let mut report = passed("pipe/sizes", permutation);
        report.verdict = Verdict::Diverges;
        report.clauses[0].verdict = Verdict::Diverges;
        report.clauses[0].breaks = vec![broke(outcome)];
        report.clauses[0].divergence = Some(FileLine {
            file: "golden/divergences/pipe-std-pipe.toml".to_owned(),
            line: 3,
        });
        report
    };
    vec![
        diverging("size=1", Outcome::Gone),
        diverging("size=2", Outcome::Gone),
        diverging("size=3", Outcome::Error),
    ]
}

#[test]
fn the_same_failure_has_one_page() {
    let reports = vec![
        failed("pipe/sizes", "size=1"),
        failed("pipe/sizes", "size=2"),
        failed("pipe/empty", ""),
    ];
    let text = shown(Detail::Matrix, reports);
    assert_eq!(text.matches("run it again").count(), 2, "{text}");
    assert_eq!(text.matches("as above").count(), 1, "{text}");
}

#[test]
fn an_unknown_trial_is_shown_with_its_reason() {
    let mut report = passed("seed/pipe", "");
    report.verdict = Verdict::Unknown;
    report.why = Some("no golden was reviewed yet".to_owned());
    let text = shown(Detail::Matrix, vec![report]);
    let first = text.lines().next().unwrap();
    assert_eq!(
        first,
        "unknown  seed/pipe@pipe:std/pipe  (no golden was reviewed yet)"
    );
}

#[test]
fn output_of_processes_has_no_control_characters() {
    let mut report = passed("seed/pipe", "");
    report.stdout = vec![("consumer".to_owned(), b"\x1b[2Jgone\r\n".to_vec())];
    let text = shown(Detail::Trials, vec![report]);
    assert!(!text.contains('\u{1b}') && !text.contains('\r'), "{text}");
}

#[test]
fn the_report_of_a_trial_is_the_same_in_every_run() {
    let slow = |elapsed, operations| TrialReport {
        elapsed,
        operations,
        ..failed("seed/pipe", "")
    };
    assert_eq!(
        shown(Detail::Trials, vec![slow(1, 1)]),
        shown(Detail::Trials, vec![slow(2, 3)])
    );
}
