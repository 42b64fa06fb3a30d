//! Handles that a process started at the same moment would inherit.
//!
//! Linux makes descriptors that close on exec in one step, Windows handles that aren't inheritable.
//! macOS takes two steps, and a library's handles may be inheritable from birth anywhere. So every
//! start of a process reads a lock, and whoever has such a handle for a moment writes it.

use std::collections::BTreeSet;
use std::sync::{
    Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
};

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

/// Processes that were started and aren't seen to live yet.
static UNBORN: Mutex<Unborn> = Mutex::new(Unborn {
    numbers: BTreeSet::new(),
    next: 0,
});
static BORN: Condvar = Condvar::new();

#[derive(Debug)]
struct Unborn {
    numbers: BTreeSet<u64>,
    /// Who begins later has a greater number.
    next: u64,
}

/// Processes that are being started: until they execute their own program, they have a copy of every
/// handle that their starter has. Dropped once each of them has been heard, or is gone.
///
/// That a start has returned isn't enough: Linux lets the starter go on before it closes what
/// closes on exec.
#[derive(Debug)]
pub struct Births(u64);

impl Births {
    /// To be called before the first of them is started.
    pub fn begin() -> Births {
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

/// Returns once no process is left that was just being started, and so holds ends that nobody gave
/// it. Whoever calls it must have heard those that he started himself.
pub fn settle() {
    let unborn = unborn();
    let now = unborn.next;
    let waits = |unborn: &mut Unborn| unborn.numbers.first().is_some_and(|first| *first < now);
    drop(BORN.wait_while(unborn, waits));
}

fn unborn() -> MutexGuard<'static, Unborn> {
    UNBORN.lock().unwrap_or_else(PoisonError::into_inner)
}
