//! Listens for interruptions, in the program of the command line.

use std::process;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use super::{NOTICED, REQUESTED, live};
use crate::event::ExitCode;

/// How long a run may take to end after an interruption.
const ENDING: Duration = Duration::from_secs(20);

/// Listens for interruptions from now on. The first one ends the run in order; the second one, or a run
/// that doesn't end, ends the process, and its guard cleans up. To be called once in a process.
///
/// # Errors
/// Another part of the process listens already.
pub(crate) fn listen() -> std::io::Result<()> {
    ctrlc::set_handler(|| {
        if REQUESTED.swap(true, Ordering::SeqCst) {
            exit();
        }
        NOTICED.notify_all();
        // A thread of its own, because a second interruption waits until this handler returns.
        if thread::Builder::new().spawn(end).is_err() {
            live().end();
        }
    })
    .map_err(std::io::Error::other)
}

/// Ends everything that runs. The runner sees the exits, and asks for the cause.
fn end() {
    live().end();
    thread::sleep(ENDING);
    // The harness waits for something that isn't a process, such as a reader of its output.
    exit();
}

fn exit() -> ! {
    process::exit(ExitCode::Interrupted.number().into());
}
