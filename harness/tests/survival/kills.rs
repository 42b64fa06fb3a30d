//! The harness, or a process of a run, is killed.

use std::time::{Duration, Instant};

use ipc_conformance::backend::Outcome;
use ipc_conformance::internals::{Exit, History, OperationKind};

use super::scene::{HEADER, Scene, random};
use super::stand_in::StandIn;

super::tests![
    a_harness_killed_at_any_moment_leaves_no_process,
    a_killed_harness_leaves_no_folder,
    a_helper_that_doesnt_go_by_itself_is_killed_behind_a_killed_harness,
    a_killed_peers_history_ends_where_it_was_killed,
];

/// Processes take more time to start on Windows, and there are fewer trials.
const TIMES: usize = if cfg!(windows) { 10 } else { 30 };

/// Queues with a helper, forked and spawned children, kills and pipes; on backends that keep what
/// these cases ask.
const VARIED: [&str; 9] = [
    "run",
    "--jobs=2",
    "--format=json",
    "seed/",
    if cfg!(windows) {
        "queue/fan-in"
    } else {
        "queue/"
    },
    "pipe/end-of",
    "--backend=queue:broker",
    "--backend=process:os/process",
    "--backend=pipe:std/pipe",
];

/// One more trial, whose processes wouldn't go by themselves.
const HANGING: &str = "--backend=pipe:std/pipe~hang";

fn a_harness_killed_at_any_moment_leaves_no_process() {
    let scene = Scene::new();
    let began = Instant::now();
    let undisturbed = scene.start(VARIED).end();
    let whole = began.elapsed();
    assert!(undisturbed.status.success(), "{}", undisturbed.stderr);

    let mut random = random();
    for _ in 0..TIMES {
        let moment = whole.mul_f64(random.f64());
        let mut harness = scene.start(VARIED.into_iter().chain([HANGING]));
        harness.let_live_for(moment);
        harness.kill();
        // Ends only if nobody is left.
        harness.end();
    }
    // If one died before it had a guard, this removes its folder.
    assert!(scene.start(VARIED).end().status.success());
    scene.assert_nothing_left();
}

fn a_killed_harness_leaves_no_folder() {
    let scene = Scene::new();
    let hang = [
        "run",
        "--format=json",
        "seed/pipe",
        "--backend",
        "pipe:std/pipe~hang",
    ];
    let mut harness = scene.start(hang);
    harness.wait_until_it_says(HEADER);
    assert_ne!(scene.left().len(), 0, "the root, a folder and its lock");
    // Its processes come to life; where this is too short, the test shows less and still holds.
    harness.let_live_for(Duration::from_millis(500));
    harness.kill();
    let ended = harness.end();
    assert!(ended.was_killed(), "{}", ended.status);
    scene.assert_nothing_left();
}

fn a_helper_that_doesnt_go_by_itself_is_killed_behind_a_killed_harness() {
    let scene = Scene::new();
    let root = scene.slow_case("served", "3600s");
    let arguments = [
        "run",
        "--format=json",
        "--backend=pipe:wrong/helper-stays",
        "--root",
        &root,
    ];
    let mut harness = scene.start_as(StandIn::CommandLine, arguments);
    harness.wait_until_it_says(HEADER);
    // Its helper is told to help; where this is too short, the test shows less and still holds.
    harness.let_live_for(Duration::from_millis(700));
    harness.kill();
    // Ends only if nobody is left.
    harness.end();
    scene.assert_nothing_left();
}

fn a_killed_peers_history_ends_where_it_was_killed() {
    let scene = Scene::new();
    let arguments = ["pipe/end-of-killed-writer", "pipe:std/pipe"];
    let ended = scene.start_as(StandIn::Observer, arguments).end();
    assert!(ended.status.success(), "{}", ended.stderr);
    let histories: Vec<History> =
        serde_json::from_slice(&ended.stdout).expect("the observer prints histories");
    assert_eq!(histories.len(), 1);
    let writer = &histories[0].processes[0];
    assert_eq!(writer.exit, Some(Exit::Killed));
    let did: Vec<_> = writer
        .operations
        .iter()
        .map(|op| (op.kind, op.outcome))
        .collect();
    let sent = (OperationKind::Put, Some(Outcome::Ok));
    let (messages, rest) = did.split_at(3);
    assert_eq!(messages, [sent, sent, sent]);
    // The third message is what the kill waits for: whether the writer begins to idle before it is
    // killed is up to the schedule. If it does, it never returns from it.
    let idling = (OperationKind::Idle, None);
    assert!(
        matches!(rest, [] | [_]) && rest.iter().all(|op| *op == idling),
        "{rest:?}"
    );
    assert_eq!(histories[0].residue, []);
    scene.assert_nothing_left();
}
