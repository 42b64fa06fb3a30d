//! Processes that are stopped and continue, or never continue; and runs in which nothing more can
//! happen.

use std::time::Duration;

use ipc_conformance::internals::{Exit, History, Operation, OperationKind, STALL};

use super::scene::{Ended, HEADER, Scene, broken};
use super::stand_in::StandIn;

super::tests![
    a_harness_killed_while_a_peer_is_stopped_leaves_no_process,
    a_run_with_only_stopped_processes_ends_before_the_stall_limit,
    a_run_that_may_only_wait_ends_before_the_stall_limit,
    a_timed_call_that_hangs_is_reported_before_the_deadline,
    a_stopped_process_does_nothing_until_it_continues,
    a_blocked_process_is_killed_during_its_operation,
];

/// Makes a case in which one process stops the other, and then does these steps.
fn stopping(scene: &Scene, then: &str) -> String {
    let text = format!(
        r#"
title   = "a process that is stopped"
why     = "It is to be seen what becomes of it."
clauses = ["pipe.order.single-writer"]
deadline = "7200s"
[channels.p]
kind = "pipe"
[processes.stopped]
steps = [{{ send = {{ on = "p.tx", count = 1 }} }}, {{ idle = "forever" }}]
[processes.stops]
steps = [{{ recv = {{ on = "p.rx", count = 1 }} }}, {{ pause = "stopped" }}, {then}]
"#
    );
    scene.case("stopped", &text)
}

fn a_harness_killed_while_a_peer_is_stopped_leaves_no_process() {
    let scene = Scene::new();
    let root = stopping(&scene, r#"{ idle = "3600s" }"#);
    let mut harness = scene.start(["run", "--format=json", "--root", &root]);
    harness.wait_until_it_says(HEADER);
    // The peer is stopped within a few milliseconds. If this time is too short, the test checks less.
    harness.let_live_for(Duration::from_millis(700));
    harness.kill();
    // Returns only after all processes have exited, including stopped ones.
    let ended = harness.end();
    assert!(ended.was_killed(), "{}", ended.status);
    scene.assert_nothing_left();
}

#[track_caller]
fn took(ended: &Ended) -> Duration {
    Duration::from_nanos(ended.footer().elapsed)
}

fn a_run_with_only_stopped_processes_ends_before_the_stall_limit() {
    let scene = Scene::new();
    let root = stopping(&scene, r#"{ await = { exited = "stopped" } }"#);
    let ended = scene.start_on_pipe(&root).end();
    assert_eq!(broken(&ended.report()), [""; 0], "{}", ended.stderr);
    assert!(took(&ended) < STALL, "{:?}", took(&ended));
    scene.assert_nothing_left();
}

fn a_run_that_may_only_wait_ends_before_the_stall_limit() {
    let scene = Scene::new();
    let text = r#"
title   = "a reader without data"
why     = "It is expected to wait."
clauses = ["pipe.order.single-writer"]
[channels.p]
kind = "pipe"
[processes.writer]
steps = [{ send = { on = "p.tx", count = 1 } }, { await = { exited = "reader" } }]
[processes.reader]
steps = [{ recv = { on = "p.rx" } }, { recv = { on = "p.rx", expect = "pending" } }]
"#;
    let root = scene.case("waits", text);
    let ended = scene.start_on_pipe(&root).end();
    let report = ended.report();
    assert_eq!(broken(&report), [""; 0], "{}", ended.stderr);
    assert!(took(&ended) < STALL, "{:?}", took(&ended));
    // The run includes this wait.
    let waited = Duration::from_nanos(report.waited);
    assert!(waited >= Duration::from_millis(300), "{waited:?}");
    scene.assert_nothing_left();
}

fn a_timed_call_that_hangs_is_reported_before_the_deadline() {
    let scene = Scene::new();
    let arguments = [
        "run",
        "--format=json",
        "queue/timeouts",
        "--backend=queue:broker~endless",
    ];
    let ended = scene.start(arguments).end();
    assert_ne!(broken(&ended.report()), [""; 0], "{}", ended.stderr);
    let took = took(&ended);
    let deadline = Duration::from_secs(20);
    assert!(took >= STALL && took < deadline, "{took:?}");
}

#[track_caller]
fn observed(case: &str, backend: &str) -> History {
    let scene = Scene::new();
    let ended = scene.start_as(StandIn::Observer, [case, backend]).end();
    assert!(ended.status.success(), "{}", ended.stderr);
    let histories: Vec<History> =
        serde_json::from_slice(&ended.stdout).expect("the output is histories");
    scene.assert_nothing_left();
    let [history] = histories.try_into().expect("there is one history");
    history
}

fn a_stopped_process_does_nothing_until_it_continues() {
    let history = observed("fault/paused-producer[pause=after-2]", "queue:broker");
    let [stop] = &history.stops[..] else {
        panic!("{:?}", history.stops);
    };
    let until = stop.until.expect("the process continued");
    let operations = &history.processes[stop.process].operations;
    let is_put = |op: &&Operation| op.kind == OperationKind::Put;
    let puts: Vec<_> = operations.iter().filter(is_put).collect();
    assert_eq!(puts.len(), 4, "all of them");
    let (before, after) = puts.split_at(2);
    assert!(
        before
            .iter()
            .all(|op| op.returned.is_some_and(|end| end <= stop.from))
    );
    assert!(after.iter().all(|op| op.start >= until));
}

fn a_blocked_process_is_killed_during_its_operation() {
    let history = observed("fault/killed-while-waiting[kill=inside-1]", "queue:broker");
    let victim = &history.processes[0];
    assert_eq!(victim.exit, Some(Exit::Killed));
    let [get] = &victim.operations[..] else {
        panic!("{:?}", victim.operations);
    };
    assert!(get.is_pending());
    let second = &history.processes[1].operations;
    assert_eq!(second.iter().filter(|op| op.outcome.is_none()).count(), 0);
}
