use super::*;
use crate::backend::Outcome;
use crate::judge::FileLine;
use crate::test_support::reports::{catalogue, failed, footer, header, passed};
use anstream::adapter::strip_str;

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
