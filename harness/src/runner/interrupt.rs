//! Ctrl-C, SIGTERM and the console events of Windows: everything that runs is killed, and no more
//! is started.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::supervisor::Group;

static REQUESTED: AtomicBool = AtomicBool::new(false);
static LIVE: Mutex<Vec<Group>> = Mutex::new(Vec::new());

/// Listens for interruptions from now on. A process does so once.
///
/// # Errors
/// Where another part of the process listens already.
pub fn listen() -> std::io::Result<()> {
    ctrlc::set_handler(|| {
        REQUESTED.store(true, Ordering::SeqCst);
        // The runner sees its processes go, and looks why.
        live().iter().for_each(Group::kill);
    })
    .map_err(std::io::Error::other)
}

/// Whether an interruption was asked for.
pub fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
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
