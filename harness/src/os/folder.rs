//! The folder of one harness process, and the removal of folders that dead processes left.
//!
//! Each harness process has a folder, and next to it a lock file that it keeps locked. If no process
//! holds the lock, the folder's process is dead, and the next harness to start removes the folder.
//! Removing the last folder also removes their common root.
//!
//! Names are random and never used again, so a process that is late to remove a folder can't remove
//! another one.

use std::env;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::os::mark::Mark;
use crate::os::noted_queue;
use crate::os::shortage::Shortage;

mod place;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

/// How many names for the common root are tried in one place.
const ROOTS: usize = 4;

/// This process's folder. Dropping it removes it.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// Locked until the folder is dropped.
    lock: Option<File>,
    mark: Mark,
}

impl Folder {
    /// Creates a folder among those of this user, and removes the folders of dead processes there.
    ///
    /// # Errors
    /// If the folder for temporary files can't be written to, or has too long a path and there is no
    /// other folder.
    pub(crate) fn create() -> io::Result<Folder> {
        let mut failure = None;
        for place in place::places() {
            for root in (0..ROOTS).map(|number| place::root_in(&place, number)) {
                match Folder::create_in(&root) {
                    Ok(folder) => return Ok(folder),
                    Err(error) => {
                        let what = format!("{}: {error}", root.display());
                        failure.get_or_insert(Shortage::explained(&error, what));
                        if error.kind() != io::ErrorKind::PermissionDenied {
                            break;
                        }
                        // Perhaps only this name is another user's.
                    }
                }
            }
        }
        Err(failure.unwrap_or_else(place::nowhere))
    }

    /// Returns the folder for temporary files of other programs, if they can't use the usual one
    /// because of its long path.
    pub(crate) fn temporary(&self) -> Option<&Path> {
        let place = root_of(&self.path).and_then(Path::parent)?;
        (place != env::temp_dir()).then_some(place)
    }

    /// Creates a folder in `root`, and removes the folders of dead processes there. `root` itself is
    /// removed together with the last folder in it.
    ///
    /// # Errors
    /// If `root` can't be written to, or belongs to another user.
    fn create_in(root: &Path) -> io::Result<Folder> {
        let _turn = system::turn(root)?;
        loop {
            let made = system::make_own(root).and_then(|()| sweep(root));
            match made.and_then(|()| claim(root)) {
                Ok(Some(folder)) => return Ok(folder),
                Ok(None) => {}
                // Another process has just removed the last folder, and the root with it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Makes a folder for the temporary files of a program, such as an adapter. Returns none if paths in
    /// it would be too long for names of sockets.
    ///
    /// # Errors
    /// If the folder can't be made.
    pub(crate) fn of_program(&self, number: u64) -> io::Result<Option<PathBuf>> {
        let path = self.path.join(format!("a{number}"));
        if !place::fits_programs(&path) {
            return Ok(None);
        }
        make(&path).map(|()| Some(path))
    }

    /// Returns the mark of the processes that use this folder.
    pub(crate) fn mark(&self) -> Mark {
        self.mark
    }

    /// The folder's path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Without a turn, another process may remove the folder at the same time; either succeeds.
        let _turn = root_of(&self.path).map(system::turn);
        system::let_go(&mut self.lock);
        clear(&self.path);
    }
}

/// Makes a folder, if it isn't there yet.
pub(crate) fn make(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

/// Removes a dead process's folder.
pub(super) fn remove(path: &Path) {
    let _turn = root_of(path).map(system::turn);
    clear(path);
}

/// Removes a folder that is the caller's or a dead process's. The lock file goes last, so that the
/// next start still finds a folder that can't be removed now.
fn clear(path: &Path) {
    for run in fs::read_dir(path).into_iter().flatten().flatten() {
        noted_queue::remove_all(&run.path());
    }
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return,
        _ => {}
    }
    // Another process may have removed it already.
    let _ = fs::remove_file(lock_of(path));
    if let Some(root) = root_of(path) {
        // This fails while there is anything in it.
        let _ = fs::remove_dir(root);
    }
}

fn sweep(root: &Path) -> io::Result<()> {
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        let file = entry.path();
        // To open a named pipe could take for ever.
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if !is_file || file.extension().is_none_or(|extension| extension != "lock") {
            continue;
        }
        let lock = match File::open(&file) {
            Ok(lock) => lock,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        match lock.try_lock() {
            Ok(()) => {
                if let Some(mark) = Mark::read(&lock) {
                    mark.end();
                }
                clear(&file.with_extension(""));
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(())
}

/// Creates a new folder with its lock. Returns `None` if another process removed the lock file
/// before it was locked, because it looked like a dead process's.
fn claim(root: &Path) -> io::Result<Option<Folder>> {
    let named = tempfile::Builder::new()
        .prefix("")
        .suffix(".lock")
        .tempfile_in(root)?;
    let (lock, file) = named.keep().map_err(|error| error.error)?;
    lock.lock()?;
    if !file.try_exists()? {
        return Ok(None);
    }
    let path = file.with_extension("");
    fs::create_dir(&path)?;
    let mark = Mark::of_session();
    // Without it, only the guard ends processes that outlive this one.
    let _ = mark.write(&lock);
    Ok(Some(Folder {
        path,
        lock: Some(lock),
        mark,
    }))
}

fn root_of(folder: &Path) -> Option<&Path> {
    folder.parent()
}

fn lock_of(folder: &Path) -> PathBuf {
    folder.with_extension("lock")
}

#[cfg(test)]
mod tests;
