//! Event logs and reports of trials, for tests of what is printed.

use crate::backend::{Capabilities, Key, Kind, System};
use crate::clause::Catalogue;
use crate::event::{BackendInfo, Event, Footer, Header, VERSION};
use crate::judge::{ClauseVerdict, FailurePage, ShownEvent, TrialName, TrialReport, Verdict};

/// A catalogue with clauses of several profiles.
pub(crate) fn catalogue() -> Catalogue {
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
pub(crate) fn header(trials: usize) -> Event {
    Event::Header(Header {
        version: VERSION,
        program: "0.0.0".to_owned(),
        system: System::Linux,
        emulation: None,
        architecture: "x86_64".to_owned(),
        kernel: String::new(),
        cores: 0,
        date: String::new(),
        command: String::new(),
        rerun: None,
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
pub(crate) fn footer(counts: &[(Verdict, usize)]) -> Event {
    Event::Footer(Footer {
        counts: counts.to_vec(),
        interrupted: false,
        elapsed: 1,
        waited: 0,
    })
}

/// A trial that passed.
pub(crate) fn passed(case: &str, permutation: &str) -> TrialReport {
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
        run: None,
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
pub(crate) fn failed(case: &str, permutation: &str) -> TrialReport {
    let mut report = passed(case, permutation);
    report.verdict = Verdict::Fail;
    report.clauses[0].verdict = Verdict::Fail;
    report.failures = vec![page()];
    report
}

/// The page of swapped messages.
pub(crate) fn page() -> FailurePage {
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
