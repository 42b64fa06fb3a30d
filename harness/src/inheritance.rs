//! Handles that a process started at the same moment would inherit.
//!
//! Linux makes descriptors that close on exec in one step, Windows handles that aren't inheritable.
//! macOS takes two steps, and a library's handles may be inheritable from birth anywhere. So every
//! start of a process reads a lock, and whoever has such a handle for a moment writes it.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

static LOCK: RwLock<()> = RwLock::new(());

/// Held while a process starts.
pub fn starting() -> RwLockReadGuard<'static, ()> {
    LOCK.read().unwrap_or_else(PoisonError::into_inner)
}

/// Held while a handle is inheritable, whatever the system: from its making until it is handed
/// over, or made to close on exec.
pub fn inheritable() -> RwLockWriteGuard<'static, ()> {
    LOCK.write().unwrap_or_else(PoisonError::into_inner)
}

/// Held while a handle is made that is meant not to be inheritable; none where the system does so
/// in one step.
pub fn making() -> Option<RwLockWriteGuard<'static, ()>> {
    cfg!(target_os = "macos").then(inheritable)
}

/// Returns once no process is left that was just being started. Until it executes its own program,
/// such a one has a copy of every handle that its starter had, and so holds ends that nobody gave
/// it.
pub fn settle() {
    drop(inheritable());
}
