use std::io;
use std::os::windows::io::AsRawHandle;
use std::process::Child;
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::{WAIT_OBJECT_0, WAIT_TIMEOUT};
use windows_sys::Win32::System::Threading::{INFINITE, WaitForSingleObject};

/// Returns whether this child exits in this time.
#[expect(
    unsafe_code,
    reason = "no safe crate waits for a process with a time limit"
)]
pub(crate) fn child_exits_within(child: &Child, time: Duration) -> io::Result<bool> {
    let deadline = Instant::now().checked_add(time);
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        // A wait ends with a tick of the clock, which may be before its time.
        let milliseconds = left.map(|left| left.as_nanos().div_ceil(1_000_000));
        let milliseconds = milliseconds.and_then(|time| u32::try_from(time).ok());
        let milliseconds = milliseconds.unwrap_or(INFINITE);
        // SAFETY: the handle is the child's, which keeps it open during the call.
        match unsafe { WaitForSingleObject(child.as_raw_handle(), milliseconds) } {
            WAIT_OBJECT_0 => return Ok(true),
            WAIT_TIMEOUT if left.is_some_and(|left| left.is_zero()) => return Ok(false),
            WAIT_TIMEOUT => {}
            _ => return Err(io::Error::last_os_error()),
        }
    }
}
