use std::io;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

use crate::os::supervisor::system::state;

/// How long a signal may be on its way to a process that isn't the caller's child.
const PATIENCE: Duration = Duration::from_secs(2);

/// Stops a process, and returns when it is stopped; false where it has exited before.
///
/// # Errors
/// Where it can't be stopped, or doesn't stop.
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

/// Has a stopped process go on; one that has exited does so no more.
pub fn go_on(pid: u32) {
    if let Some(process) = number(pid) {
        // The only error is that it has exited.
        let _ = kill_process(process, Signal::CONT);
    }
}

fn number(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw)
}

/// Takes nothing of what the system tells a parent: the exit is still to be waited for.
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

/// Only its parent is told, so others have to look.
fn other_is_stopped(pid: u32) -> io::Result<bool> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        match state(pid) {
            Some('T') => return Ok(true),
            Some('Z' | 'X') | None => return Ok(false),
            Some(_) => std::thread::yield_now(),
        }
    }
    let message = format!("process {pid} doesn't stop");
    Err(io::Error::new(io::ErrorKind::TimedOut, message))
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
    fn a_stopped_process_is_seen_stopped_and_goes_on() {
        let mut child = sleeper();
        let pid = child.id();
        assert!(stop(pid, true).unwrap());
        assert_eq!(state(pid), Some('T'));
        // As one that isn't a child is looked at.
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
    fn who_has_exited_cannot_be_stopped() {
        let mut child = sleeper();
        child.kill().unwrap();
        assert!(!stop(child.id(), true).unwrap());
        child.wait().unwrap();
        assert!(!stop(child.id(), false).unwrap());
    }
}
