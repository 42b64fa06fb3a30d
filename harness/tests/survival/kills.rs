//! The harness, or a process of a run, is killed.

use std::time::{Duration, Instant};

use ipc_conformance::backend::Outcome;
use ipc_conformance::internals::{Exit, History, OperationKind};

use super::scene::{HEADER, Scene, random};
use super::stand_in::StandIn;

super::tests![
    a_harness_killed_at_any_moment_leaves_no_process,
    a_killed_harness_leaves_no_folder,
    a_helper_that_never_exits_is_killed_after_its_harness_is_killed,
    the_history_of_a_killed_peer_ends_at_the_kill,
];

/// On Windows, processes take longer to start, and there are fewer trials.
const TIMES: usize = if cfg!(windows) { 10 } else { 30 };

/// Queues with a helper, forked and spawned children, kills and pipes, on backends that support these
/// cases.
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

/// One more trial; its processes never exit by themselves.
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
        // Returns only after all processes have exited.
        harness.end();
    }
    // If a harness died before it had a guard, the next harness removes its folder.
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
    // Enough time for its processes to start. If it is too short, the test checks less and still
    // passes.
    harness.let_live_for(Duration::from_millis(500));
    harness.kill();
    let ended = harness.end();
    assert!(ended.was_killed(), "{}", ended.status);
    scene.assert_nothing_left();
}

fn a_helper_that_never_exits_is_killed_after_its_harness_is_killed() {
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
    // Enough time for its helper to start. If it is too short, the test checks less and still passes.
    harness.let_live_for(Duration::from_millis(700));
    harness.kill();
    // Returns only after all processes have exited.
    harness.end();
    scene.assert_nothing_left();
}

fn the_history_of_a_killed_peer_ends_at_the_kill() {
    let scene = Scene::new();
    let arguments = ["pipe/end-of-killed-writer", "pipe:std/pipe"];
    let ended = scene.start_as(StandIn::Observer, arguments).end();
    assert!(ended.status.success(), "{}", ended.stderr);
    let histories: Vec<History> =
        serde_json::from_slice(&ended.stdout).expect("the output is histories");
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
    // The kill waits for the third message. The writer may or may not begin to idle before it is
    // killed. If it does, it never returns from it.
    let idling = (OperationKind::Idle, None);
    assert!(
        matches!(rest, [] | [_]) && rest.iter().all(|op| *op == idling),
        "{rest:?}"
    );
    assert_eq!(histories[0].residue, []);
    scene.assert_nothing_left();
}
