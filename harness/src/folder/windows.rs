use std::fs;
use std::io;
use std::path::Path;

/// What tells this user's folders from another's: here each has temporary files of their own.
pub(super) fn user() -> String {
    "user".to_owned()
}

/// Makes a folder; it is as private as the user's temporary files are.
pub(super) fn make_own(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}
