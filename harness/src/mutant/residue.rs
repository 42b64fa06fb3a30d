//! What a wrong backend leaves behind.

use std::fs;
use std::io;
use std::mem;
use std::path::Path;

use crate::backend::{Handle, Parcel};
use crate::os::spawn_lock;

/// In the parcel of a helper that never exits.
const ORPHANS: &[u8] = b"orphan";

/// Makes a file in the run's folder and leaves it there.
pub(super) fn leave_a_name(folder: &Path, channel: &str) -> io::Result<()> {
    fs::write(folder.join(channel), b"")
}

/// Opens two handles that stay open until the process exits.
pub(super) fn leak_handles() -> io::Result<()> {
    let _making = spawn_lock::making();
    mem::forget(io::pipe()?);
    Ok(())
}

/// Returns the parcel of a helper that never exits.
pub(super) fn orphans() -> Parcel {
    Parcel {
        data: ORPHANS.to_vec(),
        handles: Vec::new(),
    }
}

/// Returns whether this is the parcel of a helper that never exits.
pub(super) fn is_orphans(parcel: &Parcel) -> bool {
    parcel.data == ORPHANS
}

/// Makes these handles inheritable by every process that this one starts from now on.
#[cfg(unix)]
pub(super) fn make_inheritable(handles: &[Handle]) -> io::Result<()> {
    for handle in handles {
        rustix::io::fcntl_setfd(handle, rustix::io::FdFlags::empty())?;
    }
    Ok(())
}

/// Windows has no safe call for this, so the fault fits no backend there.
#[cfg(windows)]
pub(super) fn make_inheritable(_handles: &[Handle]) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
