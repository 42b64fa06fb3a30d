use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};

use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::System::Threading::{OpenProcess, PROCESS_SUSPEND_RESUME};

// SAFETY: both take a process's handle and return an NTSTATUS; the documented interface has neither.
#[expect(unsafe_code, reason = "no crate declares them")]
#[link(name = "ntdll")]
unsafe extern "system" {
    fn NtSuspendProcess(process: HANDLE) -> i32;
    fn NtResumeProcess(process: HANDLE) -> i32;
}

/// Suspends all threads of a process; false where it has exited before.
///
/// # Errors
/// Where the system refuses.
#[expect(unsafe_code, reason = "no safe crate suspends a process")]
pub fn stop(pid: u32, _is_child: bool) -> io::Result<bool> {
    let Some(process) = open(pid) else {
        return Ok(false);
    };
    // SAFETY: the handle is open and may suspend the process.
    match unsafe { NtSuspendProcess(process.as_raw_handle()) } {
        0.. => Ok(true),
        status => Err(io::Error::other(format!(
            "the system doesn't suspend process {pid}: {status:#x}"
        ))),
    }
}

/// Has a suspended process go on; one that has exited does so no more.
#[expect(unsafe_code, reason = "no safe crate resumes a process")]
pub fn go_on(pid: u32) {
    if let Some(process) = open(pid) {
        // SAFETY: the handle is open and may resume the process. The only error is that it exits.
        unsafe { NtResumeProcess(process.as_raw_handle()) };
    }
}

#[expect(unsafe_code, reason = "no safe crate opens a process by number")]
fn open(pid: u32) -> Option<OwnedHandle> {
    // SAFETY: takes numbers; the result is null or a handle of ours.
    let process = unsafe { OpenProcess(PROCESS_SUSPEND_RESUME, 0, pid) };
    // SAFETY: it was just opened, and nobody else has it.
    (!process.is_null()).then(|| unsafe { OwnedHandle::from_raw_handle(process) })
}
