//! The file of a listener's name: made with the right mode, and removed by the listener that made it.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

/// The name of our listener. Dropping it removes the name, unless another listener has it now.
pub(super) struct BoundName {
    path: PathBuf,
    file: Option<FileId>,
}

/// The identity of a file, whatever its name is.
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
            // If this fails, the name stays, and the run's audit reports it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Makes a listener with this name. If there is a mode, the name has it before any client can connect.
pub(super) fn bind(path: &Path, mode: Option<u32>) -> io::Result<(UnixListener, BoundName)> {
    let listener = match mode {
        None => UnixListener::bind(path)?,
        Some(mode) => {
            // The listener gets its mode under a first name, which no client knows. Then a link makes the
            // real name; unlike a rename, it replaces nothing.
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
    fn a_listener_removes_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let bound = bind(&folder.path().join("e"), None).unwrap();
        assert_eq!(names(folder.path()), ["e"]);
        drop(bound);
        assert_eq!(names(folder.path()), [""; 0]);
    }

    #[test]
    fn a_name_of_another_listener_stays() {
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
    fn a_name_has_its_mode_at_once_and_replaces_no_other() {
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
