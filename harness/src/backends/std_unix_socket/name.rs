//! The file that a listener's name is: made with the right mode, and removed by whoever made it.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

/// A name that leads to our listener; dropping it removes the name, unless it is another's by now.
pub(super) struct BoundName {
    path: PathBuf,
    file: Option<FileId>,
}

/// Which file it is, whatever it is called.
#[derive(Clone, Copy, PartialEq, Eq)]
struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    fn at(path: &Path) -> Option<FileId> {
        let found = fs::symlink_metadata(path).ok()?;
        Some(FileId {
            device: found.dev(),
            inode: found.ino(),
        })
    }
}

impl Drop for BoundName {
    fn drop(&mut self) {
        if self.file.is_some() && FileId::at(&self.path) == self.file {
            // Where it can't be removed, it stays, and the run's audit tells.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// A listener with this name; where there is a mode, that is so before anybody can connect.
pub(super) fn bind(path: &Path, mode: Option<u32>) -> io::Result<(UnixListener, BoundName)> {
    let listener = match mode {
        None => UnixListener::bind(path)?,
        Some(mode) => {
            // Nobody knows its first name, by which it gets its mode. A link, unlike a new name,
            // replaces nothing.
            let first = path.with_extension(std::process::id().to_string());
            let listener = UnixListener::bind(&first)?;
            let linked = fs::set_permissions(&first, Permissions::from_mode(mode))
                .and_then(|()| fs::hard_link(&first, path));
            fs::remove_file(&first)?;
            linked?;
            listener
        }
    };
    let bound = BoundName {
        file: FileId::at(path),
        path: path.to_owned(),
    };
    Ok((listener, bound))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;
    use std::os::unix::net::UnixStream;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    #[test]
    fn a_name_goes_with_its_listener() {
        let folder = tempfile::tempdir().unwrap();
        let bound = bind(&folder.path().join("e"), None).unwrap();
        assert_eq!(names(folder.path()), ["e"]);
        drop(bound);
        assert_eq!(names(folder.path()), [""; 0]);
    }

    #[test]
    fn a_name_that_is_anothers_by_now_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("e");
        let first = bind(&path, None).unwrap();
        fs::remove_file(&path).unwrap();
        let second = bind(&path, None).unwrap();
        drop(first);
        assert_eq!(names(folder.path()), ["e"]);
        UnixStream::connect(&path).unwrap();
        drop(second);
        assert_eq!(names(folder.path()), [""; 0]);
    }

    #[test]
    fn a_mode_is_there_from_the_beginning_and_takes_no_name_from_anybody() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("e");
        let (_listener, _bound) = bind(&path, Some(0o600)).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let taken = bind(&path, Some(0o600)).map(drop).unwrap_err();
        assert_eq!(taken.kind(), ErrorKind::AlreadyExists);
        assert_eq!(names(folder.path()), ["e"]);
    }
}
