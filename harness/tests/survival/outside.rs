//! What another program does to the processes of a run, at moments that only the system shows.

use std::fs;
use std::time::Duration;

use ipc_conformance::internals::{ExitCode, STALL, Verdict};
use rustix::process::{Pid, Signal, kill_process};

use super::scene::{HEADER, Harness, Scene, broken};

super::tests![
    processes_that_another_program_stops_break_no_promise,
    sigterm_ends_a_run_whose_history_is_being_judged,
];

/// How often a test looks at the processes of the system.
const LOOK: Duration = Duration::from_millis(5);

/// Returns the processes of the plan that the harness has started and that haven't exited.
fn peers(harness: &Harness) -> Vec<Pid> {
    let parent = format!("PPid:\t{}\n", harness.pid().as_raw_nonzero());
    let pids = fs::read_dir("/proc").expect("Linux has this folder");
    let pids = pids.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let is_peer = |pid: &i32| {
        let of = |what| fs::read(format!("/proc/{pid}/{what}")).unwrap_or_default();
        let has = |bytes: &[u8], text: &[u8]| bytes.windows(text.len()).any(|part| part == text);
        has(&of("status"), parent.as_bytes()) && has(&of("environ"), b"IPC_CONFORMANCE_ROLE=peer\0")
    };
    pids.filter(is_peer).filter_map(Pid::from_raw).collect()
}

/// Waits until this many processes of the plan are alive, and returns them.
#[track_caller]
fn wait_for_peers(harness: &mut Harness, count: usize) -> Vec<Pid> {
    loop {
        let peers = peers(harness);
        if peers.len() == count {
            return peers;
        }
        assert!(!harness.has_ended(), "the run had ended before");
        harness.let_live_for(LOOK);
    }
}

/// A laptop's lid, a debugger, a job control shell: all stop processes for longer than any limit.
fn processes_that_another_program_stops_break_no_promise() {
    let scene = Scene::new();
    let text = r#"
title   = "a message that takes a while"
why     = "Meanwhile another program stops the processes."
clauses = ["pipe.order.single-writer"]
[channels.p]
kind = "pipe"
[processes.sender]
steps = [{ send = { on = "p.tx", count = 2 } }, { idle = "2s" }, { send = { on = "p.tx", item = 2 } }]
[processes.receiver]
steps = [{ recv = { on = "p.rx", items = [0, 1, 2], wait = "10s" } }]
"#;
    let root = scene.case("slow", text);
    let mut harness = scene.start_on_pipe(&root);
    let peers = wait_for_peers(&mut harness, 2);
    let all = |signal| {
        for peer in &peers {
            kill_process(*peer, signal).expect("the process idles, or waits for the one that does");
        }
    };
    all(Signal::STOP);
    harness.let_live_for(2 * STALL);
    all(Signal::CONT);
    let ended = harness.end();
    let verdict = ended.report().verdict;
    // Without a golden of its own the case is no pass.
    assert_eq!(verdict, Verdict::Unknown, "{}", ended.stderr);
    assert_eq!(broken(&ended.report()), [""; 0]);
    scene.assert_nothing_left();
}

fn sigterm_ends_a_run_whose_history_is_being_judged() {
    let scene = Scene::new();
    let text = r#"
title   = "many items"
why     = "Judging them takes longer than a look at the processes."
clauses = ["queue.mpmc.exactly-once", "queue.order.fifo-per-producer"]
deadline = "600s"
[channels.q]
kind = "queue"
[processes.producer]
steps = [{ put = { on = "q", count = 100000 } }]
[processes.consumer]
steps = [{ get = { on = "q", count = 100000 } }]
"#;
    let root = scene.case("many", text);
    let backend = "--backend=queue:pipe-lock";
    let mut harness = scene.start(["run", backend, "--format=json", "--root", &root]);
    harness.wait_until_it_says(HEADER);
    wait_for_peers(&mut harness, 2);
    wait_for_peers(&mut harness, 0);
    harness.signal(Signal::TERM);
    let ended = harness.end();
    let code = i32::from(ExitCode::Interrupted.number());
    assert_eq!(ended.status.code(), Some(code), "{}", ended.stderr);
    assert_eq!(ended.footer().counts, [], "the trial has no verdict");
    scene.assert_nothing_left();
}
