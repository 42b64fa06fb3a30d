//! The first process of a namespace: starts harnesses, kills them, and counts what is left.

use std::io::{self, Write};
use std::process::{self, Child, Command, ExitCode, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitOptions, kill_process, wait};

use super::census::Census;
use super::deed::{Deed, Victim};
use crate::survival::scene::random;

/// A copy of the built program.
const PROGRAM: &str = "./ipc-conformance";

/// How long everything may take to be gone after a harness died.
const PATIENCE: Duration = Duration::from_secs(60);

/// Does this so many times. Returns success if nothing is left afterwards.
pub(super) fn run(deed: &Deed, times: u32) -> ExitCode {
    let before = Census::take();
    let mut random = random();
    let began = Instant::now();
    let code = wait_for_all(start(deed));
    assert!(matches!(code, Some(0 | 3)), "{code:?}");
    let whole = began.elapsed();
    if !is_as(&before, "a run that ended in order") {
        return ExitCode::FAILURE;
    }
    for _ in 0..times {
        let harness = start(deed);
        match deed.victim {
            Victim::Harness => {
                thread::sleep(whole.mul_f64(random.f64()));
                // Not reaped yet, so the number is still its own. It may have exited.
                let _ = kill_process(Pid::from_child(&harness), Signal::KILL);
            }
            Victim::Everything => {
                thread::sleep(whole.mul_f64(random.f64()));
                // The shell kills all but itself and the first process, which is this one.
                let mut shell = Command::new("sh");
                shell.args(["-c", "kill -KILL -1"]).stdin(Stdio::null());
                shell.status().expect("the system has a shell");
            }
        }
        wait_for_all(harness);
    }
    // The next start removes what only it can remove.
    let mut next = Command::new(PROGRAM);
    next.args(["run", "--exact", "process/exit-codes"]);
    next.arg("--backend=process:os/process");
    wait_for_all(deed.as_its_user(next));
    match is_as(&before, &format!("{times} kills")) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Returns whether there is the same as before, and prints what there is if not.
fn is_as(before: &Census, after: &str) -> bool {
    let now = Census::take();
    if now != *before {
        tell(&format!("before: {before:#?}\nafter {after}: {now:#?}"));
    }
    now == *before
}

/// Tells the test, which reads the output.
fn tell(what: &str) {
    writeln!(io::stdout(), "{what}").expect("the test reads");
}

fn start(deed: &Deed) -> Child {
    let mut command = Command::new(PROGRAM);
    command.args(deed.arguments());
    deed.as_its_user(command)
}

/// Waits until no other process is left. Processes whose parent dies become children of this one.
///
/// Returns the exit code of the harness.
fn wait_for_all(harness: Child) -> Option<i32> {
    let (all_gone, waits) = channel::<()>();
    let watchdog = thread::spawn(move || {
        if waits.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            tell(&format!("still alive: {:#?}", Census::take()));
            process::exit(1);
        }
    });
    let mut exit = None;
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid == Pid::from_child(&harness) => exit = Some(status),
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => break,
        }
    }
    drop::<Sender<()>>(all_gone);
    watchdog.join().expect("the watchdog doesn't panic");
    exit.and_then(|status| status.exit_status())
}
