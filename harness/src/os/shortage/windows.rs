use windows_sys::Win32::Foundation::{
    ERROR_COMMITMENT_LIMIT, ERROR_DISK_FULL, ERROR_DISK_QUOTA_EXCEEDED, ERROR_HANDLE_DISK_FULL,
    ERROR_NO_SYSTEM_RESOURCES, ERROR_NOT_ENOUGH_MEMORY, ERROR_OUTOFMEMORY,
    ERROR_TOO_MANY_OPEN_FILES,
};

pub(super) const DESCRIPTORS: &[i32] = &[ERROR_TOO_MANY_OPEN_FILES as i32];
pub(super) const DESCRIPTORS_OF_SYSTEM: &[i32] = &[];
pub(super) const MEMORY: &[i32] = &[
    ERROR_NOT_ENOUGH_MEMORY as i32,
    ERROR_OUTOFMEMORY as i32,
    ERROR_NO_SYSTEM_RESOURCES as i32,
    ERROR_COMMITMENT_LIMIT as i32,
];
pub(super) const DISK: &[i32] = &[ERROR_DISK_FULL as i32, ERROR_HANDLE_DISK_FULL as i32];
pub(super) const QUOTA: &[i32] = &[ERROR_DISK_QUOTA_EXCEEDED as i32];

/// Windows has a number of its own for each cause.
pub(super) const NO_PROCESS: Option<i32> = None;

/// Windows limits neither handles nor processes.
pub(super) fn runs_at_once() -> usize {
    usize::MAX
}
