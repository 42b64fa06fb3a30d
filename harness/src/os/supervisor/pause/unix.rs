use std::io;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, waitid};

use super::StopProgress;
use crate::os::supervisor::Member;
use crate::os::supervisor::system::states;

/// Begins to stop a process. Returns `false` if there is no such process any more.
///
/// # Errors
/// If the system refuses.
pub fn begin(process: &Member) -> io::Result<bool> {
    process.receive(Signal::STOP)
}

/// Resumes a stopped process. Returns `false` if there is no such process any more.
///
/// # Errors
/// If the system refuses.
pub fn go_on(process: &Member) -> io::Result<bool> {
    process.receive(Signal::CONT)
}

/// Returns how far the stop of this process has come, after [`begin`]. Doesn't wait.
///
/// # Errors
/// If the system call fails.
pub fn progress(pid: u32, is_child: bool) -> io::Result<StopProgress> {
    match number(pid) {
        Some(child) if is_child => of_child(child),
        Some(_) => Ok(of_threads(&states(pid))),
        None => Ok(StopProgress::Gone),
    }
}

fn number(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw)
}

/// The system notifies the parent. Doesn't reap the child: its exit can still be waited for.
fn of_child(child: Pid) -> io::Result<StopProgress> {
    let options = WaitIdOptions::STOPPED
        | WaitIdOptions::EXITED
        | WaitIdOptions::NOWAIT
        | WaitIdOptions::NOHANG;
    match waitid(WaitId::Pid(child), options) {
        Ok(Some(status)) if status.stopped() => Ok(StopProgress::Stopped),
        Ok(Some(_)) => Ok(StopProgress::Gone),
        Ok(None) | Err(Errno::INTR) => Ok(StopProgress::UnderWay),
        Err(error) => Err(error.into()),
    }
}

/// The system notifies only the parent, so others look at the state of each thread.
fn of_threads(states: &[char]) -> StopProgress {
    let living = || states.iter().filter(|state| !matches!(state, 'Z' | 'X'));
    match living().next() {
        None => StopProgress::Gone,
        Some(_) if living().all(|state| *state == 'T') => StopProgress::Stopped,
        Some(_) => StopProgress::UnderWay,
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;
    use crate::os::supervisor::{Running, lead};
    use rstest::rstest;

    fn sleeper() -> Running {
        let mut command = Command::new("sleep");
        command.arg("60").stdin(Stdio::null());
        lead(command).unwrap()
    }

    fn member(sleeper: &Running) -> Member {
        Member::of(&sleeper.group, sleeper.pid()).unwrap()
    }

    fn stop(process: &Member, is_child: bool) -> StopProgress {
        if !begin(process).unwrap() {
            return StopProgress::Gone;
        }
        loop {
            match progress(process.pid(), is_child).unwrap() {
                StopProgress::UnderWay => std::thread::yield_now(),
                over => return over,
            }
        }
    }

    #[rstest]
    #[case::a_child(true)]
    #[case::a_process_that_is_not_a_child(false)]
    fn a_process_is_stopped_and_resumed(#[case] is_child: bool) {
        let mut child = sleeper();
        let process = member(&child);
        assert_eq!(stop(&process, is_child), StopProgress::Stopped);
        assert_eq!(states(process.pid()), ['T']);
        assert!(go_on(&process).unwrap());
        assert_ne!(states(process.pid()), ['T']);
        child.kill();
        child.reap().unwrap();
    }

    #[test]
    fn a_stopped_process_can_be_killed() {
        let mut child = sleeper();
        let process = member(&child);
        assert_eq!(stop(&process, true), StopProgress::Stopped);
        assert!(process.kill().unwrap());
        child.reap().unwrap();
    }

    #[test]
    fn an_exited_process_cannot_be_stopped() {
        let mut child = sleeper();
        let process = member(&child);
        child.kill();
        child.wait().unwrap();
        assert_eq!(stop(&process, true), StopProgress::Gone);
        assert!(Member::of(&child.group, process.pid()).is_none());
        child.reap().unwrap();
        assert_eq!(stop(&process, false), StopProgress::Gone);
        assert!(!go_on(&process).unwrap());
    }

    #[rstest]
    #[case::no_thread(&[], StopProgress::Gone)]
    #[case::not_reaped(&['Z'], StopProgress::Gone)]
    #[case::running(&['R'], StopProgress::UnderWay)]
    #[case::one_still_runs(&['T', 'R'], StopProgress::UnderWay)]
    #[case::all_stopped(&['T', 'T'], StopProgress::Stopped)]
    #[case::one_has_exited(&['T', 'Z'], StopProgress::Stopped)]
    fn a_process_is_stopped_when_its_last_thread_is(
        #[case] states: &[char],
        #[case] expected: StopProgress,
    ) {
        assert_eq!(of_threads(states), expected);
    }
}
