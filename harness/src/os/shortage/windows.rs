use windows_sys::Win32::Foundation::{
    ERROR_COMMITMENT_LIMIT, ERROR_DISK_FULL, ERROR_DISK_QUOTA_EXCEEDED, ERROR_HANDLE_DISK_FULL,
    ERROR_NO_SYSTEM_RESOURCES, ERROR_NOT_ENOUGH_MEMORY, ERROR_OUTOFMEMORY,
    ERROR_TOO_MANY_OPEN_FILES,
};

use super::Shortage::{self, Descriptors, Disk, Memory, Quota};

pub(super) const CODES: &[(i32, Shortage)] = &[
    (ERROR_TOO_MANY_OPEN_FILES as i32, Descriptors),
    (ERROR_NOT_ENOUGH_MEMORY as i32, Memory),
    (ERROR_OUTOFMEMORY as i32, Memory),
    (ERROR_NO_SYSTEM_RESOURCES as i32, Memory),
    (ERROR_COMMITMENT_LIMIT as i32, Memory),
    (ERROR_DISK_FULL as i32, Disk),
    (ERROR_HANDLE_DISK_FULL as i32, Disk),
    (ERROR_DISK_QUOTA_EXCEEDED as i32, Quota),
];

/// Windows has a number of its own for each cause.
pub(super) const NO_PROCESS: Option<i32> = None;

/// Windows limits neither handles nor processes.
pub(super) fn runs_at_once() -> usize {
    usize::MAX
}
