//! Whatever an adapter does, the report blames the adapter, the run ends in time, and no process is
//! left.

use std::time::{Duration, Instant};

use ipc_conformance::internals::Verdict;

use super::command;
use crate::survival::scene::{Ended, Scene};

super::tests![
    garbage_is_not_a_message,
    silence_at_the_start_times_out,
    silence_in_a_run_times_out,
    an_endless_line_is_rejected,
    an_output_without_end_is_rejected,
    too_many_backends_are_rejected,
    a_name_that_is_too_long_is_rejected_and_cut,
    a_long_refusal_is_cut,
    an_output_that_is_closed_early_is_reported,
    an_exit_is_reported_with_the_last_line_of_standard_error,
    printing_to_the_protocols_stream_is_reported,
    a_process_outside_the_group_is_rejected_and_killed,
    a_process_id_of_no_process_is_reported,
    a_process_id_of_a_stranger_is_reported,
    a_process_id_of_an_exited_process_is_reported,
    a_child_that_replaces_its_adapter_is_killed,
    another_protocol_version_is_reported,
    the_version_before_is_still_spoken,
    an_id_that_is_not_in_the_plan_is_reported,
    an_operation_that_returns_before_it_begins_is_reported,
    a_timestamp_of_another_clock_is_reported,
    a_run_that_the_adapter_does_not_end_is_reported,
    processes_that_outlive_their_run_are_reported_and_killed,
    a_refusal_is_reported,
    an_adapter_is_not_started_again_after_three_failures,
    an_adapter_that_exits_first_on_ctrl_c_is_not_reported,
    an_adapter_that_exits_first_on_ctrl_c_at_its_start_is_not_reported,
];

fn run(manner: &str, arguments: &[&str]) -> Ended {
    let scene = Scene::new();
    let adapter = format!("--adapter={}", command(manner));
    let began = Instant::now();
    let mut all = vec!["run", "--format=json", adapter.as_str()];
    all.extend(arguments);
    let ended = scene.start(all).end();
    let took = began.elapsed();
    // The deadline of the run, and time to end it.
    assert!(took < Duration::from_secs(35), "{took:?}");
    assert_eq!(ended.status.code(), Some(5), "{}", ended.stderr);
    scene.assert_nothing_left();
    ended
}

/// Asserts that the only trial reports this about a hostile adapter.
#[track_caller]
fn assert_reported(manner: &str, expected: &str) {
    let ended = run(manner, &["--exact", "seed/queue"]);
    let report = ended.report();
    assert_eq!(report.verdict, Verdict::AdapterError);
    let why = report.why.unwrap_or_default();
    assert!(why.starts_with("the adapter "), "{why}");
    assert!(why.contains(expected), "{why}");
}

/// Asserts that the program reports this about an adapter that can't even introduce itself.
#[track_caller]
fn assert_refused(manner: &str, expected: &str) {
    let ended = run(manner, &["--exact", "seed/queue"]);
    assert!(ended.stderr.contains("the adapter "), "{}", ended.stderr);
    assert!(ended.stderr.contains(expected), "{}", ended.stderr);
}

fn garbage_is_not_a_message() {
    assert_refused(
        "garbage",
        r#"wrote a line that isn't a message, "Hello, world!""#,
    );
}

fn silence_at_the_start_times_out() {
    assert_refused("mute", "did not answer `start` within 10 s");
}

fn silence_in_a_run_times_out() {
    assert_reported("silence", "never said that producer is alive");
}

fn an_endless_line_is_rejected() {
    assert_reported("endless-line", "wrote a line of more than 64 MiB");
}

fn an_output_without_end_is_rejected() {
    assert_reported("floods", "wrote more than 64 MiB in one run");
}

fn too_many_backends_are_rejected() {
    let expected = "hosts 10000 backends, and at most 256 are allowed";
    assert_refused("hosts-thousands", expected);
}

fn a_name_that_is_too_long_is_rejected_and_cut() {
    let ended = run("has-a-long-name", &["--exact", "seed/queue"]);
    assert!(ended.stderr.contains("calls a backend"), "{}", ended.stderr);
    assert!(ended.stderr.len() < 20_000, "{}", ended.stderr.len());
}

fn a_long_refusal_is_cut() {
    let ended = run("refuses-at-length", &["--exact", "seed/queue"]);
    assert!(
        ended.stderr.contains("so the adapter refuses to start"),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.len() < 20_000, "{}", ended.stderr.len());
}

fn an_output_that_is_closed_early_is_reported() {
    assert_reported("closes-early", "closed its standard output and didn't exit");
}

fn an_exit_is_reported_with_the_last_line_of_standard_error() {
    assert_reported(
        "dies",
        "exited with code 3; its standard error ends:\nTraceback: out of luck",
    );
}

fn printing_to_the_protocols_stream_is_reported() {
    assert_reported(
        "prints",
        r#"wrote a line that isn't a message, "debug: got here""#,
    );
}

fn a_process_outside_the_group_is_rejected_and_killed() {
    assert_reported("forks-away", "which isn't in the adapter's process group");
}

fn a_process_id_of_no_process_is_reported() {
    for manner in ["names-zero", "names-more-than-there-are"] {
        assert_reported(manner, ", a number that no process has");
    }
}

/// The harness itself, which isn't killed.
fn a_process_id_of_a_stranger_is_reported() {
    let expected = "which isn't in the adapter's process group";
    assert_reported("names-its-parent", expected);
}

fn a_process_id_of_an_exited_process_is_reported() {
    let expected = "there is no such process, and never said that it exited";
    assert_reported("names-the-dead", expected);
}

fn a_child_that_replaces_its_adapter_is_killed() {
    assert_reported("forks-on", "exited with code 0");
}

fn another_protocol_version_is_reported() {
    assert_refused(
        "wrong-version",
        r#"speaks version "2.0" of the protocol, not "0.10""#,
    );
}

/// It comes as far as the run.
fn the_version_before_is_still_spoken() {
    assert_reported("speaks-0.9", "exited with code 3");
}

fn an_id_that_is_not_in_the_plan_is_reported() {
    assert_reported(
        "wrong-ids",
        "says that producer does step 4711, which isn't one of its steps",
    );
}

fn an_operation_that_returns_before_it_begins_is_reported() {
    assert_reported(
        "out-of-order",
        "returned from operation 0, which never began",
    );
}

fn a_timestamp_of_another_clock_is_reported() {
    assert_reported("wrong-clock", "did operation 0 before the run");
}

fn a_run_that_the_adapter_does_not_end_is_reported() {
    assert_reported(
        "never-ends",
        "did not end a run within 10 s of the message `end`",
    );
}

fn processes_that_outlive_their_run_are_reported_and_killed() {
    assert_reported("done-too-early", "said `done`, and producer, process ");
}

fn a_refusal_is_reported() {
    assert_refused("refuses", "not on Sundays; so the adapter refuses to start");
}

fn an_adapter_is_not_started_again_after_three_failures() {
    let ended = run("dies", &["--jobs=1", "queue/", "seed/queue"]);
    let reasons: Vec<String> = ended
        .reports()
        .into_iter()
        .filter(|report| report.verdict == Verdict::AdapterError)
        .filter_map(|report| report.why)
        .collect();
    assert!(reasons.len() > 3, "{reasons:?}");
    let (first, rest) = reasons.split_at(3);
    assert!(
        first.iter().all(|why| why.contains("exited with code 3")),
        "{first:?}"
    );
    let given_up = "the adapter is given up after 3 runs in a row that went wrong";
    assert!(rest.iter().all(|why| why.starts_with(given_up)), "{rest:?}");
}

/// Runs an adapter that is interrupted before the harness, and returns the result.
#[track_caller]
fn interrupted(manner: &str) -> Ended {
    let scene = Scene::new();
    let adapter = format!("--adapter={}", command(manner));
    let arguments = ["run", "--format=json", &adapter, "--exact", "seed/queue"];
    let ended = scene.start(arguments).end();
    assert_eq!(ended.status.code(), Some(130), "{}", ended.stderr);
    scene.assert_nothing_left();
    ended
}

fn an_adapter_that_exits_first_on_ctrl_c_is_not_reported() {
    assert_eq!(interrupted("interrupted").footer().counts, []);
}

/// The adapter exits before it has introduced itself, so there is nothing to log.
fn an_adapter_that_exits_first_on_ctrl_c_at_its_start_is_not_reported() {
    interrupted("interrupted-at-birth");
}
