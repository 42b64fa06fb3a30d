use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};

use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::System::Threading::{OpenProcess, PROCESS_SUSPEND_RESUME};

use super::StopProgress;
use crate::os::supervisor::Member;

// SAFETY: both functions take a process handle and return an NTSTATUS. No documented function
// suspends a process.
#[expect(unsafe_code, reason = "no crate declares them")]
#[link(name = "ntdll")]
unsafe extern "system" {
    fn NtSuspendProcess(process: HANDLE) -> i32;
    fn NtResumeProcess(process: HANDLE) -> i32;
}

/// Suspends all threads of a process. Returns `false` if there is no such process any more.
///
/// # Errors
/// If the system refuses.
#[expect(unsafe_code, reason = "no safe crate suspends a process")]
pub fn begin(process: &Member) -> io::Result<bool> {
    let pid = process.pid();
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

/// Returns how far the stop of this process has come: [`begin`] returns only after it.
///
/// # Errors
/// Never: only other systems refuse.
pub fn progress(pid: u32, _is_child: bool) -> io::Result<StopProgress> {
    Ok(match open(pid) {
        Some(_) => StopProgress::Stopped,
        None => StopProgress::Gone,
    })
}

/// Resumes a suspended process. Returns `false` if there is no such process any more.
///
/// # Errors
/// Never: only other systems refuse.
#[expect(unsafe_code, reason = "no safe crate resumes a process")]
pub fn go_on(process: &Member) -> io::Result<bool> {
    let Some(process) = open(process.pid()) else {
        return Ok(false);
    };
    // SAFETY: the handle is open and may resume the process. The call fails only if the process
    // exits.
    Ok(unsafe { NtResumeProcess(process.as_raw_handle()) } >= 0)
}

#[expect(unsafe_code, reason = "no safe crate opens a process by number")]
fn open(pid: u32) -> Option<OwnedHandle> {
    // SAFETY: the call takes numbers, and returns null or a handle that we own.
    let process = unsafe { OpenProcess(PROCESS_SUSPEND_RESUME, 0, pid) };
    // SAFETY: the handle is new, and nothing else owns it.
    (!process.is_null()).then(|| unsafe { OwnedHandle::from_raw_handle(process) })
}
