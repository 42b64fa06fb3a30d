//! Ctrl-C, SIGTERM and the console events of Windows: everything that runs is killed, and no more
//! is started.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::history::Exit;
use crate::os::supervisor::{Group, is_interruption};

static REQUESTED: AtomicBool = AtomicBool::new(false);
static LIVE: Mutex<Vec<Group>> = Mutex::new(Vec::new());
static NOTICED: Condvar = Condvar::new();

/// How long after a process of ours an interruption may reach the thread that listens for it.
const NOTICING: Duration = Duration::from_secs(1);

/// Listens for interruptions from now on. A process does so once.
///
/// # Errors
/// Where another part of the process listens already.
pub fn listen() -> std::io::Result<()> {
    ctrlc::set_handler(|| {
        REQUESTED.store(true, Ordering::SeqCst);
        // The runner sees its processes go, and looks why.
        live().iter().for_each(Group::kill);
        NOTICED.notify_all();
    })
    .map_err(std::io::Error::other)
}

/// Whether an interruption was asked for.
pub fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// Whether an interruption was asked for, where an exit looks as if it was: a process is in our own
/// group for a moment when it is born, and what interrupts all of that may kill it before we hear of
/// it.
pub(super) fn is_behind(exits: impl IntoIterator<Item = Exit>) -> bool {
    if !exits.into_iter().any(is_interruption) {
        return false;
    }
    let waiting = NOTICED.wait_timeout_while(live(), NOTICING, |_| !requested());
    drop(waiting);
    requested()
}

pub(super) fn add(group: &Group) {
    live().push(group.clone());
    // The interruption may have come before the group was known.
    if requested() {
        group.kill();
    }
}

pub(super) fn forget(group: &Group) {
    live().retain(|live| live.number() != group.number());
}

fn live() -> MutexGuard<'static, Vec<Group>> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}
