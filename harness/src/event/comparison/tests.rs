use super::*;
use crate::backend::{About, Outcome, RawError, System};
use crate::judge::{ClauseVerdict, FileLine, TrialReport, Verdict};
use crate::test_support::logs::{broken, clause, log, raw, report, returned};
use rstest::rstest;

const EOF: &str = "pipe.eof.reported-as-eof";
const ORDER: &str = "pipe.order.single-writer";

fn linux(reports: Vec<TrialReport>) -> EventLog {
    log("linux.jsonl", System::Linux, reports)
}

fn windows(reports: Vec<TrialReport>) -> EventLog {
    log("windows.jsonl", System::Windows, reports)
}

fn not_run(case: &str, why: &str) -> TrialReport {
    let mut report = report(case, "lib/pipe", &[clause(EOF, Verdict::NotApplicable)]);
    report.why = Some(why.to_owned());
    report
}

fn kept() -> ClauseVerdict {
    clause(EOF, Verdict::Pass)
}

fn ended_by(verdict: Verdict, step: &str, error: RawError) -> ClauseVerdict {
    broken(EOF, verdict, step, Outcome::Error, Some(error))
}

/// The end of a stream as Windows reports it.
fn failed(step: &str) -> ClauseVerdict {
    ended_by(Verdict::Fail, step, raw("BrokenPipe", 109))
}

/// Compares two logs of one trial with one clause.
fn of_one(on_linux: ClauseVerdict, on_windows: ClauseVerdict) -> Comparison {
    Comparison::of(&[
        linux(vec![report("pipe/a", "lib/pipe", &[on_linux])]),
        windows(vec![report("pipe/a", "lib/pipe", &[on_windows])]),
    ])
}

#[test]
fn a_log_does_not_differ_from_itself() {
    let mut reports = vec![
        report("pipe/a", "lib/pipe", &[failed("recv p.rx")]),
        not_run("pipe/b", "no fork"),
    ];
    reports[0].errors = vec![returned("send p.tx", Outcome::Gone, raw("BrokenPipe", 32))];
    let log = linux(reports);
    let comparison = Comparison::of(&[log.clone(), log]);
    assert!(!comparison.differs());
    assert_eq!(comparison.differences, []);
    assert_eq!(comparison.errors, []);
    assert_eq!(comparison.shared, 2);
}

#[test]
fn trials_that_differ_in_the_same_way_are_one_difference() {
    let trials = ["pipe/a", "pipe/b[size=1]", "pipe/c"];
    let on_linux = trials.map(|case| report(case, "lib/pipe", &[kept()]));
    let on_windows = [
        report(trials[0], "lib/pipe", &[failed("recv p.rx")]),
        report(trials[1], "lib/pipe", &[failed("recv line.a")]),
        report(
            trials[2],
            "lib/pipe",
            &[ended_by(Verdict::Fail, "recv p.rx", raw("Other", 233))],
        ),
    ];
    let comparison = Comparison::of(&[linux(on_linux.into()), windows(on_windows.into())]);
    let found: Vec<(usize, &str)> = comparison
        .differences
        .iter()
        .map(|d| (d.trials.len(), d.seen[1].as_ref().unwrap().how[0].as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (2, "recv p.rx -> error BrokenPipe (109)"),
            (1, "recv p.rx -> error Other (233)"),
        ]
    );
}

#[rstest]
#[case::kept_and_broken(kept(), failed("recv p.rx"), true)]
#[case::broken_in_the_same_way(failed("recv p.rx"), failed("recv p.rx"), false)]
#[case::too_little_evidence_in_one(kept(), clause(EOF, Verdict::Unknown), true)]
#[case::not_applicable_in_one(kept(), clause(EOF, Verdict::NotApplicable), false)]
#[case::test_prevented(kept(), excused(), false)]
fn a_clause_differs_if_its_tested_verdicts_differ(
    #[case] on_linux: ClauseVerdict,
    #[case] on_windows: ClauseVerdict,
    #[case] expected: bool,
) {
    // Another clause makes sure that both trials ran.
    let reports = [on_linux, on_windows].map(|about| {
        vec![report(
            "pipe/a",
            "lib/pipe",
            &[clause(ORDER, Verdict::Pass), about],
        )]
    });
    let [on_linux, on_windows] = reports;
    let comparison = Comparison::of(&[linux(on_linux), windows(on_windows)]);
    let of_clause = comparison
        .differences
        .iter()
        .any(|d| d.clause == Some(EOF.into()));
    assert_eq!(of_clause, expected);
}

/// A clause whose test a reviewed divergence of another clause prevented.
fn excused() -> ClauseVerdict {
    ClauseVerdict {
        divergence: Some(FileLine {
            file: "golden/divergences/x.toml".to_owned(),
            line: 1,
        }),
        ..clause(EOF, Verdict::Unknown)
    }
}

#[test]
fn a_break_of_an_unlisted_clause_differs_from_no_break() {
    let mut hang = broken(
        "live.deadline",
        Verdict::Fail,
        "recv p.rx",
        Outcome::Pending,
        None,
    );
    hang.listed = false;
    let comparison = Comparison::of(&[
        linux(vec![report("pipe/a", "lib/pipe", &[kept()])]),
        windows(vec![report("pipe/a", "lib/pipe", &[kept(), hang])]),
    ]);
    let [difference] = &comparison.differences[..] else {
        panic!("{comparison:?}");
    };
    assert_eq!(difference.clause, Some("live.deadline".into()));
    assert_eq!(difference.seen[0].as_ref().unwrap().verdict, None);
    assert!(comparison.differs());
}

#[test]
fn the_same_break_with_another_code_is_a_difference_with_equal_verdicts() {
    let diverging = |code| ended_by(Verdict::Diverges, "recv p.rx", raw("BrokenPipe", code));
    let comparison = of_one(diverging(32), diverging(109));
    assert_eq!(comparison.differences.len(), 1);
    assert!(!comparison.differs());
}

#[test]
fn a_break_that_a_race_prevented_is_no_difference() {
    let showed = ended_by(Verdict::Diverges, "recv p.rx", raw("BrokenPipe", 32));
    let held = clause(EOF, Verdict::Diverges);
    assert_eq!(of_one(showed, held).differences, []);
}

#[test]
fn errors_with_other_names_are_reported_if_verdicts_are_equal() {
    let returning = |code| {
        let mut report = report("pipe/a", "lib/pipe", &[kept()]);
        report.errors = vec![returned(
            "send p.tx",
            Outcome::Gone,
            raw("BrokenPipe", code),
        )];
        vec![report]
    };
    let comparison = Comparison::of(&[linux(returning(32)), windows(returning(232))]);
    let [error] = &comparison.errors[..] else {
        panic!("{comparison:?}");
    };
    let names: Vec<&str> = error
        .errors
        .iter()
        .flatten()
        .map(|e| e[0].as_str())
        .collect();
    assert_eq!(names, ["gone BrokenPipe (32)", "gone BrokenPipe (232)"]);
    assert!(!comparison.differs());
}

#[test]
fn an_error_that_a_difference_reports_is_not_reported_again() {
    let mut wrong = report("pipe/a", "lib/pipe", &[failed("recv p.rx")]);
    wrong.errors = vec![returned(
        "recv p.rx",
        Outcome::Error,
        raw("BrokenPipe", 109),
    )];
    let right = report("pipe/a", "lib/pipe", &[kept()]);
    let comparison = Comparison::of(&[linux(vec![right]), windows(vec![wrong])]);
    assert_eq!(comparison.errors, []);
}

#[test]
fn a_trial_that_was_not_judged_differs_as_a_whole() {
    let mut wrong = report("pipe/a", "lib/pipe", &[clause(EOF, Verdict::AdapterError)]);
    wrong.why = Some("it exited with code 3".to_owned());
    let right = report("pipe/a", "lib/pipe", &[kept()]);
    let comparison = Comparison::of(&[linux(vec![right]), windows(vec![wrong])]);
    let [difference] = &comparison.differences[..] else {
        panic!("{comparison:?}");
    };
    assert_eq!(difference.clause, None);
    assert_eq!(
        difference.seen[1].as_ref().unwrap().how,
        ["it exited with code 3"]
    );
}

#[test]
fn skipped_trials_of_a_backend_are_one_entry() {
    let on_linux = ["pipe/a", "pipe/b", "pipe/c"].map(|case| report(case, "lib/pipe", &[kept()]));
    let on_windows = vec![
        not_run("pipe/a", "no poll, no fork"),
        not_run("pipe/b", "no fork"),
        report("pipe/c", "lib/pipe", &[kept()]),
    ];
    let comparison = Comparison::of(&[linux(on_linux.into()), windows(on_windows)]);
    assert_eq!(comparison.differences, []);
    let [skipped] = &comparison.silences[..] else {
        panic!("{comparison:?}");
    };
    assert_eq!((skipped.log, skipped.trials, skipped.of), (1, 2, 3));
    assert_eq!(skipped.why, ["no poll", "no fork"]);
    assert!(comparison.differs());
}

#[test]
fn backends_and_trials_of_only_some_logs_are_listed_once() {
    let on_linux = vec![
        report("pipe/a", "lib/pipe", &[kept()]),
        report("pipe/a", "unix/pipe", &[kept()]),
        report("pipe/b", "unix/pipe", &[kept()]),
        report("pipe/new", "lib/pipe", &[kept()]),
    ];
    let on_windows = vec![report("pipe/a", "lib/pipe", &[kept()])];
    let comparison = Comparison::of(&[linux(on_linux), windows(on_windows)]);
    let [unshared] = &comparison.apart[..] else {
        panic!("{comparison:?}");
    };
    assert_eq!(unshared.logs, [0]);
    let backends: Vec<String> = unshared.backends.iter().map(ToString::to_string).collect();
    assert_eq!(backends, ["pipe:unix/pipe"]);
    assert_eq!(unshared.trials, ["pipe/new@pipe:lib/pipe"]);
    assert!(comparison.differs());
}

#[test]
fn a_log_without_trials_lacks_those_of_others() {
    let comparison = Comparison::of(&[
        linux(vec![report("pipe/a", "lib/pipe", &[kept()])]),
        windows(Vec::new()),
    ]);
    assert_eq!(comparison.apart[0].logs, [0]);
    assert!(comparison.differs());
}

/// Compares two logs of three backends. In the second log, the first two have these descriptions.
fn introduced(first: [About; 2], second: [About; 2]) -> Vec<(String, Vec<String>, usize)> {
    let reports = ["lib/a", "lib/b", "lib/c"].map(|name| report("pipe/a", name, &[kept()]));
    let mut logs = [linux(reports.to_vec()), windows(reports.to_vec())];
    for (log, abouts) in logs.iter_mut().zip([first, second]) {
        for (info, about) in log.header.backends.iter_mut().zip(abouts) {
            info.about = about;
        }
    }
    let introductions = Comparison::of(&logs).introductions;
    let seen = introductions.into_iter().map(|introduction| {
        let seen = introduction.seen.into_iter().flatten().collect();
        let what = introduction.what.word().to_owned();
        (what, seen, introduction.backends.len())
    });
    seen.collect()
}

fn lib(version: &str, runtime: &str, mechanism: &str) -> About {
    About {
        runtime: Some(runtime.to_owned()),
        ..About::library("lib", version).by(mechanism)
    }
}

#[test]
fn another_version_of_a_library_is_said_once_for_all_its_backends() {
    let old = ["a", "b"].map(|mechanism| lib("1.0", "R 1", mechanism));
    let new = ["a", "b"].map(|mechanism| lib("1.1", "R 1", mechanism));
    let seen = vec!["lib 1.0".to_owned(), "lib 1.1".to_owned()];
    assert_eq!(introduced(old, new), [("library".to_owned(), seen, 2)]);
}

#[test]
fn each_difference_of_a_backend_is_said_separately() {
    let old = [lib("1.0", "R 1", "a"), lib("1.0", "R 1", "b")];
    let new = [lib("1.0", "R 2", "a"), lib("1.0", "R 1", "c")];
    let both = |one: &str, other: &str| vec![one.to_owned(), other.to_owned()];
    assert_eq!(
        introduced(old, new),
        [
            ("runtime".to_owned(), both("R 1", "R 2"), 1),
            ("mechanism".to_owned(), both("b", "c"), 1)
        ]
    );
}

#[test]
fn the_description_of_an_old_log_is_compared_as_a_line() {
    let old = [About::from("lib 1: a"), About::from("a backend")];
    let new = [lib("1.0", "R 1", "a"), About::from("a backend")];
    let seen = vec!["lib 1: a".to_owned(), "lib 1.0: a (R 1)".to_owned()];
    assert_eq!(introduced(old, new), [("description".to_owned(), seen, 1)]);
}
