use windows_sys::Win32::System::Threading::{GetCurrentProcess, TerminateProcess};

use crate::history::Exit;
use crate::os::supervisor::system::KILLED;

pub(super) fn kill_oneself() -> ! {
    terminate(KILLED)
}

/// Does nothing: Windows writes dumps only if it is configured to.
pub(super) fn leave_no_core() {}

pub(super) fn exit_at_once(code: i32) -> ! {
    terminate(code.cast_unsigned())
}

#[expect(unsafe_code, reason = "no safe crate exits without running handlers")]
fn terminate(code: u32) -> ! {
    loop {
        // SAFETY: the pseudo-handle stands for this process and needs no closing.
        unsafe { TerminateProcess(GetCurrentProcess(), code) };
    }
}

/// Whether this is the exit of a process that was asked to end: here it was killed.
pub(crate) fn is_termination(exit: Exit) -> bool {
    is_kill(exit)
}

/// Whether this is the exit of a killed process.
pub(crate) fn is_kill(exit: Exit) -> bool {
    exit == Exit::Code(KILLED.cast_signed())
}
