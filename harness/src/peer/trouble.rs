//! What a peer does if it can't do its task.

use std::io::Write;

/// The exit code of a peer that couldn't do its task.
pub(super) const TROUBLE: i32 = 70;

/// Prints a line to the standard error, which the harness captures and quotes.
pub(super) fn print_error(text: &str) {
    // If the standard error is closed, there is nowhere to report that.
    let _ = writeln!(std::io::stderr(), "{text}");
}
