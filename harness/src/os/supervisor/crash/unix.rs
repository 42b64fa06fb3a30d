use rustix::process::{Resource, Rlimit, Signal, getpid, kill_process, setrlimit};

use crate::history::Exit;

pub(super) fn kill_oneself() -> ! {
    loop {
        // The call can't fail, and it doesn't return in a killed process.
        let _ = kill_process(getpid(), Signal::KILL);
    }
}

/// Turns off core dumps, so that an abort on purpose writes no file.
pub(super) fn leave_no_core() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    // Lowering a limit is always allowed.
    let _ = setrlimit(Resource::Core, none);
}

#[expect(unsafe_code, reason = "no safe crate exits without running handlers")]
pub(super) fn exit_at_once(code: i32) -> ! {
    // SAFETY: the call takes a number and doesn't return.
    unsafe { libc::_exit(code) }
}

/// Whether this is the exit of a process that was asked to end and didn't handle that.
pub(crate) fn is_termination(exit: Exit) -> bool {
    exit == Exit::Signal(Signal::TERM.as_raw())
}

/// Whether this is the exit of a killed process.
pub(crate) fn is_kill(exit: Exit) -> bool {
    exit == Exit::Signal(Signal::KILL.as_raw())
}
