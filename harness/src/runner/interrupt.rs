//! Ctrl-C, SIGTERM and the console events of Windows: the harness kills everything that runs, and
//! starts nothing more.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::history::Exit;
use crate::os::mark::Mark;
use crate::os::supervisor::{ProcessGroup, is_interruption};

#[cfg(feature = "cli")]
mod listening;

#[cfg(feature = "cli")]
pub(crate) use listening::listen;

static REQUESTED: AtomicBool = AtomicBool::new(false);
static LIVE: Mutex<Live> = Mutex::new(Live {
    marks: Vec::new(),
    groups: Vec::new(),
});
static NOTICED: Condvar = Condvar::new();

/// How much later than a process of a run the harness itself may notice an interruption.
const NOTICING: Duration = Duration::from_secs(1);

/// What an interruption ends.
struct Live {
    /// Those of sessions.
    marks: Vec<Mark>,
    groups: Vec<ProcessGroup>,
}

impl Live {
    fn end(&self) {
        self.marks
            .iter()
            .for_each(|mark| mark.end_all_but_helpers());
        self.groups.iter().for_each(ProcessGroup::kill);
    }
}

/// Returns whether the user has interrupted this process.
pub(crate) fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// Returns whether an interruption caused one of these exits. A new process is in the harness's own
/// group for a moment, so an interruption of that group may kill it before the harness notices: if
/// an exit looks like that, this waits for the interruption for a moment.
pub(super) fn caused(exits: impl IntoIterator<Item = Exit>) -> bool {
    if !exits.into_iter().any(is_interruption) {
        return false;
    }
    let waiting = NOTICED.wait_timeout_while(live(), NOTICING, |_| !requested());
    drop(waiting);
    requested()
}

/// An interruption ends the processes with the mark of this session from now on.
pub(super) fn add_session(mark: Mark) {
    live().marks.push(mark);
}

pub(super) fn forget_session(mark: Mark) {
    live().marks.retain(|live| *live != mark);
}

pub(super) fn add(group: &ProcessGroup) {
    live().groups.push(group.clone());
    // The interruption may have come before the group was added.
    if requested() {
        group.kill();
    }
}

pub(super) fn forget(group: &ProcessGroup) {
    live().groups.retain(|live| live.number() != group.number());
}

fn live() -> MutexGuard<'static, Live> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}
