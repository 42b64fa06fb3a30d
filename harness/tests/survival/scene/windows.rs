use std::io::PipeWriter;
use std::os::windows::io::AsRawHandle;
use std::process::{Command, ExitStatus};

use windows_sys::Win32::Foundation::{HANDLE_FLAG_INHERIT, SetHandleInformation};

/// The variable that says where temporary files are.
pub(super) const TEMPORARY: &str = "TMP";

/// It does nothing special.
pub(super) fn as_a_shell_does(_command: &mut Command) {}

/// Has whoever is started from here on inherit this end, and their descendants.
#[expect(unsafe_code, reason = "no safe crate makes a handle inheritable")]
pub(super) fn have_inherited(end: &PipeWriter) {
    // SAFETY: the handle is open.
    let done = unsafe {
        SetHandleInformation(
            end.as_raw_handle(),
            HANDLE_FLAG_INHERIT,
            HANDLE_FLAG_INHERIT,
        )
    };
    assert_ne!(done, 0, "an open handle");
}

/// What [`std::process::Child::kill`] has a process exit with.
pub(super) fn is_killed(status: ExitStatus) -> bool {
    status.code() == Some(1)
}
