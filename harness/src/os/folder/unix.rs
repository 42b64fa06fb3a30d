use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::Path;

use rustix::process::getuid;

/// The part of the root's name that differs between users.
pub(super) fn user() -> String {
    getuid().as_raw().to_string()
}

/// Unix needs no turns: a removed file is gone at once, even if a process has it open.
#[derive(Debug)]
pub(super) struct Turn;

pub(super) fn turn(_root: &Path) -> io::Result<Turn> {
    Ok(Turn)
}

/// Keeps the lock until the file's name is gone, so that no sweep of another process sees the file
/// unlocked.
pub(super) fn let_go(_lock: &mut Option<File>) {}

/// Creates a folder that only this user can read. Its name can be guessed and any user can create
/// folders among temporary files, so an existing one must belong to this user.
pub(super) fn make_own(folder: &Path) -> io::Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    match made {
        // It exists but isn't a folder, or has just been removed: the metadata tells which.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => made?,
    }
    let found = fs::symlink_metadata(folder)?;
    if found.is_dir() && found.uid() == getuid().as_raw() {
        return Ok(());
    }
    let what = "it belongs to another user, or isn't a folder; set TMPDIR to another folder";
    Err(io::Error::new(io::ErrorKind::PermissionDenied, what))
}
