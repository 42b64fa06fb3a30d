//! Runs that never end by themselves, and processes that exit too early.

use std::time::Duration;

use ipc_conformance::internals::{ExitCode, STALL};

use super::scene::{Ended, Scene, broken};
use super::wrong;

super::tests![
    a_stalled_run_is_ended_and_reports_the_waiting_processes,
    a_run_past_its_deadline_is_ended_although_it_makes_progress,
    an_unexpected_exit_is_reported,
    a_process_that_writes_without_end_is_reported_and_killed,
    a_process_that_loses_its_link_does_not_block_the_run,
];

#[track_caller]
fn assert_broken(ended: &Ended) {
    let code = i32::from(ExitCode::Broken.number());
    assert_eq!(ended.status.code(), Some(code), "{}", ended.stderr);
}

fn waiting(ended: &Ended) -> String {
    let report = ended.report().wait_for.expect("the run was ended");
    let waits = report.waits.iter();
    let lines: Vec<String> = waits
        .map(|waiting| format!("{} waits in {}", waiting.process, waiting.text))
        .collect();
    lines.join("\n")
}

fn a_stalled_run_is_ended_and_reports_the_waiting_processes() {
    let scene = Scene::new();
    let arguments = [
        "run",
        "--format=json",
        "seed/pipe",
        "--backend=pipe:std/pipe~hang",
    ];
    let ended = scene.start(arguments).end();
    assert_broken(&ended);
    assert_eq!(broken(&ended.report()), ["live.deadline"]);
    let waiting = waiting(&ended);
    assert!(waiting.contains("consumer waits in recv p.rx"), "{waiting}");
    let took = Duration::from_nanos(ended.footer().elapsed);
    assert!(
        took >= STALL && took < STALL + Duration::from_secs(20),
        "{took:?}"
    );
    scene.assert_nothing_left();
}

fn a_run_past_its_deadline_is_ended_although_it_makes_progress() {
    let scene = Scene::new();
    // A process in a timed step doesn't count as stalled, so only the deadline ends the run.
    let root = scene.slow_case("late", "1s");
    let ended = scene.start_on_pipe(&root).end();
    // The case sleeps for longer than its own deadline, which accuses no backend.
    let code = i32::from(ExitCode::Usage.number());
    assert_eq!(ended.status.code(), Some(code), "{}", ended.stderr);
    assert_eq!(broken(&ended.report()), [""; 0]);
    let waiting = waiting(&ended);
    assert!(waiting.contains("waiter waits in recv p.rx"), "{waiting}");
    scene.assert_nothing_left();
}

fn an_unexpected_exit_is_reported() {
    let scene = Scene::new();
    let ended = wrong::end_on(&scene, "pipe:wrong/dies");
    assert_broken(&ended);
    let report = ended.report();
    // The process dies within a send, so that is the promise which it breaks.
    assert_eq!(broken(&report), ["pipe.order.single-writer"]);
    let said = report.failures.iter().map(|page| page.actual.as_str());
    let said: Vec<&str> = said.collect();
    let exit = if cfg!(windows) {
        "with code -1073741510"
    } else {
        "by signal 9, which neither the case nor the harness sent"
    };
    assert!(said.join("\n").contains(exit), "{said:?}");
    scene.assert_nothing_left();
}

fn a_process_that_writes_without_end_is_reported_and_killed() {
    let scene = Scene::new();
    let ended = wrong::end_on(&scene, "pipe:wrong/floods");
    let code = i32::from(ExitCode::Adapter.number());
    assert_eq!(ended.status.code(), Some(code), "{}", ended.stderr);
    let why = ended.report().why.unwrap_or_default();
    let expected = "producer wrote more than 32 MiB to its standard error";
    assert!(why.contains(expected), "{why}");
    scene.assert_nothing_left();
}

/// Otherwise the harness would wait for its exit without a limit.
fn a_process_that_loses_its_link_does_not_block_the_run() {
    let scene = Scene::new();
    let ended = wrong::end_on(&scene, "pipe:wrong/closes-all");
    assert_broken(&ended);
    scene.assert_nothing_left();
}
