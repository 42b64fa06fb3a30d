//! What a wrong backend leaves behind, or leaves in wrong hands.

use std::fs;
use std::io;
use std::mem;
use std::path::Path;

use crate::backend::{Handle, Parcel};
use crate::os::inheritance;

/// In a helper's parcel: there is nothing to help with.
const ORPHANS: &[u8] = b"nobody waits for this one";

/// A file that nobody removes.
pub(super) fn leave_a_name(folder: &Path, channel: &str) -> io::Result<()> {
    fs::write(folder.join(channel), b"")
}

/// Two handles that nothing closes before the process is gone.
pub(super) fn leak_handles() -> io::Result<()> {
    let _making = inheritance::making();
    mem::forget(io::pipe()?);
    Ok(())
}

/// The parcel of a helper that never ends.
pub(super) fn orphans() -> Parcel {
    Parcel {
        data: ORPHANS.to_vec(),
        handles: Vec::new(),
    }
}

/// Whether a helper with this parcel is one that never ends.
pub(super) fn is_orphans(parcel: &Parcel) -> bool {
    parcel.data == ORPHANS
}

/// From now on whatever process this one starts has a copy of these.
#[cfg(unix)]
pub(super) fn make_inheritable(handles: &[Handle]) -> io::Result<()> {
    for handle in handles {
        rustix::io::fcntl_setfd(handle, rustix::io::FdFlags::empty())?;
    }
    Ok(())
}

/// Windows has no safe call for it, and the fault fits nothing there.
#[cfg(windows)]
pub(super) fn make_inheritable(_handles: &[Handle]) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
