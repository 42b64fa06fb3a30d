use windows_sys::Win32::System::Threading::{GetCurrentProcess, TerminateProcess};

use crate::history::Exit;
use crate::os::supervisor::system::KILLED;

pub(super) fn kill_oneself() -> ! {
    terminate(KILLED)
}

/// Dumps are the system's business here, and written only where somebody asked for them.
pub(super) fn leave_no_core() {}

pub(super) fn exit_at_once(code: i32) -> ! {
    terminate(code.cast_unsigned())
}

#[expect(unsafe_code, reason = "no safe crate exits without running handlers")]
fn terminate(code: u32) -> ! {
    loop {
        // SAFETY: the handle stands for this process and needs no closing.
        unsafe { TerminateProcess(GetCurrentProcess(), code) };
    }
}

/// Whether this is how a process ends that is killed.
pub(crate) fn is_kill(exit: Exit) -> bool {
    exit == Exit::Code(KILLED.cast_signed())
}
