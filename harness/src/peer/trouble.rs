//! What a peer does if it can't do its task.

use std::io::{self, Write};

use crate::os::shortage::Shortage;

/// The exit code of a peer that couldn't do its task.
pub(super) const TROUBLE: i32 = 70;

/// The exit code of a peer that couldn't do its task because the machine ran out of something.
pub(crate) const LACKS: i32 = 71;

/// Prints why this process can't do its task, and returns its exit code.
pub(super) fn trouble_of(error: &io::Error, why: &str) -> i32 {
    match Shortage::of_error(error) {
        None => {
            print_error(why);
            TROUBLE
        }
        Some(shortage) => {
            print_error(&shortage.sentence(why));
            LACKS
        }
    }
}

/// Prints a line to the standard error, which the harness captures and quotes.
pub(super) fn print_error(text: &str) {
    // If the standard error is closed, there is nowhere to report that.
    let _ = writeln!(io::stderr(), "{text}");
}
