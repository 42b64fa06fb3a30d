use rustix::process::{Resource, Rlimit, Signal, getpid, kill_process, setrlimit};

use crate::history::Exit;

pub(super) fn kill_oneself() -> ! {
    loop {
        // It can't fail, and whoever is killed doesn't return from it.
        let _ = kill_process(getpid(), Signal::KILL);
    }
}

/// An abort on purpose leaves no file in anybody's folder.
pub(super) fn leave_no_core() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    // Less is always allowed.
    let _ = setrlimit(Resource::Core, none);
}

#[expect(unsafe_code, reason = "no safe crate exits without running handlers")]
pub(super) fn exit_at_once(code: i32) -> ! {
    // SAFETY: it takes a number and doesn't return.
    unsafe { libc::_exit(code) }
}

/// Whether this is how a process ends that is killed.
pub(crate) fn is_kill(exit: Exit) -> bool {
    exit == Exit::Signal(Signal::KILL.as_raw())
}
