//! The folder of one run of the harness, and what dead ones left.
//!
//! Each harness process has a folder, and beside it a file that it keeps locked. A folder whose
//! file nobody has locked belongs to a dead process, and the next start removes it. Their root
//! goes with the last of them.
//!
//! Names are random and never come again, so whoever is late to remove one removes nothing else.

use std::fs::{self, File, TryLockError};
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
    /// Locked for as long as this lives.
    lock: Option<File>,
}

impl Folder {
    /// Makes a folder among those of this user, and removes what dead processes left there.
    ///
    /// # Errors
    /// Where the folder for temporary files can't be written to.
    pub fn create() -> io::Result<Folder> {
        Folder::create_in(&root())
    }

    /// The same in a folder of the caller's choice, which goes with the last one in it.
    ///
    /// # Errors
    /// Where it can't be written to, or isn't this user's own.
    pub fn create_in(root: &Path) -> io::Result<Folder> {
        let _turn = system::turn(root)?;
        loop {
            let made = system::make_own(root).and_then(|()| sweep(root));
            match made.and_then(|()| claim(root)) {
                Ok(Some(folder)) => return Ok(folder),
                Ok(None) => {}
                // The last one in it went, at whatever moment, and took the root along.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Without a turn somebody else may be as quick: one of both removes it.
        let _turn = root_of(&self.path).map(system::turn);
        system::let_go(&mut self.lock);
        clear(&self.path);
    }
}

/// Where the folders of this user's harness processes are.
pub fn root() -> PathBuf {
    std::env::temp_dir().join(format!("ipc-conformance-{}", system::user()))
}

/// Removes a dead process's folder.
pub(crate) fn remove(path: &Path) {
    let _turn = root_of(path).map(system::turn);
    clear(path);
}

/// Removes a folder that is the caller's or a dead process's. Its file goes last: what can't be
/// removed now, the next start still finds.
fn clear(path: &Path) {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return,
        _ => {}
    }
    // Somebody else may have been as quick.
    let _ = fs::remove_file(lock_of(path));
    if let Some(root) = root_of(path) {
        // It stays as long as there is anything in it.
        let _ = fs::remove_dir(root);
    }
}

fn sweep(root: &Path) -> io::Result<()> {
    for entry in fs::read_dir(root)? {
        let file = entry?.path();
        if file.extension().is_none_or(|extension| extension != "lock") {
            continue;
        }
        let lock = match File::open(&file) {
            Ok(lock) => lock,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        match lock.try_lock() {
            Ok(()) => clear(&file.with_extension("")),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(())
}

/// A new folder; none where a sweep took its file for a dead one's, as it may until it is locked.
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
    Ok(Some(Folder {
        path,
        lock: Some(lock),
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
