//! The folder of one run of the harness, and what dead ones left.
//!
//! Each harness process has a folder, and beside it a file that it keeps locked. A folder whose
//! file nobody has locked belongs to a dead process, and the next start removes it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

/// This process's folder; removed when dropped.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    lock: File,
}

impl Folder {
    /// Makes a folder among those of this user, and removes what dead processes left there.
    ///
    /// # Errors
    /// Where the folder for temporary files can't be written to.
    pub fn create() -> io::Result<Folder> {
        Folder::create_in(&root())
    }

    /// The same in a folder of the caller's choice.
    ///
    /// # Errors
    /// Where it can't be written to.
    pub fn create_in(root: &Path) -> io::Result<Folder> {
        fs::create_dir_all(root)?;
        let _turn = turn(root)?;
        sweep(root)?;
        let path = unused(root)?;
        let lock = File::create_new(lock_of(&path))?;
        lock.lock()?;
        fs::create_dir(&path)?;
        Ok(Folder { path, lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What can't be removed now, the next start removes.
        let Some(_turn) = self.path.parent().and_then(|root| turn(root).ok()) else {
            return;
        };
        let _ = fs::remove_dir_all(&self.path);
        let _ = self.lock.unlock();
        let _ = fs::remove_file(lock_of(&self.path));
    }
}

/// Removes a folder whose owner is dead, without asking.
pub(crate) fn remove(path: &Path) {
    let _ = fs::remove_dir_all(path);
    let _ = fs::remove_file(lock_of(path));
}

/// Where the folders of this user's harness processes are.
pub fn root() -> PathBuf {
    std::env::temp_dir().join(format!("ipc-conformance-{}", system::user()))
}

/// Making and sweeping exclude each other: a lock file isn't locked yet when it is made.
fn turn(root: &Path) -> io::Result<File> {
    let turn = OpenOptions::new()
        .create(true)
        .append(true)
        .open(root.join("turn"))?;
    turn.lock()?;
    Ok(turn)
}

fn sweep(root: &Path) -> io::Result<()> {
    for entry in fs::read_dir(root)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "lock") {
            continue;
        }
        match File::open(&path).map(|file| file.try_lock().map(|()| file)) {
            Ok(Ok(lock)) => {
                drop(lock);
                remove(&path.with_extension(""));
            }
            Ok(Err(TryLockError::WouldBlock)) => {}
            Ok(Err(TryLockError::Error(error))) | Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    return Err(error);
                }
            }
        }
    }
    Ok(())
}

fn unused(root: &Path) -> io::Result<PathBuf> {
    let process = std::process::id();
    (0..u32::MAX)
        .map(|n| root.join(format!("{process}-{n}")))
        .find(|path| !path.exists() && !lock_of(path).exists())
        .ok_or_else(|| io::ErrorKind::AlreadyExists.into())
}

fn lock_of(folder: &Path) -> PathBuf {
    folder.with_extension("lock")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(root: &Path) -> Vec<String> {
        let mut names: Vec<_> = (fs::read_dir(root).unwrap())
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "turn")
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_folder_goes_with_its_owner() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::create_in(root.path()).unwrap();
        fs::write(folder.path().join("name"), "x").unwrap();
        drop(folder);
        assert_eq!(names(root.path()), [""; 0]);
    }

    #[test]
    fn what_a_dead_owner_left_is_swept_and_what_a_live_one_has_is_not() {
        let root = tempfile::tempdir().unwrap();
        let live = Folder::create_in(root.path()).unwrap();
        let dead = root.path().join("1-0");
        fs::create_dir(&dead).unwrap();
        fs::write(dead.join("name"), "x").unwrap();
        File::create_new(lock_of(&dead)).unwrap();
        let next = Folder::create_in(root.path()).unwrap();
        assert!(live.path().exists() && next.path().exists() && !dead.exists());
        assert_eq!(names(root.path()).len(), 4);
    }
}
