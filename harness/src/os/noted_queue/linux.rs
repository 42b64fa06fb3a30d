#![expect(unsafe_code, reason = "no safe crate has these calls")]

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::ptr;

/// A queue's number in the system.
pub(crate) type QueueId = libc::c_int;

/// The extension of the files.
const NOTE: &str = "queue";

/// A queue that is written down.
#[derive(Debug)]
pub(crate) struct NotedQueue {
    pub(crate) id: QueueId,
    note: PathBuf,
}

impl NotedQueue {
    /// Makes a queue, for this user's processes, and writes it down in this folder.
    ///
    /// # Errors
    /// If the folder can't be written to, or the system has no more queues.
    pub(crate) fn make(folder: &Path) -> io::Result<NotedQueue> {
        loop {
            let key = fastrand::i32(1..);
            let note = folder.join(format!("{key:08x}.{NOTE}"));
            File::create_new(&note)?;
            match get(key, libc::IPC_CREAT | libc::IPC_EXCL | 0o600) {
                Ok(id) => return Ok(NotedQueue { id, note }),
                Err(error) => {
                    fs::remove_file(&note)?;
                    // It is another program's.
                    if error.kind() != ErrorKind::AlreadyExists {
                        return Err(error);
                    }
                }
            }
        }
    }

    /// Removes the queue. Calls that wait for it fail.
    ///
    /// # Errors
    /// If it is removed already.
    pub(crate) fn remove(self) -> io::Result<()> {
        let removed = remove(self.id);
        fs::remove_file(self.note)?;
        removed
    }
}

/// Removes the queues that are written down in this folder.
pub(crate) fn remove_all(folder: &Path) {
    for note in fs::read_dir(folder).into_iter().flatten().flatten() {
        let note = note.path();
        let key = note.file_stem().and_then(|stem| stem.to_str());
        let key = key.and_then(|key| i32::from_str_radix(key, 16).ok());
        if let Some(key) = key.filter(|key| *key > 0)
            && note.extension().is_some_and(|extension| extension == NOTE)
            && let Ok(id) = get(key, 0)
        {
            // Its own process may have removed it.
            let _ = remove(id);
        }
    }
}

/// Returns the queue with this key.
fn get(key: libc::key_t, flags: libc::c_int) -> io::Result<QueueId> {
    // SAFETY: integers only.
    let id = unsafe { libc::msgget(key, flags) };
    if id < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(id)
}

fn remove(id: QueueId) -> io::Result<()> {
    // SAFETY: this command takes no buffer.
    if unsafe { libc::msgctl(id, libc::IPC_RMID, ptr::null_mut()) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_whose_processes_were_killed_is_removed() {
        let folder = tempfile::TempDir::new().unwrap();
        let queue = NotedQueue::make(folder.path()).unwrap();
        remove_all(folder.path());
        assert!(
            remove(queue.id).is_err(),
            "the system reuses no number soon"
        );
    }

    #[test]
    fn a_removed_queue_is_not_written_down() {
        let folder = tempfile::TempDir::new().unwrap();
        NotedQueue::make(folder.path()).unwrap().remove().unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
