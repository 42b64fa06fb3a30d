use std::io::PipeWriter;
use std::os::windows::io::AsRawHandle;
use std::process::{Command, ExitStatus};

use windows_sys::Win32::Foundation::{HANDLE_FLAG_INHERIT, SetHandleInformation};

/// The environment variable for the folder of temporary files.
pub(super) const TEMPORARY: &str = "TMP";

/// Does nothing on Windows.
pub(super) fn as_a_shell_does(_command: &mut Command) {}

/// Makes this end inheritable, so that later children and their descendants hold it.
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

/// Returns whether the exit code is that of [`std::process::Child::kill`].
pub(super) fn is_killed(status: ExitStatus) -> bool {
    status.code() == Some(1)
}
