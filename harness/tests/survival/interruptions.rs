//! A person or the system interrupts the harness.

use std::fs::File;
use std::io::BufReader;
use std::time::{Duration, Instant};

use ipc_conformance::internals::{ExitCode, json};
use rustix::process::Signal;

use super::scene::{FINISHED, HEADER, Harness, Scene, random};
use super::stand_in::StandIn;
use super::wrong;

super::tests![
    sigterm_ends_a_run_with_a_complete_log,
    ctrl_c_ends_a_run_with_a_complete_log,
    ctrl_c_during_a_stall_ends_the_run_at_once,
    sigterm_ends_a_run_that_waits_for_a_reader,
    a_second_ctrl_c_ends_the_harness_at_once,
    ctrl_c_at_any_moment_leaves_no_process_and_no_file,
    a_process_that_exits_first_on_ctrl_c_breaks_no_clause,
    a_panic_leaves_no_process_and_no_file,
];

const HANGING: [&str; 6] = [
    "run",
    "--jobs=1",
    "--format=json",
    "seed/pipe",
    "--backend=pipe:std/pipe",
    "--backend=pipe:std/pipe~hang",
];

fn assert_orderly_end(interrupt: fn(&Harness)) {
    let scene = Scene::new();
    let log = scene.place("log.jsonl");
    let log_argument = format!("--log={}", log.display());
    let mut harness = scene.start(HANGING.into_iter().chain([log_argument.as_str()]));
    harness.wait_until_it_says(FINISHED);
    interrupt(&harness);
    let ended = harness.end();
    scene.assert_nothing_left();
    let code = i32::from(ExitCode::Interrupted.number());
    assert_eq!(ended.status.code(), Some(code), "{}", ended.stderr);
    let footer = ended.footer();
    assert!(footer.interrupted);
    let counted: usize = footer.counts.iter().map(|(_, count)| count).sum();
    assert_eq!(counted, 1, "the trial that hung has no verdict");
    let logged = File::open(log).expect("the log was written");
    json::read(BufReader::new(logged)).expect("a log with a footer");
}

fn sigterm_ends_a_run_with_a_complete_log() {
    assert_orderly_end(|harness| harness.signal(Signal::TERM));
}

fn ctrl_c_ends_a_run_with_a_complete_log() {
    assert_orderly_end(|harness| harness.signal_group(Signal::INT));
}

/// The harness doesn't wait for the stall limit.
fn ctrl_c_during_a_stall_ends_the_run_at_once() {
    let scene = Scene::new();
    let case = scene.slow_case("for-ever", "3600s");
    let mut harness = scene.start(["run", "--format=json", "--root", &case]);
    harness.wait_until_it_says(HEADER);
    harness.signal_group(Signal::INT);
    let ended = harness.end();
    assert_eq!(ended.status.code(), Some(130), "{}", ended.stderr);
    assert!(Duration::from_nanos(ended.footer().elapsed) < Duration::from_secs(30));
    scene.assert_nothing_left();
}

/// Starts a harness that waits for a reader of its log, and returns it after it has installed its handler,
/// unless it is slow.
fn waiting_for_a_reader(scene: &Scene) -> Harness {
    let log = scene.place("log");
    let mut make = std::process::Command::new("mkfifo");
    let made = make.arg(&log).status().expect("the system has mkfifo");
    assert!(made.success());
    let log = format!("--log={}", log.display());
    let backend = "--backend=pipe:std/pipe";
    let mut harness = scene.start(["run", "--format=json", "seed/pipe", backend, &log]);
    harness.let_live_for(Duration::from_secs(2));
    harness
}

/// A harness that hadn't installed its handler yet was killed by the signal.
#[track_caller]
fn assert_interrupted(harness: Harness, signal: Signal) {
    let ended = harness.end();
    let is_killed = ended.signal() == Some(signal.as_raw());
    let status = ended.status;
    assert!(is_killed || status.code() == Some(130), "{status}");
}

fn sigterm_ends_a_run_that_waits_for_a_reader() {
    let scene = Scene::new();
    let harness = waiting_for_a_reader(&scene);
    harness.signal(Signal::TERM);
    assert_interrupted(harness, Signal::TERM);
    scene.assert_nothing_left();
}

fn a_second_ctrl_c_ends_the_harness_at_once() {
    let scene = Scene::new();
    let harness = waiting_for_a_reader(&scene);
    harness.signal_group(Signal::INT);
    std::thread::sleep(Duration::from_millis(300));
    harness.signal_group(Signal::INT);
    let began = Instant::now();
    assert_interrupted(harness, Signal::INT);
    // Well before a run that doesn't end is ended after one signal.
    assert!(began.elapsed() < Duration::from_secs(15));
    scene.assert_nothing_left();
}

fn ctrl_c_at_any_moment_leaves_no_process_and_no_file() {
    let scene = Scene::new();
    let mut random = random();
    // These trials take only seconds. A background job of a shell ignores Ctrl-C until it installs a
    // handler, so a harness that receives Ctrl-C before that runs to its end.
    let several = ["run", "--jobs=2", "--format=json", "seed/", "queue/in-turn"];
    for _ in 0..10 {
        let mut harness = scene.start(several);
        harness.let_live_for(Duration::from_millis(200).mul_f64(random.f64()));
        harness.signal_group(Signal::INT);
        let ended = harness.end();
        scene.assert_nothing_left();
        match ended.status.code() {
            Some(130) => assert!(ended.footer().interrupted),
            Some(0) => assert!(!ended.footer().interrupted),
            // The harness didn't handle signals yet, and had started no trial.
            None if ended.stdout.is_empty() => {
                assert_eq!(ended.signal(), Some(Signal::INT.as_raw()));
            }
            _ => panic!("{}, {}", ended.status, ended.stderr),
        }
    }
}

fn a_process_that_exits_first_on_ctrl_c_breaks_no_clause() {
    let scene = Scene::new();
    let ended = wrong::end_on(&scene, "pipe:wrong/interrupted");
    assert_eq!(ended.status.code(), Some(130), "{}", ended.stderr);
    assert_eq!(ended.footer().counts, []);
    scene.assert_nothing_left();
}

fn a_panic_leaves_no_process_and_no_file() {
    let scene = Scene::new();
    let ended = scene.start_as(StandIn::Panicking, [""; 0]).end();
    assert_eq!(ended.status.code(), Some(101), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("a sink that panics"),
        "{}",
        ended.stderr
    );
    scene.assert_nothing_left();
}
