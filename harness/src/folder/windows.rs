use std::fs;
use std::io;
use std::path::Path;

/// What tells this user's folders from another's: here each has temporary files of their own.
pub(super) fn user() -> String {
    "user".to_owned()
}

/// Makes a folder; it is as private as the user's temporary files are.
pub(super) fn make_own(folder: &Path) -> io::Result<()> {
    match fs::create_dir_all(folder) {
        // It was there, and isn't any more.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && !folder.try_exists()? => {
            Err(io::ErrorKind::NotFound.into())
        }
        made => made,
    }
}
