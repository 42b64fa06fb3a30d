use std::fs::{self, File};
use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::Path;

use windows_sys::Win32::Foundation::{WAIT_ABANDONED, WAIT_OBJECT_0};
use windows_sys::Win32::System::Threading::{
    CreateMutexW, INFINITE, ReleaseMutex, WaitForSingleObject,
};
use xxhash_rust::xxh3::xxh3_64;

/// The part of the root's name that differs between users: nothing on Windows, where every user has
/// a folder of their own for temporary files.
pub(super) fn user() -> String {
    "user".to_owned()
}

/// Creates a folder, which is as private as the user's temporary files.
pub(super) fn make_own(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// Exclusive access to the folders of a root. Windows can't remove what is open, so a process that
/// reads the root would keep another from removing it, or would fail because of the removal.
#[derive(Debug)]
pub(super) struct Turn(OwnedHandle);

/// Waits for exclusive access to the folders of this root.
#[expect(
    unsafe_code,
    reason = "no safe crate has locks between processes without a file"
)]
pub(super) fn turn(root: &Path) -> io::Result<Turn> {
    let number = xxh3_64(root.as_os_str().as_encoded_bytes());
    let name = format!("Global\\ipc-conformance-{number:016x}\0");
    let name: Vec<u16> = name.encode_utf16().collect();
    // SAFETY: the name ends with a null. The call returns null or a handle that we own.
    let mutex = unsafe { CreateMutexW(std::ptr::null(), 0, name.as_ptr()) };
    if mutex.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle is new, and nothing else owns it.
    let mutex = unsafe { OwnedHandle::from_raw_handle(mutex) };
    // SAFETY: the handle is open.
    match unsafe { WaitForSingleObject(mutex.as_raw_handle(), INFINITE) } {
        // If a process died in its turn, its folder is swept like any dead process's.
        WAIT_OBJECT_0 | WAIT_ABANDONED => Ok(Turn(mutex)),
        _ => Err(io::Error::last_os_error()),
    }
}

impl Drop for Turn {
    #[expect(
        unsafe_code,
        reason = "no safe crate has locks between processes without a file"
    )]
    fn drop(&mut self) {
        // SAFETY: the handle is open, and this thread owns the mutex: a `Turn` isn't sent to
        // another thread.
        unsafe { ReleaseMutex(self.0.as_raw_handle()) };
    }
}

/// Closes the lock file: Windows removes a file's name only once every handle to it is closed. No
/// other process sweeps meanwhile, because the caller has a turn.
pub(super) fn let_go(lock: &mut Option<File>) {
    *lock = None;
}
