use std::fs::{self, File};
use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::Path;

use windows_sys::Win32::Foundation::{WAIT_ABANDONED, WAIT_OBJECT_0};
use windows_sys::Win32::System::Threading::{
    CreateMutexW, INFINITE, ReleaseMutex, WaitForSingleObject,
};
use xxhash_rust::xxh3::xxh3_64;

/// What tells this user's folders from another's: here each has temporary files of their own.
pub(super) fn user() -> String {
    "user".to_owned()
}

/// Makes a folder; it is as private as the user's temporary files are.
pub(super) fn make_own(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// A turn at the folders of a root, which nobody else has meanwhile: what is open can't be removed
/// here, so whoever looked into the root would keep another from removing it, or fail by that.
#[derive(Debug)]
pub(super) struct Turn(OwnedHandle);

/// Waits for a turn at the folders of this root.
#[expect(
    unsafe_code,
    reason = "no safe crate has locks between processes without a file"
)]
pub(super) fn turn(root: &Path) -> io::Result<Turn> {
    let number = xxh3_64(root.as_os_str().as_encoded_bytes());
    let name = format!("Global\\ipc-conformance-{number:016x}\0");
    let name: Vec<u16> = name.encode_utf16().collect();
    // SAFETY: the name ends with a null; the result is null or a handle of ours.
    let mutex = unsafe { CreateMutexW(std::ptr::null(), 0, name.as_ptr()) };
    if mutex.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it was just made, and nobody else has it.
    let mutex = unsafe { OwnedHandle::from_raw_handle(mutex) };
    // SAFETY: the handle is open.
    match unsafe { WaitForSingleObject(mutex.as_raw_handle(), INFINITE) } {
        // Who died in its turn left a folder to sweep, as whoever dies does.
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
        // SAFETY: the handle is open, and this thread has the mutex: a handle is sent nowhere.
        unsafe { ReleaseMutex(self.0.as_raw_handle()) };
    }
}

/// A name is gone when nobody has the file open any more. In a turn no sweep comes in between.
pub(super) fn let_go(lock: &mut Option<File>) {
    *lock = None;
}
