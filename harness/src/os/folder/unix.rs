use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::Path;

use rustix::process::getuid;

/// What tells this user's folders from another's.
pub(super) fn user() -> String {
    getuid().as_raw().to_string()
}

/// What is removed is gone at once, whoever has it open: nobody takes turns.
#[derive(Debug)]
pub(super) struct Turn;

pub(super) fn turn(_root: &Path) -> io::Result<Turn> {
    Ok(Turn)
}

/// It stays locked until its name is gone, so that no sweep comes in between.
pub(super) fn let_go(_lock: &mut Option<File>) {}

/// Makes a folder that only this user can look into. Its name can be guessed, and anybody may
/// make a folder where temporary files are, so one that is there already must be this user's.
pub(super) fn make_own(folder: &Path) -> io::Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    match made {
        // It was there, and isn't any more or is no folder: the look at it tells which.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => made?,
    }
    let found = fs::symlink_metadata(folder)?;
    if found.is_dir() && found.uid() == getuid().as_raw() {
        return Ok(());
    }
    let what = format!("{} is somebody else's", folder.display());
    Err(io::Error::new(io::ErrorKind::PermissionDenied, what))
}
