//! Whatever an adapter does, the report says that it was the adapter, in time, and nothing of it is
//! left.

use std::time::{Duration, Instant};

use ipc_conformance::internals::Verdict;

use super::command;
use crate::survival::scene::{Ended, Scene};

super::tests![
    garbage_is_no_message,
    silence_at_the_start_has_an_end,
    silence_in_a_run_has_an_end,
    a_line_without_an_end_is_not_read_for_ever,
    an_output_that_is_closed_early_is_told,
    a_death_is_told_with_its_last_words,
    printing_to_the_protocols_stream_is_told,
    a_process_that_left_the_group_is_refused_and_killed,
    an_adapter_that_goes_on_in_a_child_is_killed_with_it,
    another_version_is_told,
    an_id_that_is_not_in_the_plan_is_told,
    an_answer_before_its_question_is_told,
    a_clock_of_its_own_is_told,
    a_run_that_is_not_ended_is_told,
    processes_that_outlive_their_run_are_told_and_killed,
    a_refusal_is_told,
    an_adapter_is_given_up_after_three_failures,
    an_adapter_that_notices_ctrl_c_first_is_not_to_blame,
    an_adapter_that_notices_ctrl_c_first_at_its_birth_is_not_to_blame,
];

fn run(manner: &str, arguments: &[&str]) -> Ended {
    let scene = Scene::new();
    let adapter = format!("--adapter={}", command(manner));
    let began = Instant::now();
    let mut all = vec!["run", "--format=json", adapter.as_str()];
    all.extend(arguments);
    let ended = scene.start(all).end();
    let took = began.elapsed();
    // The run's deadline, and then some for its end.
    assert!(took < Duration::from_secs(35), "{took:?}");
    assert_eq!(ended.status.code(), Some(5), "{}", ended.stderr);
    scene.assert_nothing_left();
    ended
}

/// What the only trial of a hostile adapter is reported with.
#[track_caller]
fn assert_told(manner: &str, expected: &str) {
    let ended = run(manner, &["--exact", "seed/queue"]);
    let report = ended.report();
    assert_eq!(report.verdict, Verdict::AdapterError);
    let why = report.why.unwrap_or_default();
    assert!(why.starts_with("the adapter "), "{why}");
    assert!(why.contains(expected), "{why}");
}

/// What is said of an adapter that can't even introduce itself.
#[track_caller]
fn assert_refused(manner: &str, expected: &str) {
    let ended = run(manner, &["--exact", "seed/queue"]);
    assert!(ended.stderr.contains("the adapter "), "{}", ended.stderr);
    assert!(ended.stderr.contains(expected), "{}", ended.stderr);
}

fn garbage_is_no_message() {
    assert_refused(
        "garbage",
        r#"wrote a line that isn't a message, "Hello, world!""#,
    );
}

fn silence_at_the_start_has_an_end() {
    assert_refused("mute", "did not answer `start` within 10 s");
}

fn silence_in_a_run_has_an_end() {
    assert_told("silence", "never said that producer is alive");
}

fn a_line_without_an_end_is_not_read_for_ever() {
    assert_told("endless-line", "wrote a line of more than 64 MiB");
}

fn an_output_that_is_closed_early_is_told() {
    assert_told("closes-early", "closed its standard output and didn't exit");
}

fn a_death_is_told_with_its_last_words() {
    assert_told(
        "dies",
        "exited with code 3; its standard error ends:\nTraceback: out of luck",
    );
}

fn printing_to_the_protocols_stream_is_told() {
    assert_told(
        "prints",
        r#"wrote a line that isn't a message, "debug: got here""#,
    );
}

fn a_process_that_left_the_group_is_refused_and_killed() {
    assert_told("forks-away", "which isn't in the adapter's process group");
}

fn an_adapter_that_goes_on_in_a_child_is_killed_with_it() {
    assert_told("forks-on", "exited with code 0");
}

fn another_version_is_told() {
    assert_refused(
        "wrong-version",
        r#"speaks version "2.0" of the protocol, not "0.9""#,
    );
}

fn an_id_that_is_not_in_the_plan_is_told() {
    assert_told(
        "wrong-ids",
        "says that producer does step 4711, which isn't one of its steps",
    );
}

fn an_answer_before_its_question_is_told() {
    assert_told(
        "out-of-order",
        "returned from operation 0, which never began",
    );
}

fn a_clock_of_its_own_is_told() {
    assert_told("wrong-clock", "did operation 0 before the run");
}

fn a_run_that_is_not_ended_is_told() {
    assert_told(
        "never-ends",
        "did not end a run within 10 s of being told to",
    );
}

fn processes_that_outlive_their_run_are_told_and_killed() {
    assert_told("done-too-early", "said `done`, and producer, process ");
}

fn a_refusal_is_told() {
    assert_refused("refuses", "the adapter refuses: not on Sundays");
}

fn an_adapter_is_given_up_after_three_failures() {
    let ended = run("dies", &["--jobs=1", "queue/", "seed/queue"]);
    let told: Vec<String> = ended
        .reports()
        .into_iter()
        .filter(|report| report.verdict == Verdict::AdapterError)
        .filter_map(|report| report.why)
        .collect();
    assert!(told.len() > 3, "{told:?}");
    let (first, rest) = told.split_at(3);
    assert!(
        first.iter().all(|why| why.contains("exited with code 3")),
        "{first:?}"
    );
    let given_up = "the adapter is given up after 3 runs in a row that went wrong";
    assert!(rest.iter().all(|why| why.starts_with(given_up)), "{rest:?}");
}

/// What comes of a run on an adapter that is interrupted before its harness is.
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

fn an_adapter_that_notices_ctrl_c_first_is_not_to_blame() {
    assert_eq!(interrupted("interrupted").footer().counts, []);
}

/// Before anything is known of it, there is nothing to log.
fn an_adapter_that_notices_ctrl_c_first_at_its_birth_is_not_to_blame() {
    interrupted("interrupted-at-birth");
}
