//! Keeps handles from leaking into processes that are started at the same time.
//!
//! Linux creates descriptors that close on exec in one step, and Windows creates handles that aren't
//! inheritable in one step. macOS needs two steps, and on any system a library may create inheritable
//! handles. So a lock protects them: starting a process holds it for reading, and code that has an
//! inheritable handle for a moment holds it for writing.

use std::collections::BTreeSet;
use std::sync::{
    Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
};

static LOCK: RwLock<()> = RwLock::new(());

/// Locks out inheritable handles. Held while a process starts.
pub(crate) fn starting() -> RwLockReadGuard<'static, ()> {
    LOCK.read().unwrap_or_else(PoisonError::into_inner)
}

/// Locks out starting processes, on every system. Held while a handle is inheritable: from its
/// creation until it is handed over or set to close on exec.
pub(crate) fn inheritable() -> RwLockWriteGuard<'static, ()> {
    LOCK.write().unwrap_or_else(PoisonError::into_inner)
}

/// Locks out starting processes while a handle is created that shouldn't be inheritable. Returns
/// `None` if the system does this in one step.
pub(crate) fn making() -> Option<RwLockWriteGuard<'static, ()>> {
    cfg!(target_os = "macos").then(inheritable)
}

/// The starts of processes that the harness hasn't heard from yet.
static UNBORN: Mutex<Unborn> = Mutex::new(Unborn {
    numbers: BTreeSet::new(),
    next: 0,
});
static BORN: Condvar = Condvar::new();

#[derive(Debug)]
struct Unborn {
    numbers: BTreeSet<u64>,
    /// Later starts have greater numbers.
    next: u64,
}

/// Processes that are being started. Until they execute their own program, they hold a copy of each
/// handle of the process that starts them. Drop this after each of them has sent something or has
/// exited.
///
/// The return of the starting call isn't enough: Linux lets the parent continue before it closes the
/// descriptors that close on exec.
#[derive(Debug)]
pub(crate) struct Births(u64);

impl Births {
    /// Call this before starting the first of them.
    pub(crate) fn begin() -> Births {
        let mut unborn = unborn();
        let number = unborn.next;
        unborn.next += 1;
        unborn.numbers.insert(number);
        Births(number)
    }
}

impl Drop for Births {
    fn drop(&mut self) {
        unborn().numbers.remove(&self.0);
        BORN.notify_all();
    }
}

/// Waits until none of the processes that are being started now holds copies of handles any more.
/// The caller must already have heard from the processes that it started itself.
pub(crate) fn settle() {
    let unborn = unborn();
    let now = unborn.next;
    let waits = |unborn: &mut Unborn| unborn.numbers.first().is_some_and(|first| *first < now);
    drop(BORN.wait_while(unborn, waits));
}

fn unborn() -> MutexGuard<'static, Unborn> {
    UNBORN.lock().unwrap_or_else(PoisonError::into_inner)
}
