use std::io;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

use crate::os::patience::{Patience, PatienceLeft};
use crate::os::supervisor::system::state;

/// How long it may take until a stop signal takes effect in a process that isn't the caller's child.
const PATIENCE: Duration = Duration::from_secs(2);

/// Stops a process, and waits until it is stopped. Returns `false` if it has already exited.
///
/// # Errors
/// If the process can't be stopped, or doesn't stop in time.
pub fn stop(pid: u32, is_child: bool) -> io::Result<bool> {
    let Some(process) = number(pid) else {
        return Ok(false);
    };
    match kill_process(process, Signal::STOP) {
        Ok(()) if is_child => child_is_stopped(process),
        Ok(()) => other_is_stopped(pid),
        Err(Errno::SRCH) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Resumes a stopped process. Does nothing if it has exited.
pub fn go_on(pid: u32) {
    if let Some(process) = number(pid) {
        // The only error is that it has exited.
        let _ = kill_process(process, Signal::CONT);
    }
}

fn number(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw)
}

/// Waits until a child is stopped or has exited. Doesn't reap it: the exit can still be waited for.
fn child_is_stopped(child: Pid) -> io::Result<bool> {
    let either = WaitIdOptions::STOPPED | WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    loop {
        match waitid(WaitId::Pid(child), either) {
            Ok(Some(status)) => return Ok(status.stopped()),
            Ok(None) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Polls the state of a process, since the system notifies only its parent.
fn other_is_stopped(pid: u32) -> io::Result<bool> {
    let mut patience = Patience::start(PATIENCE, [pid]);
    loop {
        match state(pid) {
            Some('T') => return Ok(true),
            Some('Z' | 'X') | None => return Ok(false),
            Some(_) => std::thread::yield_now(),
        }
        let is_due = Instant::now() >= patience.next_look();
        if is_due && patience.look([pid]) != PatienceLeft::Some {
            let message = format!("process {pid} didn't stop in time");
            return Err(io::Error::new(io::ErrorKind::TimedOut, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command, Stdio};

    use super::*;

    fn sleeper() -> Child {
        let mut command = Command::new("sleep");
        command.arg("60").stdin(Stdio::null());
        command.spawn().unwrap()
    }

    #[test]
    fn a_process_is_stopped_and_resumed() {
        let mut child = sleeper();
        let pid = child.id();
        assert!(stop(pid, true).unwrap());
        assert_eq!(state(pid), Some('T'));
        // The way for a process that isn't a child.
        assert!(stop(pid, false).unwrap());
        go_on(pid);
        assert_ne!(state(pid), Some('T'));
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn a_stopped_process_can_be_killed() {
        let mut child = sleeper();
        assert!(stop(child.id(), true).unwrap());
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn an_exited_process_cannot_be_stopped() {
        let mut child = sleeper();
        child.kill().unwrap();
        assert!(!stop(child.id(), true).unwrap());
        child.wait().unwrap();
        assert!(!stop(child.id(), false).unwrap());
    }
}
