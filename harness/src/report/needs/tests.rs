use anstream::adapter::strip_str;
use rstest::rstest;

use super::*;
use crate::backend::{Capabilities, Capability, Emulation, Kind, System};
use crate::event::EventLog;
use crate::judge::Verdict;
use crate::test_support::logs::{clause, log, report};
use crate::test_support::reports::catalogue;

const ORDER: &str = "pipe.order.single-writer";

const NEEDS: &str = r#"
title = "messages in order"
kind = "pipe"
systems = ["linux"]
clauses = ["pipe.order.single-writer"]
"#;

fn needs(text: &str) -> Needs {
    let known = catalogue();
    let known: Vec<String> = known.iter().map(|clause| clause.id.to_string()).collect();
    Needs::parse(text, &known).unwrap()
}

/// A run of one library on one system.
fn run(system: System, verdict: Verdict) -> EventLog {
    let reports = vec![report("pipe/a", "lib/pipe", &[clause(ORDER, verdict)])];
    log("it.jsonl", system, reports)
}

/// Returns the exit code, and the reasons for the only library.
fn answered(text: &str, logs: &[EventLog]) -> (u8, Vec<String>) {
    let needs = needs(text);
    let catalogue = catalogue();
    let answers = Answers::of(&needs, logs, &catalogue);
    let reasons = answers.answers.iter().flat_map(|answer| &answer.findings);
    let reasons = reasons.map(|finding| finding.why.clone()).collect();
    (answers.code().number(), reasons)
}

#[rstest]
#[case::kept(Verdict::Pass, 0, "kept in pipe/a@pipe:lib/pipe")]
#[case::kept_against_a_divergence(Verdict::UnexpectedPass, 0, "kept in pipe/a@pipe:lib/pipe")]
#[case::broken(Verdict::Fail, 1, "broken in pipe/a@pipe:lib/pipe")]
#[case::reviewed(Verdict::Diverges, 1, "broken in pipe/a@pipe:lib/pipe")]
#[case::documented(Verdict::Documented, 1, "documented otherwise: pipe/a@pipe:lib/pipe")]
#[case::not_promised(
    Verdict::Unpromised,
    1,
    "not promised, and it didn't hold in pipe/a@pipe:lib/pipe"
)]
#[case::unknown(Verdict::Unknown, 3, "unknown")]
#[case::not_applicable(Verdict::NotApplicable, 3, "not-applicable")]
#[case::not_installed(Verdict::Unavailable, 3, "unavailable")]
#[case::the_adapter_failed(Verdict::AdapterError, 3, "adapter-error")]
fn only_a_kept_promise_meets_a_need(#[case] verdict: Verdict, #[case] code: u8, #[case] why: &str) {
    let logs = [run(System::Linux, verdict)];
    assert_eq!(answered(NEEDS, &logs), (code, vec![why.to_owned()]));
}

#[test]
fn a_system_without_a_log_is_no_evidence() {
    let text = NEEDS.replace("[\"linux\"]", "[\"linux\", \"macos\"]");
    let logs = [run(System::Linux, Verdict::Pass)];
    let (code, reasons) = answered(&text, &logs);
    assert_eq!(code, 3);
    assert_eq!(reasons[1], "no log of a run on macOS");
}

#[test]
fn an_emulator_is_no_evidence_for_its_system() {
    let mut emulated = run(System::Windows, Verdict::Pass);
    emulated.header.emulation = Some(Emulation::Wine);
    let text = NEEDS.replace("linux", "windows");
    let (code, reasons) = answered(&text, &[emulated]);
    assert_eq!(code, 3);
    assert_eq!(reasons, ["tried only on Windows (Wine)"]);
}

#[test]
fn an_interrupted_run_can_break_a_need_and_not_meet_it() {
    let interrupted = |verdict| {
        let mut log = run(System::Linux, verdict);
        log.footer.interrupted = true;
        answered(NEEDS, &[log]).0
    };
    assert_eq!(interrupted(Verdict::Pass), 3);
    assert_eq!(interrupted(Verdict::Fail), 1);
}

#[test]
fn the_worst_of_several_runs_on_a_system_counts() {
    let logs = [
        run(System::Linux, Verdict::Pass),
        run(System::Linux, Verdict::Fail),
    ];
    assert_eq!(answered(NEEDS, &logs).0, 1);
}

#[rstest]
#[case::its_own(Capabilities::new().native([Capability::Boundaries]), 0, "declared")]
#[case::added(Capabilities::new().composed([Capability::Boundaries]), 0, "added by its adapter")]
#[case::lacking(Capabilities::new(), 1, "not declared")]
fn a_capability_is_met_by_what_the_library_declares(
    #[case] capabilities: Capabilities,
    #[case] code: u8,
    #[case] why: &str,
) {
    let text = NEEDS.replace(
        "clauses = [\"pipe.order.single-writer\"]",
        "capabilities = [\"boundaries\"]",
    );
    let mut log = run(System::Linux, Verdict::Pass);
    log.header.backends[0].capabilities = capabilities;
    assert_eq!(answered(&text, &[log]), (code, vec![why.to_owned()]));
}

/// Two libraries, of which one keeps the order.
fn two() -> EventLog {
    let reports = vec![
        report("pipe/a", "good/pipe", &[clause(ORDER, Verdict::Pass)]),
        report("pipe/a", "bad/pipe", &[clause(ORDER, Verdict::Fail)]),
    ];
    log("two.jsonl", System::Linux, reports)
}

#[rstest]
#[case::any_library("", 0)]
#[case::the_good_one("libraries = [\"pipe:good/pipe\"]", 0)]
#[case::the_bad_one("libraries = [\"pipe:bad/pipe\"]", 1)]
#[case::both("libraries = [\"pipe:*/pipe\"]", 1)]
#[case::one_that_no_log_has("libraries = [\"pipe:good/pipe\", \"pipe:other\"]", 3)]
fn all_named_libraries_must_meet_the_needs_or_else_any(#[case] libraries: &str, #[case] code: u8) {
    assert_eq!(answered(&format!("{NEEDS}{libraries}"), &[two()]).0, code);
}

#[test]
fn what_was_met_before_is_lost() {
    let text = format!("{NEEDS}libraries = [\"pipe:lib/pipe\"]");
    let (needs, catalogue) = (needs(&text), catalogue());
    let logs = [Verdict::Pass, Verdict::Fail].map(|verdict| [run(System::Linux, verdict)]);
    let [before, now] = logs
        .each_ref()
        .map(|logs| Answers::of(&needs, logs, &catalogue));
    assert_eq!(lost(&now, &before), []);
    let lost = lost(&before, &now);
    insta::assert_snapshot!(strip_str(&draw(&needs, &now, &lost, &catalogue)));
}

#[test]
fn all_libraries_are_drawn_the_best_first() {
    let text = NEEDS.replace("[\"linux\"]", "[\"linux\", \"windows\"]");
    let (needs, catalogue) = (needs(&text), catalogue());
    let mut windows = two();
    windows.header.system = System::Windows;
    let logs = [two(), windows];
    let answers = Answers::of(&needs, &logs, &catalogue);
    insta::assert_snapshot!(strip_str(&draw(&needs, &answers, &[], &catalogue)));
}

#[test]
fn mistakes_are_shown_where_they_are() {
    let text = r#"
title = "x"
kind = "pipe"
system = ["linux"]
clauses = ["pipe.order.single-write", "pipe.eof.sticky", "pipe.eof.sticky"]
capabilities = ["boundary"]
libraries = ["queue:broker", "y"]
"#;
    let known: Vec<String> = catalogue().iter().map(|one| one.id.to_string()).collect();
    let mistakes = Needs::parse(text, &known).unwrap_err();
    insta::assert_snapshot!(mistakes.render("needs.toml", text, false));
}

#[rstest]
#[case::nothing(
    "title = \"x\"\nkind = \"pipe\"\nsystems = \"linux\"",
    "it needs nothing"
)]
#[case::an_empty_list("title = \"x\"\nkind = \"pipe\"\nsystems = []", "this list is empty")]
#[case::no_toml("title = ", "string values must be quoted")]
fn a_file_without_needs_is_refused(#[case] text: &str, #[case] expected: &str) {
    let mistakes = Needs::parse(text, &[]).unwrap_err();
    let page = mistakes.render("needs.toml", text, false);
    assert!(page.contains(expected), "{page}");
}

#[test]
fn a_kind_of_another_channel_has_no_answer() {
    let text = NEEDS.replace("kind = \"pipe\"", "kind = \"queue\"");
    let (code, reasons) = answered(&text, &[run(System::Linux, Verdict::Pass)]);
    assert_eq!((code, reasons.len()), (3, 0));
    assert_eq!(needs(&text).kind, Kind::Queue);
}
